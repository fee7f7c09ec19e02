"""The small picture of a year: a row of squares for what was given, one for what was received, one for the people.

Drawn as the cells of a table, so that it survives mail programs that know no SVG and those that load no pictures.
"""

from dataclasses import dataclass

from exchange.digest.facts import Counts

WIDEST = 12


@dataclass(frozen=True)
class Row:
    """So many squares of one look (`gave`, `received` or `people`), which stand for `count`."""

    look: str
    count: int
    squares: int


@dataclass(frozen=True)
class Picture:
    """The rows, none with more than twelve squares; each square stands for up to `each`."""

    rows: tuple[Row, ...]
    each: int


def drawn(counts: Counts) -> Picture:
    """The picture of some counts. Its rows share one measure; whatever is more than nothing has a square."""
    said = {"gave": counts.gave, "received": counts.received, "people": counts.people}
    each = max(1, -(-max(said.values()) // WIDEST))
    return Picture(tuple(Row(look, count, -(-count // each)) for look, count in said.items()), each)
