"""Tiles and entry bundles: the static files as which anybody can read a log (c2sp.org/tlog-tiles)."""

import re
from collections.abc import Iterable
from typing import NamedTuple

WIDTH = 256
TILE_HEIGHT = 8
TOP_LEVEL = 63
MOST_BYTES = 65_535

_PATH = re.compile(r"tile/(entries|[0-9]{1,2})/((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/([0-9]{1,3}))?")


class TileAt(NamedTuple):
    """Which tile or bundle: its level (None for a bundle of entries), its number, and how many it holds, 1 to 256."""

    level: int | None
    n: int
    width: int = WIDTH

    @property
    def node_level(self) -> int:
        """The level in the tree of the perfect subtrees whose hashes the tile holds; 0 for a bundle."""
        return TILE_HEIGHT * (self.level or 0)

    @property
    def indexes(self) -> range:
        """The indexes of those subtrees on their level, or of a bundle's entries."""
        return range(self.n * WIDTH, self.n * WIDTH + self.width)

    @property
    def path(self) -> str:
        """Where it is found below the log's address."""
        return bundle_path(self.n, self.width) if self.level is None else tile_path(self.level, self.n, self.width)

    def is_within(self, size: int) -> bool:
        """Whether a log of that size has come so far; it then serves this tile, full or partial."""
        return self.indexes.stop <= size >> self.node_level


def tile_path(level: int, n: int, width: int = WIDTH) -> str:
    """`tile/<L>/<N>[.p/<W>]` (c2sp.org/tlog-tiles, "Merkle Tree").

    Raises:
        ValueError: the level is not 0 to 63, the number negative or the width not 1 to 256.
    """
    if not _exists(TileAt(level, n, width)):
        raise ValueError(f"There is no tile {n} of level {level} and width {width}.")
    return f"tile/{level}/{_numbered(n, width)}"


def bundle_path(n: int, width: int = WIDTH) -> str:
    """`tile/entries/<N>[.p/<W>]` (c2sp.org/tlog-tiles, "Log entries").

    Raises:
        ValueError: the number is negative or the width not 1 to 256.
    """
    if not _exists(TileAt(None, n, width)):
        raise ValueError(f"There is no bundle {n} of width {width}.")
    return f"tile/entries/{_numbered(n, width)}"


def parsed_path(text: str) -> TileAt:
    """The tile or bundle that a path names; every one has exactly one path (c2sp.org/tlog-tiles, "Merkle Tree").

    Raises:
        ValueError: it is not the path that `tile_path` or `bundle_path` gives.
    """
    match = _PATH.fullmatch(text)
    if match is None:
        raise ValueError("This is not the path of a tile.")
    level, groups, width = match.groups()
    found = TileAt(
        None if level == "entries" else int(level),
        int(groups.replace("x", "").replace("/", "")),
        WIDTH if width is None else int(width),
    )
    if not _exists(found) or found.path != text:
        raise ValueError("This is not the path of a tile.")
    return found


def bundle(entries: Iterable[bytes]) -> bytes:
    """Entries one after another, each behind its length as two bytes, big-endian (c2sp.org/tlog-tiles, "Log entries").

    Raises:
        ValueError: an entry has more than 65,535 bytes.
    """
    parts: list[bytes] = []
    for entry in entries:
        if len(entry) > MOST_BYTES:
            raise ValueError(f"An entry of {len(entry):,} bytes does not fit a bundle.")
        parts += (len(entry).to_bytes(2, "big"), entry)
    return b"".join(parts)


def unbundled(data: bytes) -> list[bytes]:
    """The entries of a bundle (c2sp.org/tlog-tiles, "Log entries").

    Raises:
        ValueError: the bundle ends in the middle of an entry.
    """
    entries = []
    position, end = 0, len(data)
    while position < end - 1:
        start = position + 2
        position = start + (data[position] << 8 | data[position + 1])
        entries.append(data[start:position])
    if position != end:
        raise ValueError("The bundle ends in the middle of an entry.")
    return entries


def tiles_of(size: int) -> list[TileAt]:
    """Every tile and bundle of a log of that size, full and partial ones (c2sp.org/tlog-tiles, "Partial Tiles").

    The bundles come first, then the tiles from the lowest level up.
    """
    found = []
    for level in (None, *range(TOP_LEVEL + 1)):
        full, width = divmod(size >> TileAt(level, 0).node_level, WIDTH)
        found += [TileAt(level, n) for n in range(full)]
        if width:
            found.append(TileAt(level, full, width))
    return found


def _exists(at: TileAt) -> bool:
    return 0 <= (at.level or 0) <= TOP_LEVEL and at.n >= 0 and 1 <= at.width <= WIDTH


def _numbered(n: int, width: int) -> str:
    """The number in groups of three digits, all but the last behind an x, and the width of a partial tile."""
    digits = str(n)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[start : start + 3] for start in range(0, len(digits), 3)]
    partial = "" if width == WIDTH else f".p/{width}"
    return "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]]) + partial
