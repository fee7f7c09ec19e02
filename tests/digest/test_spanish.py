"""The weekly letter in Spanish. One is kept whole in letters/es/; WRITE_LETTERS=1 writes it anew."""

import os
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from exchange.config import Settings
from exchange.digest.compose import compose
from exchange.digest.fragments import Fragments
from exchange.digest.write import letter
from tests.digest.whole import WHOLE
from tests.mail.reading import as_file, part
from tests.test_catalogue import FORBIDDEN

LETTERS = Path(__file__).parent / "letters" / "es"
STOP = "http://exchange.example/letters/stop/EV5yjM3bXcZbq5fS2mM8l3UcYkYdWkZlq3cJ0k1Q6wU.1.digest.20261012.a1b2c3"
pytestmark = [pytest.mark.usefixtures("app"), pytest.mark.once]


def written(name: str, settings: Settings, language: str, fragments: Fragments | None = None) -> EmailMessage:
    reader, weeks = WHOLE[name]()
    digest = compose(replace(reader, language=language), weeks)
    assert digest is not None
    data = letter(digest, settings=settings, stop=STOP, fragments=fragments or Fragments()).as_bytes()
    return message_from_bytes(data, policy=default)


def test_the_whole_letter(settings: Settings) -> None:
    message = written("full", settings, "es")

    for suffix, found in ((".txt", as_file(message)), (".html", part(message, "html"))):
        expected = LETTERS / f"full{suffix}"
        if os.environ.get("WRITE_LETTERS"):
            expected.write_text(found)
        assert found == expected.read_text()


@pytest.mark.parametrize("name", WHOLE)
def test_every_letter_says_in_spanish_why_it_comes(name: str, settings: Settings) -> None:
    said = " ".join(part(written(name, settings, "es"), "plain").split())

    assert "Recibe esta carta" in said
    assert not {"Need", "Offer", "Closes", "Waiting"} & set(said.replace(",", " ").split())
    assert not FORBIDDEN["es"].search(said)


@pytest.mark.parametrize("name", WHOLE)
def test_pieces_that_were_written_for_one_language_never_stand_in_another(name: str, settings: Settings) -> None:
    shared = Fragments()
    letters = [written(name, settings, language, shared).as_bytes() for language in ("en", "es", "en", "es")]

    assert letters[:2] == letters[2:]
    assert letters[0] == written(name, settings, "en").as_bytes()
    assert letters[1] == written(name, settings, "es").as_bytes()
