"""What many members gave and received, for their own eyes."""

from collections.abc import Collection
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from exchange.storage.among import among
from exchange.storage.entry import LogEntry
from exchange.storage.favor import Favor


class Counted(NamedTuple):
    """A favor that counts, between two members by id; `confirmed_at` is the moment, `day` what the log says."""

    giver_id: int
    receiver_id: int
    day: date
    confirmed_at: datetime


def own_favors(session: Session, members: Collection[int], since: date) -> list[Counted]:
    """The counted favors of these members from a day on, withheld ones included: each is for its two parties only."""
    rows = session.execute(_counted(), {"members": members, "since": since})
    return [Counted(giver or 0, receiver or 0, day, at) for giver, receiver, day, at in rows if at is not None]


@cache
def _counted() -> Select[*tuple[Any, ...]]:
    return (
        select(LogEntry.giver_id, LogEntry.receiver_id, LogEntry.day, Favor.confirmed_at)
        .join(Favor, and_(Favor.group_id == LogEntry.group_id, Favor.entry == LogEntry.idx))
        .where(
            LogEntry.kind == "favor",
            LogEntry.counts,
            LogEntry.voided_by.is_(None),
            LogEntry.day >= bindparam("since"),
            or_(among(LogEntry.giver_id, "members"), among(LogEntry.receiver_id, "members")),
        )
    )
