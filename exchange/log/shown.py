"""An entry as one reader may see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from exchange.storage.membership import Membership, MembershipState

By = dict[str, list[Membership]]


class Side(NamedTuple):
    """One side of a favor: of a member what a line about it says. Loading the whole member takes ten times as long."""

    id: int
    group_id: int
    number: int
    state: MembershipState
    erased_by_entry: int | None
    name: str
    email: str


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
    giver: Side | None
    receiver: Side | None
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


class Row(NamedTuple):
    """An entry as the database has it, before anybody reads it; `own` where it corrects a withheld favor of the
    reader's.
    """

    log_id: int
    idx: int
    kind: str
    day: date
    counts: bool
    category: str
    what: str
    how: str
    tie: bool
    withheld: bool
    of: int | None
    voided_by: int | None
    redacted_by: int | None
    told: dict[str, Any] | None
    giver_id: int | None
    receiver_id: int | None
    favor_id: int | None
    thanks: str | None
    own: bool


def is_own(row: Row, parts: By, reader: int | None) -> bool:
    """Whether the reader is one of those whom a withheld entry is told to."""
    members = {member.id for some in parts.values() for member in some}
    return row.own or (reader is not None and reader in members | {row.giver_id, row.receiver_id})


def shown(row: Row, giver: Side | None, receiver: Side | None, parts: By, *, own: bool) -> Entry:
    """An entry as this reader may see it."""
    told = row.told or {}
    hidden = set() if own else set(told.get("withheld", ()))
    closed = row.withheld and not own
    told = {name: value for name, value in told.items() if name not in hidden}
    target = str(told.get("target", ""))
    return Entry(
        index=row.idx,
        kind=row.kind,
        day=row.day.replace(day=1) if closed else row.day,
        counts=row.counts,
        giver=None if closed else giver,
        receiver=None if closed else receiver,
        category=row.category,
        what="" if closed or "why" in hidden else row.what,
        how=row.how,
        favor_id=None if closed else row.favor_id,
        thanks="" if closed else row.thanks or "",
        tie=row.tie and not row.withheld,
        withheld=row.withheld,
        closed=closed,
        of=int(target[1:]) if target.startswith("e") else row.of,
        voided_by=row.voided_by,
        redacted_by=row.redacted_by,
        by=() if closed else tuple(parts.get("by", ())),
        about=() if closed or "target" in hidden else tuple(parts.get("target", ())),
        told=told,
    )
