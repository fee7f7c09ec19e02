"""What a statement always says in the same words: values and limits that are written into it.

SQLAlchemy would ask with each of them anew, and write lists of them into the statement each time. PostgreSQL plans a
statement once for all that is asked with it only where it can see that this costs no more: how much a limit that it
does not know leaves to be done, it cannot.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, literal_column


def word(value: StrEnum) -> ColumnElement[Any]:
    """One of the values that a column can have."""
    return literal_column(f"'{value.value}'")


def words(values: Iterable[StrEnum]) -> list[ColumnElement[Any]]:
    """Some of them."""
    return [word(value) for value in sorted(values)]


def at_most(rows: int) -> ColumnElement[int]:
    """A limit."""
    return literal_column(str(int(rows)))
