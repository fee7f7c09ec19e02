"""What becomes of connections to PostgreSQL whose server went away and came back."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from exchange.storage import rested
from tests.databases import fresh
from tests.jobs.running import eventually

BREAK = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'exchange rested'")

THERE = text("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'exchange rested'")


@pytest.mark.parametrize("rest", [0.0, 3600.0], ids=["rested", "just used"])
def test_connections_that_broke_while_they_rested_are_made_anew(tmp_path: Path, worker_id: str, monkeypatch, rest):
    monkeypatch.setattr(rested, "RESTED_SECONDS", rest)
    with fresh("postgres", tmp_path, f"rested_{worker_id}") as url:
        engine = create_engine(url, connect_args={"application_name": "exchange rested"})
        other = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as one, engine.connect() as two:
            assert (one.scalar(text("SELECT 1")), two.scalar(text("SELECT 2"))) == (1, 2)
        with other.connect() as connection:
            connection.execute(BREAK)
            eventually(lambda: connection.scalar(THERE) == 0, what="nobody left")

        answers = []
        for _ in range(3):
            try:
                with engine.connect() as one:
                    answers.append(one.scalar(text("SELECT 3")))
            except DBAPIError:
                answers.append(None)
        engine.dispose()
        other.dispose()

    assert answers == ([3, 3, 3] if rest == 0.0 else [None, 3, 3])
