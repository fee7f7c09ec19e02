"""The favors of a group by month, category and sort: what its totals are read from, whatever its size."""

from collections import Counter
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ScalarSelect, delete, func, insert, literal, null, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from exchange.storage.entry import LogCount, LogEntry
from exchange.storage.total import LogMonth, LogTotal


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


def totals(session: Session, group_id: int, since: date) -> tuple[list[tuple[Sort, int]], int]:
    """How many favors of each sort a group has from a month on, and how many different people have given or received
    what counts since it began. Withheld favors are told apart, never whose they are.
    """
    month = (LogMonth.month, LogMonth.category, LogMonth.counts, LogMonth.withheld, LogMonth.favors)
    months = select(*month).where(LogMonth.group_id == group_id, LogMonth.month >= since)
    people = select(null(), literal(""), null(), null(), LogTotal.people).where(LogTotal.group_id == group_id)
    rows: Any = session.execute(union_all(months, people))  # two sorts of rows have no type in common
    found, count = [], 0
    for first, *sort, number in rows:
        if first is None:
            count = number
        else:
            found.append((Sort(first, *sort), number))
    return found, count


def first_day(member: InstrumentedAttribute[int]) -> ScalarSelect[date]:
    """For statements about members: the day of the first favor that counts, given or received; NULL without one."""
    return select(LogCount.first).where(LogCount.member_id == member).scalar_subquery()
