"""Full-text search on both databases: the rows that are searched, the engine beside them, and how it is asked.

Beside each thing stands one row of words (see `exchange.storage.stems`), written in the transaction that changes the
thing. SQLite indexes the rows with FTS5 over external content, kept by triggers; PostgreSQL with GIN over
`to_tsvector('simple', words)`, which for members is a column beside the words, and for entries holds their run as well.
A query is a list of words that all have to stand there, each with what may stand for it; both engines find the same.
Who may see what is found is decided by whoever asks.
"""

import json
from collections.abc import Collection, Sequence
from typing import Any, cast

from sqlalchemy import (
    DDL,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Select,
    Table,
    Text,
    bindparam,
    column,
    event,
    func,
    literal,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from exchange.storage.db import Base

# One word of a query: any of these may stand for it; with * at its end, whatever begins so.
Query = Sequence[Collection[str]]
LOG = 1 << 40
OPEN, TO_ALL = "xopen", "xall"


class PostWords(Base):
    """What is searched of a post. `k` stands before its category's slug, `m` before its author's number, `a` before the
    words of its place; `OPEN` stands there while it is open."""

    __tablename__ = "post_words"

    post_id: Mapped[int] = mapped_column(
        ForeignKey("post.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    words: Mapped[str] = mapped_column(Text)


class MemberWords(Base):
    """What is searched of a member: `n` the name, `f` the firm, `p` the practice, `o` the office, `h` what they can
    help with, `l` what they would love.

    `name` puts members in their order, the same on both databases; `listed` are those who are active.
    """

    __tablename__ = "member_words"
    __table_args__ = (Index("ix_member_words_directory", "group_id", "listed", "name", "member_id"),)

    member_id: Mapped[int] = mapped_column(
        ForeignKey("membership.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    group_id: Mapped[int]
    listed: Mapped[bool]
    name: Mapped[str] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text)


class LogWords(Base):
    """What is searched of an entry: as of a post, with an `m` for each member who is named. `TO_ALL` stands there where
    every member may read it; else `r` before the number of each who may.

    The id is the place in all logs, the log's own times `LOG`: the entries of one log are a range of it, in order.
    """

    __tablename__ = "log_words"
    __table_args__ = (
        ForeignKeyConstraint(
            ["log_id", "idx"], ["log_entry.log_id", "log_entry.idx"], ondelete="CASCADE", onupdate="CASCADE"
        ),
        Index("uq_log_words_entry", "log_id", "idx", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    log_id: Mapped[int]
    idx: Mapped[int]
    words: Mapped[str] = mapped_column(Text)


ENGINES = {PostWords: "post_search", MemberWords: "member_search", LogWords: "log_search"}
# Read by name: PostgreSQL holds one after the other against a query, and would make the same of their words each time.
KEPT = "member_search"
OF_WORDS = "to_tsvector('simple', words)"
# PostgreSQL numbers entries by runs of 4,096, and indexes each with the number of its run: a query for the latest runs
# then does not go through all entries in which a frequent word stands.
RUN = 12
IN_RUNS = f"to_tsvector('simple', {{0}}words || ' z' || CAST({{0}}id >> {RUN} AS text))"
SIMPLE: ColumnElement[str] = literal_column("'simple'")


def engine_of(name: str, rows: str, key: str) -> dict[str, list[str]]:
    """The statements, by dialect, that make the engine of a table of words. Migrations run the same ones."""
    fresh = f"INSERT INTO {name} (rowid, words) VALUES (new.{key}, new.words);"  # noqa: S608 (names of our own)
    stale = f"INSERT INTO {name} ({name}, rowid, words) VALUES ('delete', old.{key}, old.words);"  # noqa: S608 (names of our own)
    changes = {"INSERT": fresh, "DELETE": stale, "UPDATE": stale + fresh}
    content = f"words, content='{rows}', content_rowid='{key}', tokenize='unicode61', detail=none, columnsize=0"
    sqlite = [f"CREATE VIRTUAL TABLE {name} USING fts5({content})"]
    sqlite += [
        f"CREATE TRIGGER {name}_{verb.lower()} AFTER {verb} ON {rows} BEGIN {what} END"
        for verb, what in changes.items()
    ]
    kept = f"ALTER TABLE {rows} ADD COLUMN {name} tsvector GENERATED ALWAYS AS ({OF_WORDS}) STORED"
    of = {KEPT: KEPT, "log_search": IN_RUNS.format("")}.get(name, OF_WORDS)
    index = f"CREATE INDEX {name} ON {rows} USING gin ({of})"
    return {"sqlite": sqlite, "postgresql": [*([kept] if name == KEPT else []), index]}


def ours(name: str | None, _kind: str, _parents: Any) -> bool:
    """Whether Alembic looks at it: engines and what they keep are not in the models."""
    return not str(name).startswith(tuple(ENGINES.values()))


def _make(rows: type[Base], name: str) -> None:
    made: Any = DDL  # untyped in SQLAlchemy
    kept = cast(Table, rows.__table__)
    for dialect, statements in engine_of(name, kept.name, next(iter(kept.primary_key)).name).items():
        for statement in statements:
            event.listen(kept, "after_create", made(statement.replace("%", "%%")).execute_if(dialect=dialect))


for _rows, _name in ENGINES.items():
    _make(_rows, _name)


def matches(session: Session, rows: type[Base], query: Query) -> Select[int]:
    """The keys of the rows in which every word of a query stands, to be narrowed, ordered and cut."""
    return matching(rows, literal(said(session, query), Text()), sqlite=on_sqlite(session))


def matching(rows: type[Base], query: ColumnElement[str], *, sqlite: bool) -> Select[int]:
    """The same for a statement that is made once, and asked with what is `said`."""
    if sqlite:
        name = ENGINES[rows]
        engine = table(name, column("rowid"), column(name))
        return select(engine.c.rowid.label("id")).where(engine.c[name].op("MATCH")(query))
    kept = cast(Table, rows.__table__)
    key = select(next(iter(kept.primary_key)).label("id"))
    if rows is MemberWords:
        return key.where(fits(query))
    if rows is LogWords:
        return key.where(_found(literal_column(IN_RUNS.format(f"{kept.name}.")), query))
    return key.where(_found(func.to_tsvector(SIMPLE, kept.c.words), query))


def fits(query: ColumnElement[str]) -> ColumnElement[bool]:
    """That every word of a query stands in the row of a member: of PostgreSQL, which keeps there what it reads."""
    return _found(literal_column(f"{MemberWords.__tablename__}.{KEPT}"), query)


def _found(there: ColumnElement[Any], query: ColumnElement[str]) -> ColumnElement[bool]:
    found: ColumnElement[bool] = there.op("@@")(func.to_tsquery(SIMPLE, query))
    return found


def on_sqlite(session: Session) -> bool:
    """Which of the two engines it is."""
    return session.get_bind().dialect.name == "sqlite"


def said(session: Session, query: Query) -> str:
    """A query as the engine reads it. What stands in it are letters and digits only."""
    either, both, begins = (" OR ", " AND ", "*") if on_sqlite(session) else (" | ", " & ", ":*")
    words = [either.join(sorted(word)).replace("*", begins) for word in query]
    return both.join(f"({word})" for word in words)


def standing(words: Any, query: ColumnElement[str], *, sqlite: bool) -> ColumnElement[bool]:
    """That every word of a query stands in a row: for a few rows that are at hand, without the engine. It is asked with
    what is `told`.
    """
    if not sqlite:
        return _found(func.to_tsvector(SIMPLE, words), query)
    word = func.json_each(query).table_valued("value", name="word")
    either = func.json_each(word.c.value).table_valued("value", name="either")
    row: ColumnElement[str] = literal_column("' '").concat(words).concat(literal_column("' '"))
    stands = select(either.c.value).where(func.instr(row, either.c.value) > 0).correlate_except(either)
    return ~select(word.c.value).where(~stands.exists()).correlate_except(word).exists()


def told(session: Session, query: Query) -> str:
    """A query for rows that are at hand."""
    if not on_sqlite(session):
        return said(session, query)
    return json.dumps([[f" {one[:-1]}" if one.endswith("*") else f" {one} " for one in sorted(word)] for word in query])


def write(session: Session, rows: type[Base], found: Sequence[dict[str, Any]]) -> None:
    """Put rows of words in the place of those with the same keys."""
    if not found:
        return
    kept = cast(Table, rows.__table__)
    keys = list(kept.primary_key)
    gone = kept.delete().where(*(key == bindparam(f"of_{key.name}") for key in keys))
    connection = session.connection()
    connection.execute(gone, [{f"of_{key.name}": one[key.name] for key in keys} for one in found])
    connection.execute(kept.insert(), list(found))


def forget(session: Session) -> None:
    """Nothing of what was taken out stays inside an engine: FTS5 keeps it beside a mark until its parts are merged."""
    if on_sqlite(session):
        for name in ENGINES.values():
            session.execute(text(f"INSERT INTO {name} ({name}) VALUES ('optimize')"))  # noqa: S608 (names of our own)
