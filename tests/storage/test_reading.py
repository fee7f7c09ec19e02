"""Who only reads has no transaction on PostgreSQL; it begins with the first statement that does more."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Engine, column, create_engine, func, literal, select, table, text, union_all
from sqlalchemy.orm import Session

from tests.databases import fresh

THING = table("thing", column("n"))
READ = select(THING.c.n).order_by(THING.c.n)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Engine]:
    with fresh("postgres", tmp_path_factory.mktemp("reading"), f"reading_{worker_id}") as url:
        made = create_engine(url)
        with made.begin() as connection:
            connection.execute(text("CREATE TABLE thing (n integer)"))
        yield made
        made.dispose()


@pytest.fixture(autouse=True)
def emptied(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(THING.delete())


def raw(connection: Connection) -> Any:
    return connection.connection.dbapi_connection


def in_transaction(connection: Connection) -> bool:
    return bool(raw(connection).info.transaction_status != TransactionStatus.IDLE)


def test_reading_holds_no_transaction(engine):
    with Session(engine) as session:
        session.execute(READ).all()
        session.execute(union_all(select(literal(1)), select(literal(2)))).all()

        assert not in_transaction(session.connection())


@pytest.mark.parametrize(
    "more",
    [
        lambda session: session.execute(THING.insert(), {"n": 1}),
        lambda session: session.execute(READ.with_for_update()),
        lambda session: session.execute(text("SELECT pg_advisory_xact_lock(1)")),
        lambda session: session.connection().exec_driver_sql("SET LOCAL synchronous_commit = off"),
        lambda session: session.begin_nested(),
    ],
    ids=["a row", "a lock on a row", "text", "a setting", "a savepoint"],
)
def test_whatever_does_more_begins_one(engine, more: Callable[[Session], object]):
    with Session(engine) as session:
        session.execute(READ).all()
        more(session)

        assert in_transaction(session.connection())


def test_what_is_written_after_reading_is_kept_whole_or_not_at_all(engine):
    with Session(engine) as session:
        session.execute(READ).all()
        session.execute(THING.insert(), {"n": 1})
        session.execute(THING.insert(), {"n": 2})
        session.rollback()
        nothing = session.scalar(select(func.count()).select_from(THING))
        session.execute(THING.insert(), {"n": 3})
        session.commit()

        assert (nothing, list(session.scalars(READ))) == (0, [3])


def test_a_verb_has_its_transaction_from_the_first_statement_on(engine):
    with Session(engine) as session:
        session.execute(READ).all()
        session.commit()
        session.connection(execution_options={"sqlite_begin": "IMMEDIATE"})
        session.execute(READ).all()

        assert in_transaction(session.connection())


def test_what_was_prepared_stays_prepared_from_page_to_page(engine):
    for _ in range(7):
        with Session(engine) as session:
            session.execute(READ).all()
    with Session(engine) as session:
        prepared = list(session.scalars(text("SELECT statement FROM pg_prepared_statements")))

    assert len([one for one in prepared if "thing" in one]) == 1


def test_a_connection_goes_back_as_it_came(engine):
    with Session(engine) as session:
        session.execute(READ).all()
        connection = raw(session.connection())

    assert connection.autocommit is False


def test_a_connection_without_transactions_stays_so(engine):
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(THING.insert(), {"n": 1})

        assert not in_transaction(connection)
