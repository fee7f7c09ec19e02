"""Matching what members say of themselves with what posts say, by the words that they share.

Pure functions over texts. A phrase is what stands between commas; it matches when all of its telling words,
cut to a common stem, stand in the post. The phrase itself is the reason that is shown.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

PHRASES = re.compile(r"[,;.\n]| and ")
WORDS = re.compile(r"\w+")
# Words that say nothing about a subject.
EMPTY = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "for",
        "in",
        "on",
        "at",
        "to",
        "with",
        "and",
        "or",
        "from",
        "by",
        "into",
        "over",
        "my",
        "your",
        "our",
        "their",
        "some",
        "any",
        "all",
        "about",
        "as",
        "is",
        "are",
        "be",
        "i",
        "me",
        "we",
        "you",
        "it",
        "that",
        "this",
        "who",
        "what",
        "how",
        "when",
        "half",
        "hour",
        "meet",
        "ask",
        "people",
        "somebody",
        "someone",
        "new",
        "good",
        "first",
        "second",
        "out",
        "up",
        "off",
        "back",
        "again",
        "before",
        "after",
        "next",
        "last",
        "more",
        "most",
        "than",
        "then",
        "there",
        "here",
    ]
)
SHORTEST = 4


@dataclass(frozen=True)
class Match:
    """A post's key, how many phrases fit, and the first that does, as the member wrote it."""

    key: int
    strength: int
    phrase: str


def matches(said: str, texts: dict[int, str]) -> list[Match]:
    """The texts, by key, that a member's own words fit, the best first; ties keep the order given."""
    phrases = [(phrase.strip(), stems(phrase)) for phrase in PHRASES.split(said)]
    found = []
    for key, text in texts.items():
        there = _told(text)
        fitting = [phrase for phrase, needed in phrases if needed and needed <= there]
        if fitting:
            found.append(Match(key, len(fitting), fitting[0]))
    return sorted(found, key=lambda match: -match.strength)


@lru_cache(maxsize=2_000)
def _told(text: str) -> frozenset[str]:
    """The telling words of a text that is held against many members, one after the other."""
    return frozenset(stems(text))


def stems(text: str) -> set[str]:
    """The telling words of a text, without accents and case, cut to where endings no longer differ."""
    bare = text.casefold()
    if not bare.isascii():
        bare = "".join(c for c in unicodedata.normalize("NFKD", bare) if not unicodedata.combining(c))
    return {_stem(word) for word in WORDS.findall(bare) if word not in EMPTY and len(word) >= SHORTEST}


@lru_cache(maxsize=10_000)
def _stem(word: str) -> str:
    for ending in ("ations", "ation", "ings", "ing", "ators", "ator", "ers", "er", "ies", "es", "s", "y", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST:
            return word[: -len(ending)]
    return word
