"""Taking out everything of one group, in an order that the keys between tables allow.

Which rows are a group's is read from the schema, so that no table can be forgotten: those that name the group or its
log, and those that belong to such a row.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, Table, func, select, tuple_, update
from sqlalchemy.orm import Session

from exchange.storage.group import Group
from exchange.storage.tables import Base

# A gravestone stays; letters are people's, and are emptied by whoever calls this.
STAY = frozenset({"deleted_group", "letter"})


def next_id(session: Session) -> int | None:
    """The number of a new group, never that of a deleted one; None where the database counts by itself."""
    if session.get_bind().dialect.name != "sqlite":
        return None
    graves = Base.metadata.tables["deleted_group"]
    highest = select(func.max(Group.id)), select(func.max(graves.c.group_id))
    return max(session.scalar(found) or 0 for found in highest) + 1


def take_out(session: Session, group_id: int, *, limit: int) -> int:
    """Delete at most so many rows of a group with a gravestone, the group's own row last. Returns how many went."""
    left = limit
    for table in _children_first():
        of = of_group(table, group_id)
        if of is None:
            continue
        for column in _pointing(table):
            session.execute(update(column.table).where(column.in_(_keys(table, of))).values({column.name: None}))
        left -= _delete(session, table, of, left)
        if left <= 0:
            break
    return limit - left


def count(session: Session, group_id: int) -> int:
    """How many rows a group has in all."""
    found = ((table, of_group(table, group_id)) for table in Base.metadata.sorted_tables)
    counts = (select(func.count()).select_from(table).where(of) for table, of in found if of is not None)
    return sum(session.scalar(one) or 0 for one in counts)


def of_group(table: Table, group_id: int) -> ColumnElement[bool] | None:
    """Which rows of a table are a group's; None for a table that holds nothing of groups."""
    if table.name in STAY:
        return None
    group: Column[Any] | None = table.c.get("id" if table is Group.__table__ else "group_id")
    if group is not None:
        return group == group_id
    if "log_id" in table.c:
        head = Base.metadata.tables["log_head"]
        return table.c.log_id.in_(select(head.c.log_id).where(head.c.group_id == group_id))
    for column, parent in _parents(table):
        of = of_group(parent, group_id)
        if of is not None and not column.nullable:
            return column.in_(_keys(parent, of))
    return None


def _children_first() -> list[Table]:
    return list(reversed(Base.metadata.sorted_tables))


def _parents(table: Table) -> Iterator[tuple[Column[Any], Table]]:
    for column in table.columns:
        for key in column.foreign_keys:
            if key.column.table is not table:
                yield column, key.column.table


def _pointing(table: Table) -> Iterator[Column[Any]]:
    """Columns of rows that are no group's and may name a row of this table."""
    for other in Base.metadata.sorted_tables:
        if of_group(other, 0) is None and other.name not in STAY:
            yield from (column for column, parent in _parents(other) if parent is table)


def _keys(table: Table, of: ColumnElement[bool]) -> Select[Any]:
    return select(next(iter(table.primary_key))).where(of)


def _delete(session: Session, table: Table, of: ColumnElement[bool], most: int) -> int:
    keys = list(table.primary_key)
    some = select(*keys).where(of).limit(most)
    if any(key.column.table is table for key in table.foreign_keys):
        some = some.order_by(keys[0].desc())  # what replaces a decision goes before the decision
    wanted = keys[0].in_(some) if len(keys) == 1 else tuple_(*keys).in_(some)
    gone: Any = session.execute(table.delete().where(wanted))
    return int(gone.rowcount)
