"""Letters to somebody who reads Spanish. Two are kept whole in letters/es/; WRITE_LETTERS=1 writes them anew."""

import os
from pathlib import Path

import pytest

from exchange.config import Settings
from exchange.mail.render import render
from tests.mail.reading import as_file, part, words, words_of_text
from tests.mail.samples import KINDS, ben, letter
from tests.test_catalogue import FORBIDDEN

LETTERS = Path(__file__).parent / "letters" / "es"
pytestmark = [pytest.mark.usefixtures("app"), pytest.mark.once]


@pytest.mark.parametrize("kind", ["agreed", "please_confirm"])
def test_the_whole_letter(kind: str, settings: Settings) -> None:
    message = render(letter(kind, person=ben(language="es")), settings=settings)

    for suffix, found in ((".txt", as_file(message)), (".html", part(message, "html"))):
        expected = LETTERS / f"{kind}{suffix}"
        if os.environ.get("WRITE_LETTERS"):
            expected.write_text(found)
        assert found == expected.read_text()


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"invitation"}))
def test_every_letter_is_in_spanish_and_says_the_same_in_both_parts(kind: str, settings: Settings) -> None:
    message = render(letter(kind, person=ben(language="es")), settings=settings)

    assert "Recibe esta carta porque" in " ".join(part(message, "plain").split())
    assert '<html lang="es"' in part(message, "html")
    assert words_of_text(message) == words(message)
    assert not FORBIDDEN["es"].search(" ".join(words(message)))


def test_an_invitation_speaks_the_language_of_who_invites(settings: Settings) -> None:
    message = render(letter("invitation", language="es"), settings=settings)

    assert message["Subject"] == "Olga Petrenko le invita a Harbor County Bar, Business Law"


def test_an_unknown_language_is_english(settings: Settings) -> None:
    message = render(letter("agreed", person=ben(language="tlh")), settings=settings)

    assert "You get this because" in part(message, "plain")
