"""Favors, which are most of a big log: those that lack the same openings are checked together, in columns."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from exchange.log.verify.columns import FROM, TO, Columns, shared
from exchange.log.verify.kinds import FAVOR_FIELDS
from exchange.log.verify.leaves import FIRST_DIGEST, WITHHELD, FavorParts, are_digests, withheld_fields
from exchange.log.verify.stretch import Stretch

WIDTH = len(FAVOR_FIELDS)
EVERY_PLACE = tuple(range(WIDTH))
NONE_AT_ALL = (b"",) * WIDTH


class Favor(NamedTuple):
    """A favor's index, the parts of its leaf, and its openings in the order of FAVOR_FIELDS, empty where missing."""

    index: int  # type: ignore[assignment]  # hides a method of tuples, which nobody calls here
    part: FavorParts
    openings: tuple[bytes, ...]


class Favors:
    """Checks favors together and notes in a stretch what they say."""

    def __init__(self, found: Stretch) -> None:
        self.found = found
        self._columns: Columns = shared()

    def check(self, whole: Sequence[Favor], others: Sequence[Favor]) -> Iterator[Favor]:
        """Check favors whose openings are all here, and others. Gives back those that have to be looked at alone."""
        digested = [digest for favor in whole for digest in favor.part[FIRST_DIGEST:WITHHELD]]
        disclosures = [opening for favor in whole for opening in favor.openings]
        yield from self._together(whole, EVERY_PLACE, digested, disclosures)
        groups: dict[tuple[bool, ...], list[Favor]] = {}
        for favor in others:
            groups.setdefault(tuple(map(bool, favor.openings)), []).append(favor)
        for pattern, favors in groups.items():
            places = tuple(place for place in EVERY_PLACE if pattern[place])
            digested = [favor.part[FIRST_DIGEST + place] for favor in favors for place in places]
            disclosures = [favor.openings[place] for favor in favors for place in places]
            if are_digests(b"".join(digest for favor in favors for digest in favor.part[FIRST_DIGEST:WITHHELD])):
                yield from self._together(favors, places, digested, disclosures)
            else:
                yield from favors

    def _together(
        self, favors: Sequence[Favor], places: tuple[int, ...], digested: list[bytes], disclosures: list[bytes]
    ) -> Sequence[Favor]:
        """Check favors that have the openings of the same fields; all of them come back where one is wrong."""
        told = self._columns.read(places, digested, disclosures)
        if told is None:
            return favors
        found = self.found
        for place, sides in ((FROM, found.givers), (TO, found.receivers)):
            if place in told:
                for favor, member in zip(favors, told[place], strict=True):
                    sides[favor[0] - found.first] = member
        found.tally["here"] += len(disclosures)
        lacking = [FAVOR_FIELDS[place] for place in EVERY_PLACE if place not in told]
        for index, part, _ in favors:
            if part[WITHHELD]:
                withheld = withheld_fields(part)
                gone = withheld.intersection(lacking)
                found.tally["withheld"] += len(gone)
                found.opened += [(index, name) for name in withheld - gone]
                found.missing += [(index, name) for name in lacking if name not in withheld]
            elif lacking:
                found.missing += [(index, name) for name in lacking]
        return ()
