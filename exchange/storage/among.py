"""Asking for many rows by number, in a statement that is written once, however many there are.

A list of parameters as long as the numbers takes SQLAlchemy longer to write than either database to answer, and so
does a statement that is made anew each time. SQLite reads the numbers as JSON, PostgreSQL as an array.
"""

from collections.abc import Iterable
from typing import Any, Self

from sqlalchemy import ARRAY, BigInteger, Boolean, Dialect, String, TypeDecorator, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeEngine


class Numbers(TypeDecorator[Iterable[int]]):
    """Whole numbers as one value."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """JSON or an array."""
        return dialect.type_descriptor(String() if dialect.name == "sqlite" else ARRAY(BigInteger))

    def process_bind_param(self, value: Iterable[int] | None, dialect: Dialect) -> Any:
        """As the database reads them."""
        some = list(value or ())
        return str(some) if dialect.name == "sqlite" else some


class Among(FunctionElement[bool]):
    """That a column holds one of some numbers."""

    name = "among"
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: OperatorType | None = None) -> Self:  # noqa: ARG002 (signature is SQLAlchemy's)
        """As it is. Where there are no booleans SQLAlchemy would ask whether it equals 1, which no index answers."""
        return self


def among(column: InstrumentedAttribute[Any], name: str) -> Among:
    """Whether a column holds one of the numbers which are given under this name when the statement is executed."""
    return Among(column, bindparam(name, type_=Numbers()))


@compiles(Among)
def _in_an_array(element: Among, compiler: SQLCompiler, **options: Any) -> str:
    column, numbers = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{column} = ANY ({numbers})"


@compiles(Among, "sqlite")
def _in_json(element: Among, compiler: SQLCompiler, **options: Any) -> str:
    column, numbers = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({numbers}))"  # noqa: S608 (both are written by SQLAlchemy)
