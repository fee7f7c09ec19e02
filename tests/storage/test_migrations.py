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

from exchange.log.tree import Frontier, leaf_hash
from exchange.storage import migrate, search, tables
from tests.databases import fresh

GROUP = """
INSERT INTO "group" (id, slug, name, zone, invented, last_number, withholding, created_at)
VALUES (1, 'bar', 'Bar', 'UTC', false, 0, true, '2026-01-01 00:00:00+00:00')
"""
HEAD = "INSERT INTO log_head (log_id, group_id, origin, size) VALUES (1, 1, 'exchange.example/g/1', :size)"
LEAF = "INSERT INTO log_leaf (log_id, idx, leaf, hash) VALUES (1, :idx, :leaf, :hash)"
CHECKPOINT = (
    "INSERT INTO log_checkpoint (log_id, size, note, signed_at) VALUES (1, 21, 'x', '2026-10-15 12:00:00+00:00')"
)
ENTRIES = 21


@pytest.fixture
def engine(database_kind: str, tmp_path: Path, worker_id: str) -> Iterator[Engine]:
    with fresh(database_kind, tmp_path, f"migrations_{worker_id}") as url:
        engine = create_engine(url)
        yield engine
        engine.dispose()


def revisions() -> list[str]:
    script = ScriptDirectory.from_config(migrate.alembic_config())
    return [revision.revision for revision in reversed(list(script.walk_revisions()))]


def hashes() -> list[bytes]:
    return [leaf_hash(b"entry %d" % index) for index in range(ENTRIES)]


def fill(engine: Engine, *, size: int = ENTRIES) -> None:
    """A group and its log as they were before it had a tree: rows that a migration could lose, or forget."""
    leaves = [{"idx": index, "leaf": b"entry %d" % index, "hash": one} for index, one in enumerate(hashes())]
    with engine.begin() as connection:
        connection.execute(text(GROUP))
        connection.execute(text(HEAD), {"size": size})
        connection.execute(text(LEAF), leaves)


def tree(engine: Engine) -> tuple[list[Any], bytes]:
    with engine.connect() as connection:
        nodes = connection.execute(text("SELECT level, idx, hash FROM log_node ORDER BY level, idx")).all()
        frontier = connection.execute(text("SELECT frontier FROM log_head")).scalar_one()
    return [(level, index, bytes(one)) for level, index, one in nodes], bytes(frontier)


def test_the_migrations_make_exactly_what_the_models_say(engine):
    migrate.upgrade(engine)

    def ours(name: str | None, kind: str, parents: Any) -> bool:
        return not (kind == "table" and name == "alembic_version") and search.ours(name, kind, parents)

    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True, "include_name": ours}
        )
        assert compare_metadata(context, tables.Base.metadata) == []


def engines_of_search(engine: Engine) -> set[tuple[str, str]]:
    """What indexes the words, as the database tells it."""
    names = tuple(search.ENGINES.values())
    told = {
        "sqlite": "SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'trigger') AND sql IS NOT NULL",
        "postgresql": "SELECT indexname, indexdef FROM pg_indexes",
    }
    with engine.connect() as connection:
        rows = connection.execute(text(told[engine.dialect.name]))
        return {(name, " ".join(said.split())) for name, said in rows if name.startswith(names)}


def test_the_migrations_index_what_is_searched_as_the_models_do(engine, database_kind, tmp_path, worker_id):
    migrate.upgrade(engine)
    (tmp_path / "beside").mkdir()
    with fresh(database_kind, tmp_path / "beside", f"models_{worker_id}") as url:
        beside = create_engine(url)
        tables.Base.metadata.create_all(beside)
        made = engines_of_search(beside)
        beside.dispose()

    assert len(made) >= 3
    assert engines_of_search(engine) == made


def test_a_second_upgrade_changes_nothing(engine):
    migrate.upgrade(engine)
    migrate.upgrade(engine)

    assert migrate.current(engine) == migrate.newest()


def test_each_migration_goes_down_and_up_again_and_keeps_the_rows(engine):
    every = revisions()
    migrate.upgrade(engine, "0002")
    fill(engine)
    migrate.upgrade(engine)
    grown = tree(engine)
    for before, revision in pairwise(every):
        migrate.downgrade(engine, before)
        migrate.upgrade(engine, revision)
        migrate.upgrade(engine)
        with engine.connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM log_leaf")).scalar() == ENTRIES
        assert tree(engine) == grown


def test_a_log_that_was_there_before_gets_its_nodes_and_its_frontier(engine, monkeypatch):
    migrate.upgrade(engine, "0002")
    fill(engine)
    script = ScriptDirectory.from_config(migrate.alembic_config()).get_revision("0003")
    monkeypatch.setattr(script.module, "AT_ONCE", 4)
    migrate.upgrade(engine)

    frontier = Frontier()
    assert tree(engine) == (sorted(frontier.extend(hashes())), frontier.packed())


def test_a_log_that_lacks_an_entry_is_refused_and_stays_as_it_is(engine):
    migrate.upgrade(engine, "0002")
    fill(engine, size=ENTRIES + 1)

    with pytest.raises(RuntimeError, match="says 22 entries and holds 21"):
        migrate.upgrade(engine)
    assert migrate.current(engine) == "0002"


def test_a_log_that_was_begun_anew_cannot_go_back_to_what_does_not_know_of_it(engine):
    migrate.upgrade(engine, "0002")
    fill(engine)
    migrate.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE log_head SET ended_at = '2026-10-15 12:00:00+00:00'"))

    with pytest.raises(RuntimeError, match="begun anew"):
        migrate.downgrade(engine, "0002")


def test_everything_can_be_taken_down(engine):
    migrate.upgrade(engine)
    migrate.downgrade(engine, "base")

    assert migrate.current(engine) == ""


def test_the_triggers_come_with_the_migrations(engine, database_kind):
    migrate.upgrade(engine, "0002")
    fill(engine)
    migrate.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text(CHECKPOINT))

    statements = [
        *("UPDATE log_leaf SET leaf = hash", "DELETE FROM log_leaf"),
        *("UPDATE log_node SET hash = hash", "DELETE FROM log_node WHERE level = 1"),
        *("UPDATE log_checkpoint SET note = ''", "DELETE FROM log_checkpoint"),
    ]
    if database_kind == "postgres":
        statements += ["TRUNCATE log_leaf CASCADE", "TRUNCATE log_node", "TRUNCATE log_checkpoint"]
    for statement in statements:
        with pytest.raises(DatabaseError, match="never changed"), engine.begin() as connection:
            connection.execute(text(statement))


def test_there_is_one_line_of_migrations():
    assert len(ScriptDirectory.from_config(migrate.alembic_config()).get_heads()) == 1
