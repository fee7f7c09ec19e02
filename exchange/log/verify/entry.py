"""Checking one entry by itself: its leaf, and its openings one by one."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from exchange.log.verify.kinds import FAVOR_FIELDS, KINDS, Shape
from exchange.log.verify.leaves import (
    DIGESTS,
    FIRST_DIGEST,
    OTHER,
    BadLeaf,
    FavorParts,
    are_digests,
    parsed,
    withheld_fields,
)
from exchange.log.verify.openings import BadOpening, digests, value_of
from exchange.log.verify.stretch import NOBODY, Stretch

_NOT_OURS = "The server never writes that, so somebody wrote it by other means; ask the organisers."


class Entries:
    """Checks entries one by one and notes in a stretch what they say."""

    def __init__(self, found: Stretch) -> None:
        self.found = found

    def check(self, index: int, part: FavorParts, named: dict[str, bytes]) -> None:
        """An entry in the parts that `leaves.in_parts` gives, and its openings by field."""
        if part[FIRST_DIGEST]:
            self._favor(index, part[DIGESTS], named, withheld_fields(part))
            return
        try:
            leaf = parsed(part[OTHER])
        except BadLeaf as error:
            self.leaf_is_wrong(index, str(error))
            return
        self.found.others[index] = leaf
        digested = {name: digest.encode() for name, digest in leaf.digests.items()}
        shapes = KINDS[leaf.kind].fields
        self.found.told[index] = self._openings(index, digested, named, leaf.withheld, shapes)

    def _favor(self, index: int, digested: Sequence[bytes], named: dict[str, bytes], withheld: frozenset[str]) -> None:
        found = self.found
        if not are_digests(b"".join(digested)):
            self.leaf_is_wrong(index, "has a field that is no digest")
        by_field = dict(zip(FAVOR_FIELDS, digested, strict=True))
        told = self._openings(index, by_field, named, withheld, KINDS["favor"].fields)
        giver, receiver = (int(told[name][1:]) if name in told else NOBODY for name in ("from", "to"))
        found.givers[index - found.first], found.receivers[index - found.first] = giver, receiver
        if giver == receiver != NOBODY:
            sentence = (
                f"Entry {index} says that m{giver} helped m{giver}: nobody can be both sides of a favor, and the "
                "server never writes that. Somebody wrote this entry by other means; ask the organisers."
            )
            found.findings.add(index, sentence)

    def _openings(
        self,
        index: int,
        digested: Mapping[str, bytes],
        named: dict[str, bytes],
        withheld: frozenset[str],
        shapes: Mapping[str, Shape],
    ) -> dict[str, Any]:
        """What the openings of one entry tell; notes what is missing, and what is wrong."""
        found, told = self.found, {}
        for name, digest in digested.items():
            opening = named.pop(name, None)
            if opening is None:
                if name in withheld:
                    found.tally["withheld"] += 1
                else:
                    found.missing.append((index, name))
                continue
            found.tally["here"] += 1
            if name in withheld:
                found.opened.append((index, name))
            if digests([opening])[:-1] != digest:
                self._not_its_opening(index, name)
                continue
            try:
                value = value_of(opening, name)
                if not shapes[name].fits(value):
                    raise BadOpening(f"tells no {shapes[name].words.removeprefix('a ')}")
            except BadOpening as error:
                found.findings.add(index, f"The opening “{name}” of entry {index} {error}. {_NOT_OURS}")
                continue
            told[name] = value
        if named:
            self.unknown(index, named)
        return told

    def unknown(self, index: int, named: Iterable[str]) -> None:
        """Openings, by field, that the entry does not have."""
        for name in named:
            self._not_its_opening(index, name[:40])

    def _not_its_opening(self, index: int, name: str) -> None:
        sentence = (
            f"Entry {index} does not contain its opening “{name}”: what it tells was exchanged after the entry was "
            "written. Do not believe it, and ask whoever made the export; the parties' receipts hold the right one."
        )
        self.found.findings.add(index, sentence)

    def leaf_is_wrong(self, index: int, what: str) -> None:
        """A leaf that no honest server writes; `what` is the end of the sentence."""
        self.found.findings.add(index, f"Entry {index} {what}. {_NOT_OURS}")
