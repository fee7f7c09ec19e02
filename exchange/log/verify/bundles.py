"""Checking the bundles of one stretch: hashes, tiles, and the favors in columns; the rest entry by entry."""

from array import array
from collections.abc import Iterable, Sequence
from hashlib import sha256
from itertools import chain, count

from exchange.log.tiles import WIDTH, TileAt
from exchange.log.tree import root
from exchange.log.verify.entry import Entries
from exchange.log.verify.favors import NONE_AT_ALL, Favor, Favors
from exchange.log.verify.folder import Folder, Unreadable
from exchange.log.verify.leaves import (
    COUNTS,
    DAY,
    FIRST_DIGEST,
    WITHHELD,
    FavorParts,
    in_parts,
    is_day,
)
from exchange.log.verify.openings import BadLines, Openings
from exchange.log.verify.stretch import COUNTED, FAVOR, HIDDEN, NOBODY, Stretch


def checked(folder: Folder, size: int, bundles: range, offsets: tuple[int, int], cuts: Sequence[int]) -> Stretch:
    """Check the bundles of a log of that size whose openings stand between two offsets of the file.

    `cuts` are older sizes at which the root is wanted; each belongs to the bundle in which it ends.

    Raises:
        Unreadable: a bundle is missing, cut off or of another length, or a line of the openings is none.
    """
    check = _Check(folder, size, Stretch(bundles.start * WIDTH), Openings(folder.openings, *offsets))
    wanted: dict[int, list[int]] = {}
    for cut in cuts:
        wanted.setdefault(cut // WIDTH, []).append(cut)
    try:
        for n in bundles:
            check.bundle(n, wanted.get(n, ()))
        check.nothing_left()
    except BadLines as error:
        raise Unreadable(f"{error} Make the export again, or ask whoever made it.") from error
    finally:
        check.openings.close()
    return check.found


class _Check:
    def __init__(self, folder: Folder, size: int, found: Stretch, openings: Openings) -> None:
        self.folder, self.size, self.found, self.openings = folder, size, found, openings
        self.entries = Entries(found)
        self.favors = Favors(found)
        self.days: set[bytes] = set()

    def bundle(self, n: int, cuts: Iterable[int]) -> None:
        entries = self.folder.entries(n, self.size)
        first, stop = n * WIDTH, n * WIDTH + len(entries)
        self._hash(n, entries, cuts)
        parts = in_parts(entries)
        self._mark(first, parts)
        self.openings.upto(stop)
        whole, rest, alone = [], [], []
        take, several = self.openings.favors.pop, self.openings.others
        for index, part in zip(count(first), parts, strict=False):
            six = take(index, NONE_AT_ALL)
            if not part[FIRST_DIGEST] or index in several:
                alone.append(Favor(index, part, six))
            elif b"" in six:
                rest.append(Favor(index, part, six))
            else:
                whole.append(Favor(index, part, six))
        for index, part, six in chain(self.favors.check(whole, rest), alone):
            self.entries.check(index, part, self.openings.named(index, six))
        for index in [index for index in self.openings.others if index < stop]:
            self.entries.unknown(index, self.openings.others.pop(index))

    def nothing_left(self) -> None:
        """Every opening belonged to an entry."""
        for index in sorted(self.openings.favors.keys() | self.openings.others.keys()):
            self.found.findings.add(None, f"openings.jsonl opens entry {index}, which the log does not have.")

    def _hash(self, n: int, entries: list[bytes], cuts: Iterable[int]) -> None:
        hashes = [sha256(b"\x00" + entry).digest() for entry in entries]
        if len(hashes) == WIDTH:
            self.found.blocks.append(root(hashes))
        for cut in cuts:
            self.found.parts[cut] = root(hashes[: cut - n * WIDTH])
        tile = TileAt(0, n, len(hashes))
        try:
            stored = self.folder.read(tile)
        except OSError:
            return  # said already, with everything else that is missing
        if stored != b"".join(hashes):
            self._differs(tile, stored, hashes)

    def _differs(self, tile: TileAt, stored: bytes, hashes: list[bytes]) -> None:
        pieces = [stored[start : start + 32] for start in range(0, len(hashes) * 32, 32)]
        for index, one, other in zip(tile.indexes, pieces, hashes, strict=True):
            if one != other:
                sentence = (
                    f"Entry {index} is not what {tile.path} says it was: its bytes give another hash. The entry or the "
                    "tile was changed. Ask whoever made the export."
                )
                self.found.findings.add(index, sentence)
        if len(stored) != 32 * len(hashes):
            self.found.findings.add(None, f"{tile.path} is not {len(hashes)} hashes long.")

    def _mark(self, first: int, parts: list[FavorParts]) -> None:
        """Note what each favor says in clear."""
        found = self.found
        found.marks += bytes(
            [
                FAVOR | (COUNTED if part[COUNTS] == b"1" else 0) | (HIDDEN if part[WITHHELD] else 0)
                if part[COUNTS]
                else 0
                for part in parts
            ]
        )
        nobody = array("q", [NOBODY]) * len(parts)
        found.givers += nobody
        found.receivers += nobody
        for day in {part[DAY] for part in parts if part[DAY]} - self.days:
            if is_day(day.decode("ascii", "replace")):
                self.days.add(day)
                continue
            for index, part in enumerate(parts, first):
                if part[DAY] == day:
                    self.entries.leaf_is_wrong(index, "does not say a day that exists")
