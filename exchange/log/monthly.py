"""The favors of a group by month, category and sort: what its totals are read from, whatever its size."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from exchange.storage.entry import LogCount, LogEntry, LogMonth


class Sort(NamedTuple):
    """What favors of one month are counted apart by: `counts` is false in a neutral category."""

    month: date
    category: str
    counts: bool
    withheld: bool


def sort_of(day: date, category: str, *, counts: bool, withheld: bool) -> Sort:
    """The sort of a favor of this day."""
    return Sort(day.replace(day=1), category, counts, withheld)


def count_month(session: Session, group_id: int, sort: Sort, change: int) -> None:
    """Count one favor more, or one less. The caller holds the head's lock."""
    row = session.get(LogMonth, (group_id, *sort), populate_existing=True)
    if row is None:
        session.add(LogMonth(group_id=group_id, **sort._asdict(), favors=change))
    elif row.favors + change:
        row.favors += change
    else:
        session.delete(row)
    session.flush()


def recount_months(session: Session, group_id: int) -> None:
    """Count the months of a group again from its entries."""
    session.execute(delete(LogMonth).where(LogMonth.group_id == group_id).execution_options(synchronize_session=False))
    if rows := months_of(session, group_id):
        session.execute(insert(LogMonth), rows)


def months_of(session: Session, group_id: int) -> list[dict[str, Any]]:
    """The months as the entries say, in the columns of their table."""
    found = Counter[Sort]()
    by = (LogEntry.day, LogEntry.category, LogEntry.counts, LogEntry.withheld)
    days = (
        select(*by, func.count())
        .where(LogEntry.group_id == group_id, LogEntry.kind == "favor", LogEntry.voided_by.is_(None))
        .group_by(*by)
    )
    for day, category, counts, withheld, favors in session.execute(days):
        found[sort_of(day, category, counts=counts, withheld=withheld)] += favors
    return [{"group_id": group_id, **sort._asdict(), "favors": favors} for sort, favors in found.items()]


def months(session: Session, group_id: int, since: date) -> Sequence[tuple[Sort, int]]:
    """How many favors of each sort a group has from a month on; withheld ones are told apart, never whose they are."""
    rows = session.scalars(select(LogMonth).where(LogMonth.group_id == group_id, LogMonth.month >= since))
    return [(Sort(row.month, row.category, row.counts, row.withheld), row.favors) for row in rows]


def taking_part(session: Session, group_id: int) -> int:
    """How many different people have given or received what counts, as far as the log names them."""
    return session.scalar(select(func.count()).select_from(LogCount).where(LogCount.group_id == group_id)) or 0
