"""Bringing a database up to date, and telling whether it is."""

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

FOLDER = Path(__file__).resolve().parent.parent.parent / "migrations"


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration without a file of its own."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    return config


def newest() -> str:
    """The revision that this code needs."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head() or ""


def known(revision: str) -> bool:
    """Whether this code knows how to bring tables of a revision up to date."""
    return any(script.revision == revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions())


def current(bind: Engine | Connection) -> str:
    """The revision that the database is at; empty for a new one. An open connection is used as it is."""
    if isinstance(bind, Connection):
        return MigrationContext.configure(bind).get_current_revision() or ""
    with bind.connect() as connection:
        return current(connection)


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database up to a revision, in one transaction.

    SQLite's foreign keys are off meanwhile, since Alembic's batch mode recreates tables and would delete child rows;
    they are checked before the commit.
    """
    _run(engine, lambda connection: command.upgrade(alembic_config(connection), revision))


def downgrade(engine: Engine, revision: str) -> None:
    """Bring the database back to an older revision, under the same conditions."""
    _run(engine, lambda connection: command.downgrade(alembic_config(connection), revision))


def _run(engine: Engine, change: Callable[[Connection], None]) -> None:
    with engine.connect() as connection:
        if connection.dialect.name != "sqlite":
            with connection.begin():
                # One migration at a time, however many servers start at once.
                connection.execute(text("SELECT pg_advisory_xact_lock(7311)"))
                change(connection)
            return
        raw = connection.connection.dbapi_connection
        assert raw is not None  # noqa: S101 (the connection is open)
        raw.execute("PRAGMA foreign_keys = OFF")
        try:
            with connection.execution_options(sqlite_begin="IMMEDIATE").begin():
                change(connection)
                broken = connection.execute(text("PRAGMA foreign_key_check")).all()
                if broken:
                    raise RuntimeError(f"The migration would leave {len(broken)} rows without their parents.")
        finally:
            raw.execute("PRAGMA foreign_keys = ON")
