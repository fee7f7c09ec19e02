"""Words as they are searched: without case, accents and endings, in letters that every database takes for one word.

What is searched is a row of such words, each with a letter in front that says where it stands: `w` anywhere, others as
the tables in `exchange.storage.search` say. What somebody types becomes the same words, so that no sign of theirs ever
reaches a search engine.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from threading import local

from Stemmer import Stemmer

WORD = re.compile(r"[^\W_]+")
LONGEST = 40
# Letters that stay when accents are taken off, and that people write without them.
ALIKE = str.maketrans({"ø": "o", "đ": "d", "ð": "d", "ł": "l", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"})
# Too frequent to find anything by, unless somebody asks for nothing else.
EMPTY = frozenset(
    [
        "a",
        "about",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "but",
        "by",
        "can",
        "do",
        "for",
        "from",
        "has",
        "have",
        "help",
        "i",
        "in",
        "is",
        "it",
        "me",
        "my",
        "need",
        "of",
        "on",
        "or",
        "our",
        "somebody",
        "someone",
        "that",
        "the",
        "this",
        "to",
        "us",
        "we",
        "who",
        "with",
        "you",
        "your",
        "al",
        "con",
        "de",
        "del",
        "el",
        "en",
        "es",
        "la",
        "las",
        "lo",
        "los",
        "me",
        "mi",
        "para",
        "pero",
        "por",
        "que",
        "se",
        "sin",
        "su",
        "te",
        "tu",
        "un",
        "una",
        "y",
    ]
)
MOST_TYPED = 200
MOST_WORDS = 8
_own = local()


def bare(text: str) -> list[str]:
    """The words of a text in their order, without case and accents."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return [word[:LONGEST] for word in WORD.findall(plain.translate(ALIKE))]


@lru_cache(maxsize=50_000)
def stems(word: str) -> tuple[str, ...]:
    """A bare word without its English and without its Spanish ending: one where both are the same."""
    if not hasattr(_own, "stemmers"):  # a stemmer belongs to one thread
        _own.stemmers = Stemmer("english"), Stemmer("spanish")
    english, spanish = _own.stemmers
    # The accent that Spanish endings such as -ción are known by.
    accented = f"{word[:-3]}ión" if word.endswith("ion") else word
    found = english.stemWord(word), "".join(bare(spanish.stemWord(accented)))
    return tuple(sorted({coded(stem) for stem in found if stem}))


def stems_of(word: str) -> tuple[str, ...]:
    """What may stand for a bare word, wherever it stands."""
    return tuple(f"w{stem}" for stem in stems(word))


def all_of(text: str) -> set[str]:
    """The stems of all words of a text."""
    return {stem for word in bare(text) for stem in stems(word)}


def coded(word: str) -> str:
    """A word in letters and digits of ASCII, the same prefix for the same beginning."""
    return word if word.isascii() else "".join(c if c.isascii() else f"z{ord(c):x}z" for c in word)


def row(**texts: str) -> str:
    """What is searched of a thing: under each letter the stems of a text, and under `w` all of them."""
    found = {mark + stem for mark, text in texts.items() for word in bare(text) for stem in stems(word)}
    return joined(found | {f"w{word[1:]}" for word in found})


def in_order(name: str) -> str:
    """A name as it is put in order: digits stand before letters, so that the shorter of two names comes first."""
    return "0".join(coded(word) for word in bare(name))


def category(slug: str) -> str:
    """A category as posts and entries carry it, whatever it is called."""
    return "k" + "".join(c for c in slug.casefold() if c.isascii() and c.isalnum())


def joined(words: Iterable[str]) -> str:
    """Words as a row of them is kept."""
    return " ".join(sorted(words))


def asked(text: str) -> list[str]:
    """The bare words that somebody looks for, each once; of very long texts only the beginning is read."""
    words = list(dict.fromkeys(bare(text[:MOST_TYPED])))
    return ([word for word in words if word not in EMPTY] or words)[:MOST_WORDS]
