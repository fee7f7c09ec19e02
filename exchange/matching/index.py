"""The same matching over texts that many members are held against: their words are read once."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache

from exchange.matching.words import PHRASES, Match, stems


class Index:
    """Texts by key, found by their telling words. Finds what `matches` finds, in the same order."""

    def __init__(self, texts: Mapping[int, str]) -> None:
        self._order = {key: place for place, key in enumerate(texts)}
        self._by_stem: defaultdict[str, set[int]] = defaultdict(set)
        for key, text in texts.items():
            for stem in stems(text):
                self._by_stem[stem].add(key)

    def matches(self, said: str) -> list[Match]:
        """The texts that a member's own words fit, the best first; ties keep the order given."""
        strength: Counter[int] = Counter()
        first: dict[int, str] = {}
        for phrase, keys in self._fitting(said):
            for key in keys:
                strength[key] += 1
                first.setdefault(key, phrase)
        found = [Match(key, count, first[key]) for key, count in strength.items()]
        return sorted(found, key=lambda match: (-match.strength, self._order[match.key]))

    def phrases(self, said: str) -> dict[int, str]:
        """By key, the first of a member's own phrases that a text fits; in no order."""
        first: dict[int, str] = {}
        for phrase, keys in self._fitting(said):
            first = dict.fromkeys(keys, phrase) | first
        return first

    def _fitting(self, said: str) -> Iterator[tuple[str, set[int]]]:
        """Each phrase with the texts that it fits."""
        for phrase in PHRASES.split(said):
            if needed := telling(phrase):
                yield phrase.strip(), set.intersection(*(self._by_stem.get(stem, set()) for stem in needed))


@lru_cache(maxsize=10_000)
def telling(phrase: str) -> frozenset[str]:
    """The telling words of a phrase; many members use the same ones."""
    return frozenset(stems(phrase))
