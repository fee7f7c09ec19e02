"""The declarative base, one verb's transaction, and the lock on a row.

What differs between SQLite and PostgreSQL when writing stands here: SQLite takes its single write lock when
the transaction begins (a read that is upgraded to a write fails at once, whatever the timeout), PostgreSQL
locks the row.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    BigInteger,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Enum,
    Integer,
    MetaData,
    String,
    TypeDecorator,
    event,
    select,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Session

from exchange.storage import reading
from exchange.storage import rested as rested  # it listens to every pool

BUSY_TIMEOUT_MS = 30_000
MODE = "to_disk"  # in what a connection knows of itself


class Moment(TypeDecorator[datetime]):
    """An instant: aware in Python, UTC in the database on both engines."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 (signature is SQLAlchemy's)
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A moment needs a zone.")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002 (signature is SQLAlchemy's)
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


# SQLite numbers rows by itself only in a column whose type is exactly INTEGER.
Key = BigInteger().with_variant(Integer(), "sqlite")


class Base(DeclarativeBase):
    """What every table shares: how constraints are named and how Python types become columns."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        datetime: Moment,
        int: Key,
        str: String,
        dict[str, Any]: JSON,
        StrEnum: Enum(
            StrEnum,
            values_callable=lambda kinds: [kind.value for kind in kinds],
            native_enum=False,
            length=20,
            create_constraint=False,
        ),
    }


db = SQLAlchemy(metadata=Base.metadata)

Row = TypeVar("Row", bound=Base)
SOON = text("SET LOCAL synchronous_commit = off")


@event.listens_for(Engine, "connect")
def _prepare(connection: Any, _record: Any) -> None:
    """Let SQLAlchemy decide when a SQLite transaction begins, and set the pragmas. PostgreSQL answers pages with one
    process each: to begin others takes longer than any of these statements.
    """
    if type(connection).__module__ != "sqlite3":
        connection.execute("SET max_parallel_workers_per_gather = 0")
        connection.commit()
        return
    connection.isolation_level = None
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
    ):
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    said = connection.get_execution_options()
    if connection.dialect.name == "sqlite":
        _to_disk(connection, "NORMAL" if said.get("on_disk_soon") else "FULL")
        connection.exec_driver_sql(f"BEGIN {said.get('sqlite_begin', 'DEFERRED')}")
    elif said.get("sqlite_begin") == "IMMEDIATE":
        reading.writes(connection)
    else:
        reading.only_reads(connection)


def _to_disk(connection: Connection, mode: str) -> None:
    """How a commit waits for the disk: FULL until it is written there, NORMAL not at all. FULL is how it begins."""
    if connection.info.get(MODE, "FULL") != mode:
        connection.exec_driver_sql(f"PRAGMA synchronous = {mode}")
        connection.info[MODE] = mode


@event.listens_for(Session, "before_flush")
def _write_lock_for_libraries(session: Session, _context: Any, _instances: Any) -> None:
    """A library that flushes outside a verb gets SQLite's write lock too, once per transaction."""
    connection = session.connection()
    raw = connection.connection.dbapi_connection
    if connection.dialect.name != "sqlite" or raw is None:
        return
    if connection.get_execution_options().get("sqlite_begin") == "IMMEDIATE":
        return
    if session.info.get("write_locked_in") is not (running := connection.get_transaction()):
        raw.execute("COMMIT")
        raw.execute("BEGIN IMMEDIATE")
        session.info["write_locked_in"] = running


@contextmanager
def transaction(*, on_disk_soon: bool = False) -> Iterator[Session]:
    """One verb, one transaction: all of it is kept, or nothing.

    On SQLite it waits for the write lock before it reads, so two verbs never decide on the same old state. With
    `on_disk_soon` it does not wait for the disk: killing this process loses nothing, but where the power fails, what
    was written since the last other transaction (on PostgreSQL: within the last second) may be lost whole.

    Raises:
        RuntimeError: somebody changed rows outside a verb; that change would be swept along.
    """
    session = db.session()
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("Rows were changed outside a verb.")
    session.commit()
    session.connection(execution_options={"sqlite_begin": "IMMEDIATE", "on_disk_soon": on_disk_soon})
    try:
        if on_disk_soon and session.get_bind().dialect.name == "postgresql":
            session.execute(SOON)
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise


def locked(session: Session, table: type[Row], row_id: int, **where: Any) -> Row | None:
    """The row as it is now, locked until the transaction ends; None where it is missing or another group's."""
    return session.scalar(
        select(table).filter_by(id=row_id, **where).with_for_update(of=table).execution_options(populate_existing=True)
    )
