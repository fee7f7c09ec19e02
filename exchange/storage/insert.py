"""Inserting what is not there yet. The unique keys decide, so any number of processes may try at once."""

from collections.abc import Sequence
from functools import cache
from typing import Any, cast

from sqlalchemy import ARRAY, Executable, Table, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from exchange.storage.db import Base


def insert_new(session: Session, table: type[Base], rows: Sequence[dict[str, Any]]) -> int:
    """Insert those rows of which there is none with the same unique key; how many. All rows name the same columns."""
    if not rows:
        return 0
    said = _into(table, session.get_bind().dialect.name)
    result: Any = session.connection().execute(said, list(rows), execution_options={"preserve_rowcount": True})
    return int(result.rowcount)


def insert_alike(session: Session, table: type[Base], rows: Sequence[dict[str, Any]], *, same: dict[str, Any]) -> int:
    """Insert those rows of which there is none with the same unique key; how many. They name the same few columns, in
    which they differ; `same` is what all of them say beside that.

    PostgreSQL, which otherwise takes rows one by one, takes each of the columns as an array.
    """
    if not rows or session.get_bind().dialect.name == "sqlite":
        return insert_new(session, table, [row | same for row in rows])
    names = tuple(rows[0])
    arrays = {name: [row[name] for row in rows] for name in names}
    said = _of_arrays(table, names, tuple(same))
    result: Any = session.connection().execute(said, arrays | same, execution_options={"preserve_rowcount": True})
    return int(result.rowcount)


@cache
def _into(table: type[Base], dialect: str) -> Executable:
    """The statement, made once: building it takes longer than running it."""
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(cast(Table, table.__table__)).on_conflict_do_nothing()


@cache
def _of_arrays(table: type[Base], apart: tuple[str, ...], same: tuple[str, ...]) -> Executable:
    columns = cast(Table, table.__table__).c
    values = [
        *(func.unnest(bindparam(name, type_=ARRAY(columns[name].type))) for name in apart),
        *(bindparam(name, type_=columns[name].type) for name in same),
    ]
    into = postgresql.insert(cast(Table, table.__table__)).inline()
    return into.from_select([*apart, *same], select(*values)).on_conflict_do_nothing()
