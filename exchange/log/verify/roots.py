"""Roots of a log and of its beginnings, from the hashes of full bundles (RFC 6962 section 2.1)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from exchange.log.tiles import WIDTH, TileAt, tiles_of
from exchange.log.tree import Frontier, folded, root
from exchange.log.verify.folder import Folder


def roots(blocks: Sequence[bytes], parts: Mapping[int, bytes], sizes: Iterable[int]) -> dict[int, bytes]:
    """By size, the root over that many entries.

    `blocks` are the hashes of the full bundles in order, which are perfect subtrees of 256 entries; `parts` has by size
    the root over the entries of the bundle in which that size ends.
    """
    frontier = Frontier()
    found = {}
    for size in sorted(set(sizes)):
        while frontier.size < size // WIDTH:
            frontier.push(blocks[frontier.size])
        last = [parts[size]] if size % WIDTH else []
        found[size] = folded([*frontier.hashes, *last])
    return found


def wrong_tiles(folder: Folder, size: int, blocks: Sequence[bytes]) -> Iterator[TileAt]:
    """The tiles above level 0 that are here and do not hold what was recomputed."""
    rows = [list(blocks)]
    for tile in tiles_of(size):
        if not tile.level:
            continue
        while len(rows) < tile.level:
            row = rows[-1]
            rows.append([root(row[start : start + WIDTH]) for start in range(0, len(row) // WIDTH * WIDTH, WIDTH)])
        right = b"".join(rows[tile.level - 1][tile.indexes.start : tile.indexes.stop])
        try:
            if folder.read(tile) != right:
                yield tile
        except OSError:
            continue  # said already, with everything else that is missing
