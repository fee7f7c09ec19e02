"""Triggers that make a table refuse to change what stands in it."""

from typing import Any

from sqlalchemy import DDL, Table, event

_ddl: Any = DDL  # untyped in SQLAlchemy

NEVER = "an entry of the log is never changed"
# Of which group a row is, where only a group that two people have deleted takes its rows along. `OLD` is the row.
OF_LOG = "(SELECT group_id FROM log_head WHERE log_head.log_id = OLD.log_id)"
OF_GROUP = "OLD.group_id"


def never_changes(
    table: str, *, verbs: tuple[str, ...] = ("UPDATE", "DELETE"), said: str = NEVER
) -> dict[str, list[str]]:
    """The statements, by dialect, that make a table refuse the given verbs. Migrations run the same ones."""
    abort = f"BEGIN SELECT RAISE(ABORT, '{said}'); END"
    sqlite = [f"CREATE TRIGGER {table}_refuses_{verb.lower()} BEFORE {verb} ON {table} {abort}" for verb in verbs]
    refuse = f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuses()"
    body = f"BEGIN RAISE EXCEPTION '{said}'; END"
    postgresql = [
        f"CREATE OR REPLACE FUNCTION {table}_refuses() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$",
        f"CREATE TRIGGER {table}_refuses BEFORE {' OR '.join(verbs)} ON {table} {refuse}",
    ]
    if "DELETE" in verbs:
        postgresql.append(f"CREATE TRIGGER {table}_refuses_truncate BEFORE TRUNCATE ON {table} {refuse}")
    return {"sqlite": sqlite, "postgresql": postgresql}


def goes_with_its_group(table: str, of: str) -> dict[str, list[str]]:
    """The same for UPDATE and DELETE, but that a row may go once its group is deleted: once it has its gravestone.

    Nobody can lay a gravestone but over a deletion that two people agreed to, and none is ever taken away.
    """
    grave = f"SELECT 1 FROM deleted_group WHERE deleted_group.group_id = {of}"  # noqa: S608 (names of our own)
    update = never_changes(table, verbs=("UPDATE",))
    delete = f"CREATE TRIGGER {table}_refuses_delete BEFORE DELETE ON {table}"
    refuse = f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuses()"
    body = f"BEGIN IF EXISTS ({grave}) THEN RETURN OLD; END IF; RAISE EXCEPTION '{NEVER}'; END"
    return {
        "sqlite": [
            *update["sqlite"],
            f"{delete} WHEN NOT EXISTS ({grave}) BEGIN SELECT RAISE(ABORT, '{NEVER}'); END",
        ],
        "postgresql": [
            *update["postgresql"],
            f"CREATE TRIGGER {table}_refuses_truncate BEFORE TRUNCATE ON {table} {refuse}",
            f"CREATE OR REPLACE FUNCTION {table}_stays() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$",
            f"{delete} FOR EACH ROW EXECUTE FUNCTION {table}_stays()",
        ],
    }


def refuses_when(table: str, name: str, *, verb: str, when: str, said: str) -> dict[str, list[str]]:
    """The statements, by dialect, that make a table refuse a row by itself, `NEW`."""
    trigger = f'CREATE TRIGGER {name} BEFORE {verb} ON "{table}"'
    body = f"BEGIN IF {when} THEN RAISE EXCEPTION '{said}'; END IF; RETURN NEW; END"
    return {
        "sqlite": [f"{trigger} WHEN {when} BEGIN SELECT RAISE(ABORT, '{said}'); END"],
        "postgresql": [
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$",
            f"{trigger} FOR EACH ROW EXECUTE FUNCTION {name}()",
        ],
    }


def guard(table: Any, *, of: str = "", **kinds: Any) -> None:
    """Create the triggers wherever the table is created from its model; `of` where its rows go with their group."""
    assert isinstance(table, Table)  # noqa: S101 (narrows the type for mypy)
    create(table, goes_with_its_group(table.name, of) if of else never_changes(table.name, **kinds))


def create(table: Any, by_dialect: dict[str, list[str]]) -> None:
    """Run these statements once the table is created from its model."""
    for dialect, statements in by_dialect.items():
        for statement in statements:
            event.listen(table, "after_create", _ddl(statement).execute_if(dialect=dialect))
