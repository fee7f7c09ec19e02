"""Reading a log's tree out of its tables: hashes, proofs, roots, tiles and bundles.

The sizes that are asked for are those of checkpoints; whatever a proof or a tile is made of is looked up at once.
"""

from collections.abc import Collection, Sequence
from functools import lru_cache

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from exchange.log.proofs import Place, consistency_places, folded, frontier_places, inclusion_places
from exchange.log.tiles import TileAt
from exchange.log.tiles import bundle as bundled
from exchange.storage.entry import LogLeaf, LogNode


class TornTree(Exception):  # noqa: N818 (the tree is torn)
    """Entries or hashes that have to be in the log are not there; the message is a sentence for people."""


def hashes(session: Session, log_id: int, places: Collection[Place]) -> dict[Place, bytes]:
    """The hashes of perfect subtrees, level 0 from the leaves and the others from the nodes, in one query.

    Raises:
        TornTree: one of them is not there.
    """
    if not places:
        return {}
    wanted = list(dict.fromkeys(places))
    connection = session.connection()
    statement = _looked_up(len(wanted), "?" if connection.dialect.paramstyle == "qmark" else "%s")
    given = [number for place in wanted for number in place]
    rows = connection.exec_driver_sql(statement, (*given, log_id, log_id)).all()
    found = {(level, index): one for level, index, one in rows}
    if None in found.values():
        missing = [place for place in wanted if found[place] is None]
        level, index = missing[0]
        raise TornTree(f"Hashes that the log’s tree lacks: {len(missing)}, the first at level {level}, place {index}.")
    return found


def inclusion(session: Session, log_id: int, index: int, size: int) -> list[bytes]:
    """The 32-byte hashes that prove entry `index` to a checkpoint of `size` entries (RFC 6962 section 2.1.1).

    Raises:
        ValueError: a log of that size has no such entry.
        TornTree: the database lacks what the proof is made of.
    """
    return _folded_each(session, log_id, inclusion_places(index, size))


def consistency(session: Session, log_id: int, old: int, size: int) -> list[bytes]:
    """The 32-byte hashes that prove `old` entries to be the beginning of `size` (RFC 6962 section 2.1.2).

    Raises:
        ValueError: `old` is negative or more than `size`.
        TornTree: the database lacks what the proof is made of.
    """
    return _folded_each(session, log_id, consistency_places(old, size))


def root_at(session: Session, log_id: int, size: int) -> bytes:
    """The 32-byte root that the log had when it held `size` entries (RFC 6962 section 2.1).

    Raises:
        TornTree: the database holds fewer entries.
    """
    return roots_at(session, log_id, [size])[size]


def roots_at(session: Session, log_id: int, sizes: Collection[int]) -> dict[int, bytes]:
    """The roots at several sizes, in one query.

    Raises:
        TornTree: the database holds fewer entries than one of them.
    """
    places = {size: frontier_places(size) for size in sizes}
    found = hashes(session, log_id, [place for some in places.values() for place in some])
    return {size: folded([found[place] for place in some]) for size, some in places.items()}


def tile(session: Session, log_id: int, at: TileAt, size: int) -> bytes | None:
    """The hashes of a tile one after another (c2sp.org/tlog-tiles), or None where a log of `size` has no such tile.

    Raises:
        TornTree: the database lacks some of them.
    """
    if at.level is None or not at.is_within(size):
        return None
    if at.node_level == 0:
        statement = select(LogLeaf.hash).where(LogLeaf.log_id == log_id, _among(LogLeaf.idx, at)).order_by(LogLeaf.idx)
    else:
        of_level = (LogNode.log_id == log_id) & (LogNode.level == at.node_level)
        statement = select(LogNode.hash).where(of_level, _among(LogNode.idx, at)).order_by(LogNode.idx)
    return b"".join(_complete(session.scalars(statement).all(), at))


def bundle(session: Session, log_id: int, at: TileAt, size: int) -> bytes | None:
    """The entries of a bundle (c2sp.org/tlog-tiles), or None where a log of `size` has no such bundle.

    Raises:
        TornTree: the database lacks some of them.
    """
    if at.level is not None or not at.is_within(size):
        return None
    statement = select(LogLeaf.leaf).where(LogLeaf.log_id == log_id, _among(LogLeaf.idx, at)).order_by(LogLeaf.idx)
    return bundled(_complete(session.scalars(statement).all(), at))


def _folded_each(session: Session, log_id: int, proof: Sequence[Sequence[Place]]) -> list[bytes]:
    found = hashes(session, log_id, [place for places in proof for place in places])
    return [folded([found[place] for place in places]) for places in proof]


def _among(idx: InstrumentedAttribute[int], at: TileAt) -> ColumnElement[bool]:
    return (idx >= at.indexes.start) & (idx < at.indexes.stop)


def _complete(rows: Sequence[bytes], at: TileAt) -> Sequence[bytes]:
    if len(rows) != at.width:
        raise TornTree(f"The log lacks {at.width - len(rows)} of what {at.path} holds.")
    return rows


@lru_cache(maxsize=128)
def _looked_up(count: int, given: str) -> str:
    """The query for so many places, in the driver's own words: one look into an index for each.

    Whether as `IN` or as a join, both databases read the whole log instead as soon as their statistics are old. With
    named parameters SQLAlchemy needs longer to arrange them than SQLite to find the hashes.
    """
    places = ", ".join([f"(CAST({given} AS BIGINT), CAST({given} AS BIGINT))"] * count)
    return (
        f"WITH wanted(level, idx) AS (VALUES {places}) "  # noqa: S608 (only marks of parameters are written into it)
        "SELECT wanted.level, wanted.idx, CASE wanted.level WHEN 0 "
        f"THEN (SELECT f.hash FROM log_leaf AS f WHERE f.log_id = {given} AND f.idx = wanted.idx) "
        "ELSE (SELECT n.hash FROM log_node AS n "
        f"WHERE n.log_id = {given} AND n.level = wanted.level AND n.idx = wanted.idx) END FROM wanted"
    )
