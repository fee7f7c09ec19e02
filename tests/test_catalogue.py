"""Every sentence for people is said in every language as well as in English."""

import ast
import re
from functools import cache

import pytest
from babel.messages.catalog import Catalog

from exchange.sentences import LANGUAGES, said_in
from exchange.sentences import catalogue as catalogue_of
from tests import catalogue

TRANSLATED = sorted(LANGUAGES.keys() - {"en"})
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[a-z%]")
# The few that are the same in both languages: nothing but what others put in, and words that both have.
ALIKE = {"es": {"%(name)s, %(day)s", "%(name)s, %(firm)s", "%(count)s favor", "%(what)s:", "Favor", "no"}}
# What people would keep score with, and what shouts. In Spanish "debe" says "must" and "owes", so it says neither.
FORBIDDEN = {
    "es": re.compile(
        r"\b(deudas?|deudor\w*|acreedor\w*|adeud\w+|deb(?:o|es?|emos|en|er\w*|ía\w*|id[oa]s?)|créditos?|puntos|puntaje"
        r"|puntuaci\w+|karma)\b|[!¡]",
        re.IGNORECASE,
    )
}
DO_THIS = "Run `make catalogue` and write what it asks for: docs/languages.md."
pytestmark = pytest.mark.parametrize("language", TRANSLATED)


@cache
def kept(language: str) -> Catalog:
    return catalogue.kept(language)


def pairs(language: str) -> list[tuple[str, str]]:
    """Each form of each sentence, beside what stands for it."""
    found: list[tuple[str, str]] = []
    for message in kept(language):
        english = (message.id,) if isinstance(message.id, str) else tuple(message.id)
        other = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        if message.id:
            found += zip((*english, *english[-1:] * len(other)), other, strict=False)
    return [(english, other) for english, other in found if other]


def keys(sentences: Catalog) -> set[tuple[str | None, object]]:
    return {(message.context, message.id) for message in sentences if message.id}


def test_every_sentence_is_said_in_every_language(language):
    assert keys(catalogue.said()) - keys(kept(language)) == set(), f"New sentences. {DO_THIS}"
    assert keys(kept(language)) - keys(catalogue.said()) == set(), f"Nobody says these any more. {DO_THIS}"
    assert list(catalogue.waiting(kept(language))) == [], f"These wait for a translation. {DO_THIS}"
    assert [message.id for message in kept(language) if message.id and message.fuzzy] == []


def test_no_sentence_hides_behind_a_name_that_the_catalogue_does_not_know(language):
    for path in sorted((catalogue.ROOT / "exchange").rglob("*.py")):
        for found in ast.walk(ast.parse(path.read_text())):
            if isinstance(found, ast.ImportFrom) and found.module == "flask_babel":
                marks = {one.asname or one.name for one in found.names if one.name.endswith("gettext")}
                assert marks <= catalogue.KEYWORDS.keys() | {"_"}, f"{path}: add it to KEYWORDS in tests/catalogue.py"


def test_no_sentence_is_left_in_english(language):
    assert [said for said, other in pairs(language) if said == other and said not in ALIKE[language]] == []


def test_what_is_alike_is_still_said(language):
    assert ALIKE[language] <= {said for said, _other in pairs(language)}


def test_every_sentence_keeps_its_places_for_names_and_numbers(language):
    changed = [
        (said, other)
        for said, other in pairs(language)
        if set(PLACEHOLDER.findall(said)) != set(PLACEHOLDER.findall(other))
    ]
    assert changed == []


def test_it_never_speaks_of_what_people_would_keep_score_with(language):
    assert [other for _said, other in pairs(language) if FORBIDDEN[language].search(other)] == []


def test_a_sentence_ends_as_it_does_in_english(language):
    """A question stays one, and a label gets no full stop."""
    changed = [
        (said, other)
        for said, other in pairs(language)
        if (said[-1:] in ".?:," and said[-1] != other[-1]) or (other[-1] in ".?:," and said[-1] != other[-1])
    ]
    assert changed == []


def test_the_application_says_them(language):
    sentences = [(m.id, m.string) for m in kept(language) if isinstance(m.id, str) and m.id and m.context is None]

    assert len(sentences) > 1900
    assert all(said_in(language).gettext(said) == other for said, other in sentences if other)


def test_the_file_is_as_the_command_writes_it(language, tmp_path):
    catalogue.write(kept(language), language, into=tmp_path / "messages.po")

    assert (tmp_path / "messages.po").read_text() == catalogue_of(language).read_text(), "Run `make catalogue`."
