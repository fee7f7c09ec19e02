"""Triggers that make a table refuse to change what stands in it."""

from typing import Any

from sqlalchemy import DDL, Table, event

_ddl: Any = DDL  # untyped in SQLAlchemy


def never_changes(table: str, *, verbs: tuple[str, ...] = ("UPDATE", "DELETE")) -> dict[str, list[str]]:
    """The statements, by dialect, that make a table refuse the given verbs. Migrations run the same ones."""
    sqlite = [
        f"CREATE TRIGGER {table}_refuses_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, 'an entry of the log is never changed'); END"
        for verb in verbs
    ]
    refuse = f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuses()"
    body = "BEGIN RAISE EXCEPTION 'an entry of the log is never changed'; END"
    postgresql = [
        f"CREATE OR REPLACE FUNCTION {table}_refuses() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$",
        f"CREATE TRIGGER {table}_refuses BEFORE {' OR '.join(verbs)} ON {table} {refuse}",
    ]
    if "DELETE" in verbs:
        postgresql.append(f"CREATE TRIGGER {table}_refuses_truncate BEFORE TRUNCATE ON {table} {refuse}")
    return {"sqlite": sqlite, "postgresql": postgresql}


def guard(table: Any, **kinds: tuple[str, ...]) -> None:
    """Create the triggers wherever the table is created from its model."""
    assert isinstance(table, Table)  # noqa: S101 (narrows the type for mypy)
    for dialect, statements in never_changes(table.name, **kinds).items():
        for statement in statements:
            event.listen(table, "after_create", _ddl(statement).execute_if(dialect=dialect))
