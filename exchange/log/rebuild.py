"""Rebuilding the projection from leaves and openings alone, and saying where the stored one differs."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from exchange.log.leaf import digest, leaf_hash, opened
from exchange.log.projection import counts_of
from exchange.storage.entry import LogCount, LogEntry, LogHead, LogLeaf, LogOpening, LogPair
from exchange.storage.membership import Membership

SILENT = frozenset({"genesis", "erase"})


@dataclass
class Comparison:
    """What a rebuilt projection found: the entries read, and a sentence for each difference."""

    entries: int = 0
    differences: list[str] = field(default_factory=list)


@dataclass
class Known:
    """What is needed to read a log: members by their number, and by (index, field) who was forgotten there."""

    numbers: dict[str, int]
    forgotten: dict[tuple[int, str], int]
    voided: dict[int, int]


def compare(session: Session, group_id: int) -> Comparison:
    """Rebuild the projection of a group from leaves and openings, and say where the stored one differs.

    Also checks that indexes have no gaps, that each leaf has its hash, each opening its digest, and that no opening
    is missing without an `erase` entry.
    """
    found = Comparison()
    for head in session.scalars(select(LogHead).where(LogHead.group_id == group_id)):
        known = _known(session, group_id, head.log_id)
        stored = {entry.idx: entry for entry in session.scalars(select(LogEntry).where(LogEntry.log_id == head.log_id))}
        expected = 0
        for leaf, openings in _leaves(session, head.log_id):
            found.entries += 1
            if leaf.idx != expected:
                found.differences.append(f"Entry {expected} of {head.origin} is missing.")
            expected = leaf.idx + 1
            found.differences += _about(leaf, openings, stored.pop(leaf.idx, None), known)
        if expected != head.size:
            found.differences.append(f"The log {head.origin} says {head.size} entries and holds {expected}.")
        found.differences += [f"Entry {index} is shown and is not in the log {head.origin}." for index in stored]
    found.differences += _miscounted(session, group_id)
    return found


def _known(session: Session, group_id: int, log_id: int) -> Known:
    members = session.execute(
        select(Membership.id, Membership.number, Membership.erased_by_entry).where(Membership.group_id == group_id)
    ).all()
    gone = {entry: member for member, _, entry in members if entry is not None}
    forgotten: dict[tuple[int, str], int] = {}
    voided: dict[int, int] = {}
    unnamed: list[tuple[int, str]] = []
    for leaf in session.scalars(select(LogLeaf).where(LogLeaf.log_id == log_id).order_by(LogLeaf.idx)):
        if b'"k":"correction"' in leaf.leaf:
            voided[json.loads(leaf.leaf)["of"]] = leaf.idx
        if b'"k":"erase"' in leaf.leaf:
            # A long list is spread over several entries, the last of which the member is known by.
            unnamed += [(index, name) for index, name in json.loads(leaf.leaf)["what"]]
            if leaf.idx in gone:
                forgotten |= dict.fromkeys(unnamed, gone[leaf.idx])
                unnamed = []
    return Known({f"m{number}": member for member, number, _ in members}, forgotten, voided)


def _leaves(session: Session, log_id: int) -> Iterator[tuple[LogLeaf, dict[str, str]]]:
    openings: defaultdict[int, dict[str, str]] = defaultdict(dict)
    for opening in session.scalars(select(LogOpening).where(LogOpening.log_id == log_id)):
        openings[opening.idx][opening.field] = opening.disclosure
    for leaf in session.scalars(select(LogLeaf).where(LogLeaf.log_id == log_id).order_by(LogLeaf.idx)):
        yield leaf, openings[leaf.idx]


def _about(leaf: LogLeaf, openings: dict[str, str], entry: LogEntry | None, known: Known) -> list[str]:
    """What is wrong with one entry, in sentences."""
    said = json.loads(leaf.leaf)
    wrong = []
    if leaf_hash(leaf.leaf) != leaf.hash:
        wrong.append(f"Entry {leaf.idx} does not have the hash of its bytes.")
    for name, text in openings.items():
        if said.get("sd", {}).get(name) != digest(text):
            wrong.append(f"Entry {leaf.idx} does not contain its opening “{name}”.")
    wrong += [
        f"The opening “{name}” of entry {leaf.idx} is gone, and no entry says why."
        for name in said.get("sd", {})
        if name not in openings and (leaf.idx, name) not in known.forgotten and name not in said.get("withheld", ())
    ]
    if said["k"] in SILENT:
        return wrong
    if entry is None:
        return [*wrong, f"Entry {leaf.idx} is in the log and is not shown."]
    told = dict(opened(text) for text in openings.values())
    return wrong + [
        f"Entry {leaf.idx} is shown with another “{name}” than the log says."
        for name, value in _rebuilt(leaf.idx, said, told, known).items()
        if getattr(entry, name) != value and not _cannot_be_told(name, said, told)
    ]


def _cannot_be_told(name: str, said: dict[str, Any], told: dict[str, Any]) -> bool:
    """Whose a withheld entry was is known to nobody once one of the two is forgotten."""
    opening = {"giver_id": "from", "receiver_id": "to"}.get(name, "")
    return opening in said.get("withheld", ()) and opening not in told


def _rebuilt(index: int, said: dict[str, Any], told: dict[str, Any], known: Known) -> dict[str, Any]:
    """One entry of the projection as its leaf and openings say."""
    common = {
        "kind": said["k"],
        "day": date.fromisoformat(said["day"]),
        "withheld": "withheld" in said,
        "voided_by": known.voided.get(index),
    }
    if said["k"] == "correction":
        return common | {"of": said["of"], "what": told.get("why", ""), "counts": False}

    def member(name: str) -> int | None:
        return known.numbers.get(told.get(name, "")) or known.forgotten.get((index, name))

    return common | {
        "counts": bool(said["counts"]),
        "giver_id": member("from"),
        "receiver_id": member("to"),
        "category": told.get("kind", ""),
        "what": told.get("what", ""),
        "how": told.get("how", ""),
        "tie": bool(told.get("tie", 0)),
    }


def _miscounted(session: Session, group_id: int) -> list[str]:
    wrong = []
    tables: list[tuple[type[LogPair] | type[LogCount], str]] = [(LogPair, "pairs"), (LogCount, "members")]
    for (table, noun), rows in zip(tables, counts_of(session, group_id), strict=True):
        columns = table.__table__.c
        stored = {tuple(row) for row in session.execute(select(*columns).where(table.group_id == group_id))}
        right = {tuple(row[column.name] for column in columns) for row in rows}
        if stored != right:
            wrong.append(f"{len(stored ^ right)} counts of {noun} differ from what the entries say.")
    return wrong
