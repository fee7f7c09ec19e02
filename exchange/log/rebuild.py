"""Rebuilding the projection from leaves and openings alone, and saying where the stored one differs."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from exchange.log import readable
from exchange.log.known import Known, known
from exchange.log.leaf import digest, leaf_hash, opened
from exchange.log.monthly import months_of
from exchange.log.projection import counts_of, totals_of
from exchange.storage.entry import (
    LogCount,
    LogEntry,
    LogHead,
    LogLeaf,
    LogOpening,
    LogPair,
    LogPart,
)
from exchange.storage.total import LogMonth, LogTotal

Parts = dict[str, set[int]]


@dataclass
class Comparison:
    """What a rebuilt projection found: the entries read, and a sentence for each difference."""

    entries: int = 0
    differences: list[str] = field(default_factory=list)


def compare(session: Session, group_id: int) -> Comparison:
    """Rebuild the projection of a group from leaves and openings, and say where the stored one differs.

    Also checks that indexes have no gaps, that each leaf has its hash, each opening its digest, and that no opening
    is missing without an `erase` or `redact` entry. Of a log that has ended only the leaves are looked at.
    """
    found = Comparison()
    for head in session.scalars(select(LogHead).where(LogHead.group_id == group_id).order_by(LogHead.log_id)):
        found.entries += _leaves_of(session, head, found.differences)
        if head.ended_at is None:
            _projection_of(session, head, found.differences)
    found.differences += _miscounted(session, group_id)
    return found


def _leaves_of(session: Session, head: LogHead, wrong: list[str]) -> int:
    """Look at the bytes of each entry; returns how many there are."""
    expected = entries = 0
    leaves = select(LogLeaf.idx, LogLeaf.leaf, LogLeaf.hash).where(LogLeaf.log_id == head.log_id).order_by(LogLeaf.idx)
    for index, leaf, stored in session.execute(leaves):
        entries += 1
        if index != expected:
            wrong.append(f"Entry {expected} of {head.origin} is missing.")
        expected = index + 1
        if leaf_hash(leaf) != stored:
            wrong.append(f"Entry {index} does not have the hash of its bytes.")
    if expected != head.size:
        wrong.append(f"The log {head.origin} says {head.size} entries and holds {expected}.")
    return entries


def _projection_of(session: Session, head: LogHead, wrong: list[str]) -> None:
    """Look at what each entry tells, and whether it is shown so."""
    knowing = known(session, head.group_id, head.log_id)
    wrong += [f"Entry {index} takes a text out by what is no decision." for index in knowing.unfounded]
    stored = {entry.idx: entry for entry in session.scalars(select(LogEntry).where(LogEntry.log_id == head.log_id))}
    parts: defaultdict[int, Parts] = defaultdict(lambda: defaultdict(set))
    for row in session.scalars(select(LogPart).where(LogPart.log_id == head.log_id)):
        parts[row.idx][row.part].add(row.member_id)
    for index, said, openings in _opened(session, head.log_id):
        wrong += _openings_of(index, said, openings, knowing)
        told = dict(opened(text) for text in openings.values())
        entry = stored.pop(index, None)
        if entry is not None:
            wrong += _shown(entry, said, told, knowing)
            wrong += _named(index, said["k"], told, parts[index], knowing)
        elif said["k"] != "genesis":
            wrong.append(f"Entry {index} is in the log and is not shown.")
    wrong += [f"Entry {index} is shown and is not in the log {head.origin}." for index in stored]


def _opened(session: Session, log_id: int) -> Iterator[tuple[int, dict[str, Any], dict[str, str]]]:
    """Each entry: its index, what its leaf says in clear, and its openings by field."""
    openings: defaultdict[int, dict[str, str]] = defaultdict(dict)
    for opening in session.scalars(select(LogOpening).where(LogOpening.log_id == log_id)):
        openings[opening.idx][opening.field] = opening.disclosure
    leaves = select(LogLeaf.idx, LogLeaf.leaf).where(LogLeaf.log_id == log_id).order_by(LogLeaf.idx)
    for index, leaf in session.execute(leaves):
        yield index, json.loads(leaf), openings[index]


def _openings_of(index: int, said: dict[str, Any], openings: dict[str, str], knowing: Known) -> list[str]:
    """Whether each opening is one of its leaf, and each missing one accounted for."""
    digests = said.get("sd", {})
    wrong = [
        f"Entry {index} does not contain its opening “{name}”."
        for name, text in openings.items()
        if digests.get(name) != digest(text)
    ]
    return wrong + [
        f"The opening “{name}” of entry {index} is gone, and no entry says why."
        for name in digests
        if name not in openings and not knowing.gone((index, name)) and name not in said.get("withheld", ())
    ]


def _shown(entry: LogEntry, said: dict[str, Any], told: dict[str, Any], knowing: Known) -> list[str]:
    """Where one row of the projection differs from what its leaf and openings say."""
    right = _favor(entry.idx, said, told, knowing) if said["k"] == "favor" else readable.row(said, told)
    right["voided_by"] = knowing.voided.get(entry.idx)
    texts = (knowing.redacted.get((entry.idx, name)) for name in ("what", "why"))
    right["redacted_by"] = next((by for by in texts if by is not None), None)
    return [
        f"Entry {entry.idx} is shown with another “{name}” than the log says."
        for name, value in right.items()
        if getattr(entry, name) != value and not _cannot_be_told(name, said, told)
    ]


def _named(index: int, kind: str, told: dict[str, Any], parts: Parts, knowing: Known) -> list[str]:
    """Where an entry is shown with others than it names. Of an opening that is gone, an `erase` entry knows one."""
    wrong = []
    named = readable.parts(kind, told)
    for field_, part in readable.NAMING.get(kind, {}).items():
        stored = parts.pop(part, set())
        if part in named:
            same = stored == {knowing.numbers.get(name) for name in named[part]}
        else:
            somebody = knowing.forgotten.get((index, field_))
            same = somebody is None or somebody in stored
        wrong += [] if same else [f"Entry {index} is shown with another “{field_}” than the log says."]
    return wrong + [f"Entry {index} is shown with “{part}”, which the log does not say." for part in parts]


def _cannot_be_told(name: str, said: dict[str, Any], told: dict[str, Any]) -> bool:
    """Whose a withheld entry was is known to nobody once one of the two is forgotten."""
    opening = {"giver_id": "from", "receiver_id": "to"}.get(name, "")
    return opening in said.get("withheld", ()) and opening not in told


def _favor(index: int, said: dict[str, Any], told: dict[str, Any], knowing: Known) -> dict[str, Any]:
    """A favor's row as its leaf and openings say."""

    def member(name: str) -> int | None:
        return knowing.numbers.get(told.get(name, "")) or knowing.forgotten.get((index, name))

    return readable.row(said, {}) | {
        "counts": bool(said["counts"]),
        "withheld": "withheld" in said,
        "giver_id": member("from"),
        "receiver_id": member("to"),
        "category": told.get("kind", ""),
        "what": told.get("what", ""),
        "how": told.get("how", ""),
        "tie": bool(told.get("tie", 0)),
    }


def _miscounted(session: Session, group_id: int) -> list[str]:
    wrong = []
    pairs, members = counts_of(session, group_id)
    tables: list[tuple[type[LogPair | LogCount | LogTotal | LogMonth], str, list[dict[str, Any]]]] = [
        (LogPair, "pairs", pairs),
        (LogCount, "members", members),
        (LogTotal, "people", totals_of(group_id, members)),
        (LogMonth, "months", months_of(session, group_id)),
    ]
    for table, noun, rows in tables:
        columns = table.__table__.c
        stored = {tuple(row) for row in session.execute(select(*columns).where(table.group_id == group_id))}
        right = {tuple(row[column.name] for column in columns) for row in rows}
        if stored != right:
            wrong.append(f"{len(stored ^ right)} counts of {noun} differ from what the entries say.")
    return wrong
