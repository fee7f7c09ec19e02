"""An entry as one reader may see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from exchange.storage.entry import LogEntry
from exchange.storage.membership import Membership

By = dict[str, list[Membership]]


@dataclass(frozen=True)
class Entry:
    """One entry as a page shows it to one reader.

    An entry that is `closed` to the reader is a withheld one of others: no names, no words, and `day` is the first of
    its month. A correction names with `of` the entry that it makes void, a decision the one that it is about. `by` are
    those who made an entry that is no favor, `about` whom it is about, and `told` what only some kinds tell.
    `voided_by` and `redacted_by` are the entries that made this one void and that took its text out.
    """

    index: int
    kind: str
    day: date
    counts: bool
    giver: Membership | None
    receiver: Membership | None
    category: str
    what: str
    how: str
    favor_id: int | None
    thanks: str
    tie: bool = False
    withheld: bool = False
    closed: bool = False
    of: int | None = None
    voided_by: int | None = None
    redacted_by: int | None = None
    by: Sequence[Membership] = ()
    about: Sequence[Membership] = ()
    told: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """An entry with all that the database knows beside it, before anybody reads it."""

    entry: LogEntry
    giver: Membership | None
    receiver: Membership | None
    favor_id: int | None
    thanks: str
    parts: By


def is_own(row: Row, reader: int | None) -> bool:
    """Whether the reader is one of those whom a withheld entry is told to."""
    members = {member.id for some in row.parts.values() for member in some}
    return reader is not None and reader in members | {row.entry.giver_id, row.entry.receiver_id}


def shown(row: Row, *, own: bool) -> Entry:
    """An entry as this reader may see it."""
    entry, told = row.entry, dict(row.entry.told or {})
    hidden = set() if own else set(told.get("withheld", ()))
    closed = entry.withheld and not own
    told = {name: value for name, value in told.items() if name not in hidden}
    target = str(told.get("target", ""))
    return Entry(
        index=entry.idx,
        kind=entry.kind,
        day=entry.day.replace(day=1) if closed else entry.day,
        counts=entry.counts,
        giver=None if closed else row.giver,
        receiver=None if closed else row.receiver,
        category=entry.category,
        what="" if closed or "why" in hidden else entry.what,
        how=entry.how,
        favor_id=None if closed else row.favor_id,
        thanks="" if closed else row.thanks,
        tie=entry.tie and not entry.withheld,
        withheld=entry.withheld,
        closed=closed,
        of=int(target[1:]) if target.startswith("e") else entry.of,
        voided_by=entry.voided_by,
        redacted_by=entry.redacted_by,
        by=() if closed else tuple(row.parts.get("by", ())),
        about=() if closed or "target" in hidden else tuple(row.parts.get("target", ())),
        told=told,
    )
