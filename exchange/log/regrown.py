"""Growing a group's trees again from the bytes of their entries, and saying where the stored ones differ."""

from collections.abc import Iterator, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from exchange.log.checkpoint import Checkpoint, parsed
from exchange.log.note import BadNote
from exchange.log.proofs import Place
from exchange.log.tree import Frontier, Node, leaf_hash
from exchange.storage.entry import LogCheckpoint, LogHead, LogLeaf, LogNode

AT_ONCE = 1 << 14


def torn(session: Session, group_id: int) -> list[str]:
    """A sentence for each way in which a stored tree or checkpoint is not what the entries give.

    Looks at every log of the group, also at those that have ended: receipts of them are still in people's hands.
    """
    heads = session.scalars(select(LogHead).where(LogHead.group_id == group_id).order_by(LogHead.log_id))
    return [sentence for head in heads.all() for sentence in _of(session, head)]


def _of(session: Session, head: LogHead) -> Iterator[str]:
    """What is wrong with one log."""
    signed = select(LogCheckpoint.size, LogCheckpoint.note).filter_by(log_id=head.log_id)
    notes: dict[int, str] = dict(session.execute(signed).all())
    frontier = Frontier()
    roots: dict[int, bytes] = {}
    other: list[Place] = []
    for leaves in _leaves(session, head.log_id):
        start, hashes = frontier.size, [leaf_hash(data) for data, _ in leaves]
        other += [(0, start + at) for at, (_, one) in enumerate(leaves) if hashes[at] != one]
        nodes = _grown(frontier, hashes, sorted(size for size in notes if start < size <= start + len(hashes)), roots)
        stored = _stored(session, head.log_id, start, frontier.size)
        other += [(level, index) for level, index, one in nodes if stored.get((level, index)) != one]
    if frontier.size != head.size:
        yield f"The log {head.origin} says {head.size:,} entries; without a gap there are {frontier.size:,}."
    if other:
        level, index = min(other, key=lambda place: (place[1] << place[0], place[0]))
        yield (
            f"Hashes in the tree of {head.origin} that are not what the entries give: {len(other):,}, "
            f"the first at level {level}, place {index}."
        )
    held = session.scalar(select(func.count()).select_from(LogNode).filter_by(log_id=head.log_id)) or 0
    if held > frontier.size - frontier.size.bit_count():
        yield f"The tree of {head.origin} holds hashes of entries that are not there."
    if head.frontier != frontier.packed():
        yield f"The head of {head.origin} does not hold the hashes that the entries give."
    for size, note in sorted(notes.items()):
        if _stated(note) != Checkpoint(head.origin, size, roots.get(size, b"")):
            yield f"The checkpoint of {size:,} entries of {head.origin} is not what its first {size:,} entries give."


def _leaves(session: Session, log_id: int) -> Iterator[Sequence[tuple[bytes, bytes]]]:
    """Bytes and stored hashes of the entries, some at a time, up to the first gap."""
    start = 0
    while True:
        some = select(LogLeaf.idx, LogLeaf.leaf, LogLeaf.hash).where(
            LogLeaf.log_id == log_id, LogLeaf.idx >= start, LogLeaf.idx < start + AT_ONCE
        )
        rows = session.execute(some.order_by(LogLeaf.idx)).all()
        whole = [(data, one) for at, (index, data, one) in enumerate(rows, start) if index == at]
        if whole:
            yield whole
        if len(whole) < AT_ONCE:
            return
        start += AT_ONCE


def _grown(frontier: Frontier, hashes: list[bytes], sizes: Sequence[int], roots: dict[int, bytes]) -> list[Node]:
    """The nodes that complete themselves when a tree grows by some leaves; notes its roots at the given sizes."""
    start = frontier.size
    nodes: list[Node] = []
    for size in sizes:
        nodes += frontier.extend(hashes[frontier.size - start : size - start])
        roots[size] = frontier.root()
    return nodes + frontier.extend(hashes[frontier.size - start :])


def _stored(session: Session, log_id: int, start: int, stop: int) -> dict[Place, bytes]:
    """The stored nodes whose last leaf is one of start..stop."""
    found: dict[Place, bytes] = {}
    for level in range(1, stop.bit_length()):
        some = select(LogNode.idx, LogNode.hash).where(
            LogNode.log_id == log_id,
            LogNode.level == level,
            LogNode.idx >= start >> level,
            LogNode.idx < stop >> level,
        )
        found |= {(level, index): one for index, one in session.execute(some)}
    return found


def _stated(note: str) -> Checkpoint | None:
    try:
        return parsed(note.rpartition("\n\n")[0] + "\n")
    except BadNote:
        return None
