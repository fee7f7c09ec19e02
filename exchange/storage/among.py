"""Asking for many rows by number, in a statement that is the same however many there are.

A list of parameters as long as the numbers takes SQLAlchemy longer to write than either database to answer. SQLite
reads the numbers as JSON, PostgreSQL as an array.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, String, any_, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session


def among(session: Session, column: InstrumentedAttribute[Any], numbers: Iterable[int]) -> ColumnElement[bool]:
    """Whether a column holds one of these numbers."""
    some = list(numbers)
    if session.get_bind().dialect.name == "sqlite":
        values = func.json_each(literal(str(some), String)).table_valued("value")
        return column.in_(select(values.c.value))
    return column == any_(literal(some, ARRAY(BigInteger)))
