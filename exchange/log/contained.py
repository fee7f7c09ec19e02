"""Entries with what proves that the log contains them, and with the openings that one reader may have.

Receipts are made of this, and so are the pages on which members look at an entry and check their own.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from exchange.log import nodes
from exchange.log.checkpoint import Checkpoint, parsed
from exchange.log.leaf import digest, leaf_hash, opened
from exchange.log.proofs import Place, folded, inclusion_places, verify_inclusion
from exchange.log.receipt import Receipt, extra_of
from exchange.log.tree import node_hash
from exchange.storage.entry import LogEntry, LogHead, LogLeaf, LogOpening, LogOpeningSubject

AT_ONCE = 100  # proofs looked up in one query


@dataclass(frozen=True)
class Step:
    """One hash of an inclusion proof, and what comes of it (RFC 9162 section 2.1.3.2).

    The 32-byte `hash` stands for the entries `first` to `last`, which come before the ones that were joined so far if
    `before` is true, otherwise after them; `gives` is the hash of both together, over the entries `low` to `high`.
    """

    first: int
    last: int
    before: bool
    hash: bytes
    low: int
    high: int
    gives: bytes


@dataclass(frozen=True)
class Contained:
    """One entry: its bytes, the hash that is stored of them, the openings that the reader may have by field, the
    places and hashes of its inclusion proof, and the signed note that it leads to.
    """

    index: int
    leaf: bytes
    stored: bytes
    openings: dict[str, str]
    places: list[list[Place]]
    proof: list[bytes]
    note: str

    @cached_property
    def checkpoint(self) -> Checkpoint:
        """What the note states; its signature is not looked at."""
        return parsed(self.note.rpartition("\n\n")[0] + "\n")

    @cached_property
    def said(self) -> dict[str, Any]:
        """What the leaf says in clear, and its digests."""
        found: dict[str, Any] = json.loads(self.leaf)
        return found

    @property
    def told(self) -> dict[str, Any]:
        """By field, what the openings tell."""
        return dict(opened(text) for text in self.openings.values())

    @property
    def misfits(self) -> list[str]:
        """The fields whose openings are not the ones that the entry was written with."""
        digests = self.said.get("sd", {})
        return [field for field, text in self.openings.items() if digests.get(field) != digest(text)]

    @property
    def is_contained(self) -> bool:
        """Whether the entry's own bytes lead to the root that the note signs, by a hash that was stored for them."""
        size, root = self.checkpoint.size, self.checkpoint.root
        own = leaf_hash(self.leaf)
        return own == self.stored and verify_inclusion(self.proof, leaf=own, index=self.index, size=size, root=root)

    @property
    def steps(self) -> list[Step]:
        """The way from the entry to the root, hash by hash."""
        low = high = self.index
        top = leaf_hash(self.leaf)
        found = []
        for places, other in zip(self.places, self.proof, strict=True):
            first = min(index << level for level, index in places)
            last = max((index + 1) << level for level, index in places) - 1
            before = first < low
            top = node_hash(other, top) if before else node_hash(top, other)
            low, high = min(low, first), max(high, last)
            found.append(Step(first, last, before, other, low, high, top))
        return found

    @property
    def receipt(self) -> Receipt:
        """The file that proves it for ever (c2sp.org/tlog-proof)."""
        return Receipt(self.index, self.proof, self.note, extra_of(self.leaf, self.openings))


def contained(
    session: Session, group_id: int, indexes: Sequence[int], *, note: str, reader_id: int | None
) -> list[Contained]:
    """Entries of the group's log as a signed note contains them, in the order asked for.

    `reader_id` is the member who reads: of withheld fields only those have the openings whom the entry is about.

    Raises:
        ValueError: the note is over fewer entries, or none of this group's logs has its origin.
        exchange.log.nodes.TornTree: the database lacks what a proof is made of.
    """
    checkpoint = parsed(note.rpartition("\n\n")[0] + "\n")
    named = select(LogHead.log_id).filter_by(group_id=group_id, origin=checkpoint.origin)
    log_id = session.scalar(named)
    if log_id is None:
        raise ValueError(f"The group has no log {checkpoint.origin}.")
    return [
        one
        for start in range(0, len(indexes), AT_ONCE)
        for one in _some(session, log_id, indexes[start : start + AT_ONCE], checkpoint.size, note, reader_id)
    ]


def taken_out(session: Session, group_id: int, fields: Sequence[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """Of some openings, (index, field), by which entry each is said to be gone."""
    rows = session.execute(
        select(LogLeaf.idx, LogLeaf.leaf)
        .join(LogEntry, (LogEntry.log_id == LogLeaf.log_id) & (LogEntry.idx == LogLeaf.idx))
        .where(LogEntry.group_id == group_id, LogEntry.kind.in_(("erase", "redact")))
        .order_by(LogLeaf.idx)
    )
    wanted = set(fields)
    found: dict[tuple[int, str], int] = {}
    for by, leaf in rows if wanted else ():
        for index, field in json.loads(leaf)["what"]:
            if (index, field) in wanted:
                found.setdefault((index, field), by)
    return found


def _some(
    session: Session, log_id: int, indexes: Sequence[int], size: int, note: str, reader_id: int | None
) -> Iterator[Contained]:
    places = {index: inclusion_places(index, size) for index in indexes}
    every = [place for proof in places.values() for hashes in proof for place in hashes]
    found = nodes.hashes(session, log_id, every)
    rows = session.execute(
        select(LogLeaf.idx, LogLeaf.leaf, LogLeaf.hash).where(LogLeaf.log_id == log_id, LogLeaf.idx.in_(indexes))
    )
    leaves = {index: (leaf, stored) for index, leaf, stored in rows}
    openings = _openings(session, log_id, {index: leaf for index, (leaf, _) in leaves.items()}, reader_id)
    for index in indexes:
        if index not in leaves:
            raise nodes.TornTree(f"The log lacks entry {index}.")
        proof = [folded([found[place] for place in some]) for some in places[index]]
        yield Contained(index, *leaves[index], openings[index], places[index], proof, note)


def _openings(
    session: Session, log_id: int, leaves: dict[int, bytes], reader_id: int | None
) -> dict[int, dict[str, str]]:
    """By entry and field, the openings that the reader may have."""
    about = select(LogOpeningSubject.idx).where(
        LogOpeningSubject.log_id == log_id,
        LogOpeningSubject.member_id == reader_id,
        LogOpeningSubject.idx.in_(leaves),
    )
    own = set(session.scalars(about)) if reader_id is not None else set()
    others = {index: leaf for index, leaf in leaves.items() if index not in own and b'"withheld":' in leaf}
    withheld = {index: json.loads(leaf).get("withheld", ()) for index, leaf in others.items()}
    rows = session.scalars(
        select(LogOpening)
        .where(LogOpening.log_id == log_id, LogOpening.idx.in_(leaves))
        .order_by(LogOpening.idx, LogOpening.field)
    )
    found: defaultdict[int, dict[str, str]] = defaultdict(dict)
    for row in rows:
        if row.field not in withheld.get(row.idx, ()):
            found[row.idx][row.field] = row.disclosure
    return found
