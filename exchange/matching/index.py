"""The same matching over texts that many members are held against: their words are read once."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache

from exchange.matching.words import PHRASES, Match, stems

MOST = 2_000


class Index:
    """Texts by key, found by their telling words. Finds what `matches` finds, in the same order."""

    def __init__(self, texts: Mapping[int, str]) -> None:
        self._order = {key: place for place, key in enumerate(texts)}
        self._by_stem: defaultdict[str, set[int]] = defaultdict(set)
        for key, text in texts.items():
            for stem in stems(text):
                self._by_stem[stem].add(key)
        self._by_phrase: dict[str, frozenset[int]] = {}

    def matches(self, said: str) -> list[Match]:
        """The texts that a member's own words fit, the best first; ties keep the order given."""
        strength: Counter[int] = Counter()
        first: dict[int, str] = {}
        for phrase, keys in self.fitting(said):
            for key in keys:
                strength[key] += 1
                first.setdefault(key, phrase)
        found = [Match(key, count, first[key]) for key, count in strength.items()]
        return sorted(found, key=lambda match: (-match.strength, self._order[match.key]))

    def phrases(self, said: str) -> dict[int, str]:
        """By key, the first of a member's own phrases that a text fits; in no order."""
        first: dict[int, str] = {}
        for phrase, keys in self.fitting(said):
            first = dict.fromkeys(keys, phrase) | first
        return first

    def fitting(self, said: str) -> Iterator[tuple[str, frozenset[int]]]:
        """Each of a member's own phrases, in their order, with the texts that it fits."""
        for phrase in split(said):
            if keys := self._keys(phrase):
                yield phrase.strip(), keys

    def _keys(self, phrase: str) -> frozenset[int]:
        """Many members use the same phrases."""
        found = self._by_phrase.get(phrase)
        if found is None:
            if len(self._by_phrase) >= MOST:
                self._by_phrase.clear()
            needed = telling(phrase)
            texts = [self._by_stem.get(stem, set()) for stem in needed]
            found = self._by_phrase[phrase] = frozenset(set.intersection(*texts) if texts else ())
        return found


@lru_cache(maxsize=500)
def split(said: str) -> tuple[str, ...]:
    """The phrases of what a member said."""
    return tuple(PHRASES.split(said))


@lru_cache(maxsize=10_000)
def telling(phrase: str) -> frozenset[str]:
    """The telling words of a phrase; many members use the same ones."""
    return frozenset(stems(phrase))
