"""The catalogues of sentences, brought up to date: `make catalogue`.

Sentences that nobody says any more go, new ones wait with an empty translation. docs/languages.md says how to go on.
"""

from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

from exchange.sentences import LANGUAGES, catalogue

ROOT = Path(__file__).resolve().parent.parent
# What marks a sentence, besides what gettext itself is called: `_now` where lazy and prompt ones stand side by side.
KEYWORDS = DEFAULT_KEYWORDS | {"lazy_gettext": None, "_now": None}
FOLDERS = {"exchange": [("**.py", "python")], "templates": [("**.html", "jinja2"), ("**.txt", "jinja2")]}
HEAD = """\
# {name}. docs/languages.md says how it is kept; `make catalogue` brings it up to date.
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plurals};\\n"

"""


def said() -> Catalog:
    """Every sentence of the code and the templates."""
    found = Catalog(fuzzy=False)
    for folder, methods in FOLDERS.items():
        rows = extract_from_dir(ROOT / folder, methods, {"**": {}}, KEYWORDS)
        for file, _line, sentence, _comments, context in sorted(rows, key=lambda row: row[:2]):
            found.add(sentence, locations=[(f"{folder}/{file}", 0)], context=context)
    return found


def kept(language: str) -> Catalog:
    """The catalogue of a language as it is on the disk."""
    with catalogue(language).open("rb") as file:
        return read_po(file, locale=language)


def updated(language: str) -> Catalog:
    """The same, with exactly the sentences that are said now."""
    found = kept(language)
    found.update(said(), no_fuzzy_matching=True)
    return found


def write(found: Catalog, language: str, *, into: Path | None = None) -> None:
    """Write a catalogue: one line for each sentence and no dates, so that two changes of it seldom meet."""
    head = HEAD.format(name=LANGUAGES[language], language=language, plurals=found.plural_forms.rstrip("; "))
    with (into or catalogue(language)).open("wb") as file:
        file.write(head.encode())
        write_po(file, found, width=0, omit_header=True, sort_by_file=True, ignore_obsolete=True, include_lineno=False)


def waiting(found: Catalog) -> Iterator[str]:
    """The sentences that have no translation yet, or none of one of their forms."""
    for message in found:
        forms = message.string if isinstance(message.string, (tuple, list)) else [message.string]
        if message.id and not all(forms):
            yield message.id if isinstance(message.id, str) else message.id[0]


def main() -> None:
    """Update every catalogue, and say what is left to do."""
    for language, name in LANGUAGES.items():
        if language == "en":
            continue
        found = updated(language)
        write(found, language)
        left = list(waiting(found))
        print(f"{catalogue(language)}: {len(found)} sentences, {len(left)} wait for their {name}.")  # noqa: T201
        for sentence in left:
            print(f"  {sentence}")  # noqa: T201


if __name__ == "__main__":
    main()
