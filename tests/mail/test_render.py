"""The whole letter of each kind is kept in letters/ and compared. WRITE_LETTERS=1 writes them anew."""

import os
import re
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from jinja2 import UndefinedError

from exchange.config import Settings
from exchange.mail import KINDS as ALL_KINDS
from exchange.mail import MUST
from exchange.mail.receipts import KINDS as KINDS_WITH_RECEIPT
from exchange.mail.render import render
from tests.mail.reading import as_file, part, receipts, words, words_of, words_of_text
from tests.mail.samples import KINDS, OF_SIGN_IN, bar, ben, letter, several
from tests.mail.variants import VARIANTS

LETTERS = Path(__file__).parent / "letters"
WITH_RECEIPT = KINDS_WITH_RECEIPT | {"several"}
FORBIDDEN = re.compile(r"\b(debts?|owes?|owed|credits?|points?)\b|!", re.IGNORECASE)
pytestmark = pytest.mark.usefixtures("app")


def written(kind: str, settings: Settings) -> EmailMessage:
    return render(*(several() if kind == "several" else [letter(kind)]), settings=settings)


@pytest.mark.parametrize("kind", [*KINDS, "several"])
def test_the_whole_letter(kind: str, settings: Settings) -> None:
    message = written(kind, settings)

    for suffix, found in ((".txt", as_file(message)), (".html", part(message, "html"))):
        expected = LETTERS / f"{kind}{suffix}"
        if os.environ.get("WRITE_LETTERS"):
            expected.write_text(found)
        assert found == expected.read_text()


@pytest.mark.parametrize("kind", [*KINDS, "several"])
def test_both_parts_say_the_same(kind: str, settings: Settings) -> None:
    message = written(kind, settings)

    assert words_of_text(message) == words(message)


@pytest.mark.parametrize(("kind", "facts", "sentence"), VARIANTS)
def test_what_a_letter_says_follows_its_facts(
    kind: str, facts: dict[str, Any], sentence: str, settings: Settings
) -> None:
    message = render(letter(kind, **facts), settings=settings)

    assert sentence in words_of(message)
    assert words_of_text(message) == words(message)
    assert not FORBIDDEN.search(words_of(message))
    assert "“”" not in words_of(message)


@pytest.mark.parametrize("kind", [*KINDS, "several"])
def test_the_house_rules_of_a_letter(kind: str, settings: Settings) -> None:
    message = written(kind, settings)
    page = BeautifulSoup(part(message, "html"), "html.parser")
    links = [str(link["href"]) for link in page.select("a")]

    body = next(message.iter_parts()) if message.get_content_type() == "multipart/mixed" else message
    assert [each.get_content_type() for each in body.iter_parts()] == ["text/plain", "text/html"]
    assert (body is not message) is bool(receipts(message)) is (kind in WITH_RECEIPT)
    assert max(map(len, message.as_bytes().split(b"\r\n"))) <= 78
    assert not page.select("img, script, link, iframe, form, [src]")
    assert len(page.select("h1")) == 1
    assert len(page.select("a.press")) == (3 if kind == "several" else 1)
    assert all(link.startswith(settings.base_url + "/") for link in links)
    assert kind == "several" or len(links) == len(set(links))
    assert "You get this because" in part(message, "plain")
    assert not FORBIDDEN.search(as_file(message).partition("\n\n")[2])
    assert ("List-Id" in message) is (kind not in OF_SIGN_IN)
    assert (f"{settings.base_url}/g/bar/me/letters" in links) is (kind not in MUST)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_letter_gives_the_same_headers_and_words_again(kind: str, settings: Settings) -> None:
    assert as_file(written(kind, settings)) == as_file(written(kind, settings))


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

    assert {folder.name for folder in folders if folder.is_dir()} == set(KINDS) | {"several", "digest"}
    assert set(ALL_KINDS) == set(KINDS)
