"""Inserting what is not there yet. The unique keys decide, so any number of processes may try at once."""

from collections.abc import Sequence
from functools import cache
from typing import Any, cast

from sqlalchemy import Executable, Table
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


@cache
def _into(table: type[Base], dialect: str) -> Executable:
    """The statement, made once: building it takes longer than running it."""
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(cast(Table, table.__table__)).on_conflict_do_nothing()
