"""What members write is text in a letter, and nothing else."""

from html import unescape
from typing import Any

import pytest
from bs4 import BeautifulSoup

from exchange.config import Settings
from exchange.mail.render import render
from tests.mail.reading import part, words
from tests.mail.samples import bar, ben, letter

SEVEN_TIMES_SEVEN = "{{ 7*7 }} {% raw %} %(name)s 100%"

pytestmark = pytest.mark.usefixtures("app")


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        ("answer", {"text": SEVEN_TIMES_SEVEN}),
        ("answer", {"title": SEVEN_TIMES_SEVEN}),
        ("answer", {"name": SEVEN_TIMES_SEVEN}),
        ("agreed", {"contact": SEVEN_TIMES_SEVEN}),
        ("confirmed", {"thanks": SEVEN_TIMES_SEVEN}),
        ("cancelled", {"why": SEVEN_TIMES_SEVEN}),
        ("did_it_happen", {"other": SEVEN_TIMES_SEVEN}),
        ("dropped_out", {"why": SEVEN_TIMES_SEVEN}),
        ("offered", {"title": SEVEN_TIMES_SEVEN}),
        ("settled", {"why": SEVEN_TIMES_SEVEN}),
        ("tie_declared", {"name": SEVEN_TIMES_SEVEN}),
        ("answer", {"group": bar(name=SEVEN_TIMES_SEVEN)}),
    ],
)
def test_what_a_member_wrote_stands_there_literally(kind: str, facts: dict[str, Any], settings: Settings) -> None:
    message = render(letter(kind, **facts), settings=settings)

    assert SEVEN_TIMES_SEVEN in " ".join(part(message, "plain").split())
    assert SEVEN_TIMES_SEVEN in " ".join(words(message))


def test_markup_of_a_member_is_text(settings: Settings) -> None:
    evil = '</p><a href="https://evil.example">Look & choose</a><style>*{display:none}</style>'
    message = render(letter("answer", text=evil, title=evil, name=evil), settings=settings)

    assert "".join(evil.split()) in "".join(words(message))
    assert "evil.example" not in str(BeautifulSoup(part(message, "html"), "html.parser").select("[href], style"))
    assert unescape(part(message, "html")).count("<style>*{display:none}") >= 3


def test_markup_of_a_member_is_text_among_several_too(settings: Settings) -> None:
    evil = '</p></div><a href="https://evil.example">{{ 7*7 }} & more</a>'
    message = render(letter("answer", text=evil, title=evil), letter("dropped_out", name=evil), settings=settings)

    assert "".join(evil.split()) in "".join(words(message))
    assert "evil.example" not in str(BeautifulSoup(part(message, "html"), "html.parser").select("[href]"))


def test_a_members_text_cannot_pass_for_ours(settings: Settings) -> None:
    said = "Gladly.\nLook and choose:\nhttps://evil.example/\u2028https://evil.example/2"
    message = render(letter("answer", text=said), settings=settings)

    lines = part(message, "plain").splitlines()
    assert [line for line in lines if line.lstrip().startswith("http") and not line.startswith("  ")] == [
        "http://exchange.example/g/bar/posts/345",
        "http://exchange.example/g/bar/me/letters",
        "http://exchange.example/privacy",
    ]


def test_what_looks_like_a_moment_stays_what_a_member_wrote(settings: Settings) -> None:
    message = render(letter("answer", title="2026-10-17T22:00:00+00:00"), settings=settings)

    assert "2026-10-17T22:00:00+00:00" in part(message, "plain")


def test_names_of_two_directions_are_kept_apart(settings: Settings) -> None:
    message = render(letter("answer", name="نور الحسيني", person=ben(name="בן")), settings=settings)

    assert "<bdi>نور الحسيني</bdi> can help" in part(message, "html")
    assert message["Subject"].startswith("نور الحسيني can help: ")
    assert message["To"].addresses[0].display_name == "בן"


def test_no_fact_reaches_another_header(settings: Settings) -> None:
    name = "Ada\r\nBcc: sam@med.example\r\n\r\nHello"
    facts = {"name": name, "title": name, "group": bar(name=name), "person": ben(name=name)}
    message = render(letter("answer", **facts), settings=settings)

    assert "Bcc" not in message
    assert b"\nBcc:" not in message.as_bytes()
