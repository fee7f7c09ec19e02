"""The whole letter of each kind is kept in letters/ and compared. WRITE_LETTERS=1 writes them anew."""

import os
import re
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from jinja2 import UndefinedError

from exchange.config import Settings
from exchange.mail.render import render
from tests.mail.reading import as_file, part, words, words_of
from tests.mail.samples import KINDS, OF_SIGN_IN, bar, ben, letter

LETTERS = Path(__file__).parent / "letters"
FORBIDDEN = re.compile(r"\b(debts?|owes?|owed|credits?|points?)\b|!", re.IGNORECASE)
VARIANTS: list[tuple[str, dict[str, Any]]] = [
    *(("agreed", {"posted": posted, "gives": gives}) for posted in (True, False) for gives in (True, False)),
    ("agreed", {"posted": True, "contact": "", "event_at": None}),
    ("answer", {"need": False, "text": "", "group": bar(invented=True)}),
    ("declined", {"withdrawn": True}),
    ("declined", {"need": True}),
    ("confirmed", {"thanks": "", "counts": False}),
    ("cancelled", {"why": ""}),
]

pytestmark = pytest.mark.usefixtures("app")


@pytest.mark.parametrize("kind", KINDS)
def test_the_whole_letter(kind: str, settings: Settings) -> None:
    message = render(letter(kind), settings=settings)

    for suffix, found in ((".txt", as_file(message)), (".html", part(message, "html"))):
        expected = LETTERS / f"{kind}{suffix}"
        if os.environ.get("WRITE_LETTERS"):
            expected.write_text(found)
        assert found == expected.read_text()


@pytest.mark.parametrize(("kind", "facts"), [*((kind, {}) for kind in KINDS), *VARIANTS])
def test_both_parts_say_the_same(kind: str, facts: dict[str, Any], settings: Settings) -> None:
    message = render(letter(kind, **facts), settings=settings)

    text = re.sub(r":\nhttp\S+", "", part(message, "plain"))
    assert text.split() == words(message)


@pytest.mark.parametrize("kind", KINDS)
def test_the_house_rules_of_a_letter(kind: str, settings: Settings) -> None:
    message = render(letter(kind), settings=settings)
    page = BeautifulSoup(part(message, "html"), "html.parser")

    assert [each.get_content_type() for each in message.iter_parts()] == ["text/plain", "text/html"]
    assert max(map(len, message.as_bytes().split(b"\r\n"))) <= 78
    assert not page.select("img, script, link, iframe, form, [src]")
    assert len(page.select("h1")) == len(page.select("a.press")) == len(page.select("a")) == 1
    assert page.a is not None
    assert str(page.a["href"]).startswith(settings.base_url + "/")
    assert "You get this because" in part(message, "plain")
    assert not FORBIDDEN.search(as_file(message).partition("\n\n")[2])
    assert ("List-Id" in message) is (kind not in OF_SIGN_IN)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_letter_gives_the_same_headers_and_words_again(kind: str, settings: Settings) -> None:
    assert as_file(render(letter(kind), settings=settings)) == as_file(render(letter(kind), settings=settings))


def test_two_letters_with_one_number_have_two_message_ids(settings: Settings) -> None:
    one, two = letter("reset"), letter("reset")
    two.once = "reset:2"

    assert render(one, settings=settings)["Message-ID"] != render(two, settings=settings)["Message-ID"]


def test_moments_stand_in_the_readers_zone(settings: Settings) -> None:
    in_auckland = render(letter("answer", person=ben(zone="Pacific/Auckland")), settings=settings)
    nowhere = render(letter("answer", person=ben(zone="Nowhere/Else"), group=bar(zone="")), settings=settings)

    assert "Answers close on Sunday, 18 October, 11:00." in words_of(in_auckland)
    assert "Answers close on Saturday, 17 October, 22:00." in words_of(nowhere)


def test_another_year_is_named(settings: Settings) -> None:
    message = render(letter("answer", closes_at="2027-01-02T12:00:00+00:00"), settings=settings)

    assert "Saturday, 2 January 2027, 07:00" in words_of(message)


def test_who_has_no_account_reads_the_groups_time_with_its_zone(settings: Settings) -> None:
    assert "Thursday, 29 October, 08:00 EDT" in words_of(render(letter("invitation"), settings=settings))


@pytest.mark.parametrize("language", ["", "xx", "not a language"])
def test_an_unknown_language_is_english(language: str, settings: Settings) -> None:
    assert "can help" in words_of(render(letter("answer", person=ben(language=language)), settings=settings))


def test_a_language_written_from_right_to_left_turns_the_page(settings: Settings) -> None:
    assert '<html lang="ar" dir="rtl"' in part(
        render(letter("reset", person=ben(language="ar")), settings=settings), "html"
    )


def test_a_contact_line_that_is_not_chosen_is_said_to_be_so(settings: Settings) -> None:
    message = render(letter("agreed", contact=""), settings=settings)

    assert "Ada Farouk has not chosen yet how to be reached." in words_of(message)


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"posted": True, "gives": True}, "It goes to Ada Farouk."),
        ({"posted": True, "gives": False}, "Ada Farouk helps you with it."),
        ({"posted": False, "gives": True}, "Your answer was taken: you help Ada Farouk."),
        ({"posted": False, "gives": False}, "Your answer was taken: this goes from Ada Farouk to you."),
    ],
)
def test_each_side_reads_its_own_part(facts: dict[str, bool], sentence: str, settings: Settings) -> None:
    assert sentence in words_of(render(letter("agreed", event_at=None, **facts), settings=settings))


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"withdrawn": True}, "Ada Farouk has withdrawn it"),
        ({"need": True}, "Ada Farouk has found help"),
        ({}, "This time it went to somebody else"),
    ],
)
def test_who_asked_in_vain_reads_why(facts: dict[str, bool], sentence: str, settings: Settings) -> None:
    assert sentence in words_of(render(letter("declined", **facts), settings=settings))


def test_an_answer_without_words_and_a_neutral_favor(settings: Settings) -> None:
    assert "“”" not in words_of(render(letter("answer", text=""), settings=settings))
    assert "counted for nobody" in words_of(render(letter("confirmed", thanks="", counts=False), settings=settings))


def test_an_invented_group_says_so_last(settings: Settings) -> None:
    message = render(letter("answer", group=bar(invented=True)), settings=settings)

    sentence = "An example: every person, firm and favor in this letter is invented."
    assert part(message, "plain").rstrip().endswith(sentence)
    assert words_of(message).endswith(sentence)


def test_a_missing_fact_is_an_error_and_no_gap(settings: Settings) -> None:
    incomplete = letter("answer")
    incomplete.facts = {"name": "Ada"}

    with pytest.raises(UndefinedError):
        render(incomplete, settings=settings)


def test_every_kind_has_its_folder_and_every_folder_its_test(app: Flask) -> None:
    assert app.template_folder
    folders = (Path(app.root_path) / app.template_folder / "mail").iterdir()

    assert {folder.name for folder in folders if folder.is_dir()} == set(KINDS)
