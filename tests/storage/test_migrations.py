"""Schema equals models, and every migration goes down and up again with rows in the tables."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DatabaseError

from exchange.storage import migrate, tables
from tests.databases import fresh

GROUP = """
INSERT INTO "group" (id, slug, name, zone, invented, last_number, withholding, created_at)
VALUES (1, 'bar', 'Bar', 'UTC', false, 0, true, '2026-01-01 00:00:00+00:00')
"""
HEAD = "INSERT INTO log_head (log_id, group_id, origin, size) VALUES (1, 1, 'exchange.example/g/1', 1)"


@pytest.fixture
def engine(database_kind: str, tmp_path: Path, worker_id: str) -> Iterator[Engine]:
    with fresh(database_kind, tmp_path, f"migrations_{worker_id}") as url:
        engine = create_engine(url)
        yield engine
        engine.dispose()


def revisions() -> list[str]:
    script = ScriptDirectory.from_config(migrate.alembic_config())
    return [revision.revision for revision in reversed(list(script.walk_revisions()))]


def fill(engine: Engine) -> None:
    """A group, its log and one leaf: rows that a migration could lose."""
    with engine.begin() as connection:
        connection.execute(text(GROUP))
        connection.execute(text(HEAD))
        connection.execute(
            text("INSERT INTO log_leaf (log_id, idx, leaf, hash) VALUES (1, 0, :leaf, :hash)"),
            {"leaf": b"{}", "hash": b"x" * 32},
        )


def test_the_migrations_make_exactly_what_the_models_say(engine):
    migrate.upgrade(engine)

    def ours(name: str | None, kind: str, _parents: Any) -> bool:
        return not (kind == "table" and name == "alembic_version")

    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True, "include_name": ours}
        )
        assert compare_metadata(context, tables.Base.metadata) == []


def test_a_second_upgrade_changes_nothing(engine):
    migrate.upgrade(engine)
    migrate.upgrade(engine)

    assert migrate.current(engine) == migrate.newest()


def test_each_migration_goes_down_and_up_again_and_keeps_the_rows(engine):
    every = revisions()
    migrate.upgrade(engine)
    fill(engine)
    for before, revision in pairwise(every):
        migrate.downgrade(engine, before)
        migrate.upgrade(engine, revision)
        migrate.upgrade(engine)
        with engine.connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM log_leaf")).scalar() == 1


def test_everything_can_be_taken_down(engine):
    migrate.upgrade(engine)
    migrate.downgrade(engine, "base")

    assert migrate.current(engine) == ""


def test_the_triggers_come_with_the_migrations(engine):
    migrate.upgrade(engine)
    fill(engine)

    for statement in ("UPDATE log_leaf SET leaf = hash", "DELETE FROM log_leaf"):
        with pytest.raises(DatabaseError, match="never changed"), engine.begin() as connection:
            connection.execute(text(statement))


def test_there_is_one_line_of_migrations():
    assert len(ScriptDirectory.from_config(migrate.alembic_config()).get_heads()) == 1
