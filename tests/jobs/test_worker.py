"""Workers as real processes: woken from elsewhere, several at once, ended in the middle."""

import json
import os
import signal
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from structlog.testing import capture_logs

from exchange import jobs
from exchange.jobs import Jobs, tick
from exchange.mail import Delivered
from exchange.storage.db import db
from exchange.storage.letter import Letter, LetterState
from tests.databases import fresh
from tests.jobs.running import Sink, eventually, inside, instance, sink, told, workers
from tests.mail.samples import due

MANY = 30


@pytest.fixture
def mailbox() -> Iterator[tuple[Sink, str]]:
    with sink(seconds=0.05) as running:
        yield running


@pytest.fixture
def taker(mailbox: tuple[Sink, str]) -> Sink:
    return mailbox[0]


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """What the workers write."""
    return tmp_path / "output"


@pytest.fixture
def database(database_kind: str, tmp_path: Path, worker_id: str) -> Iterator[str]:
    with fresh(database_kind, tmp_path, f"exchange_jobs_{worker_id}", migrated=True) as url:
        yield url


@pytest.fixture
def env(database: str, mailbox: tuple[Sink, str], tmp_path: Path) -> dict[str, str]:
    return instance(tmp_path, database=database, queue=f"sqlite:///{tmp_path / 'queue.sqlite'}", smtp=mailbox[1])


def write(first: int, last: int) -> None:
    """Letters that are due now."""
    now = datetime.now(UTC)
    for number in range(first, last):
        db.session.add(due(number, due_at=now, created_at=now))
    db.session.commit()


def states() -> set[LetterState]:
    db.session.rollback()
    return {state for (state,) in db.session.query(Letter.state).distinct()}


def test_a_call_reaches_a_worker_in_another_process(database, mailbox, queue_url, tmp_path, output) -> None:
    env = instance(tmp_path, database=database, queue=queue_url, smtp=mailbox[1])
    with inside(env) as app, workers(env, output):
        app.extensions["jobs"].wake()
        for number in range(2):
            write(number, number + 1)
            app.extensions["jobs"].wake()
            eventually(lambda: len(mailbox[0].taken) > number, what=told(output), patience=15)  # noqa: B023 (at once)


def test_two_workers_send_each_letter_once(env, taker, output) -> None:
    with inside(env) as app:
        write(0, MANY)
        with workers(env, output, number=2) as (one, two):
            write(MANY, 2 * MANY)
            app.extensions["jobs"].wake()
            app.extensions["jobs"].wake()
            eventually(lambda: states() == {LetterState.SENT}, what=told(output))
            for process in (one, two):
                process.terminate()
            assert [process.wait(20) for process in (one, two)] == [0, 0]

    assert (len(taker.taken), taker.extras) == (2 * MANY, 0)


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_a_signal_finishes_what_is_in_hand(env, taker, output, signum) -> None:
    with inside(env):
        write(0, MANY)
        with workers(env, output) as (worker,):
            eventually(lambda: len(taker.taken) >= 3, what=told(output))
            os.kill(worker.pid, signum)
            assert worker.wait(20) == 0
        assert 3 <= len(taker.taken) < MANY
        assert LetterState.LEASED not in states()
        with workers(env, output):
            eventually(lambda: states() == {LetterState.SENT}, what=told(output))

    assert (len(taker.taken), taker.extras) == (MANY, 0)


def test_in_production_each_line_is_an_object(env, taker, output) -> None:
    env |= {
        "EXCHANGE_ENV": "production",
        "EXCHANGE_BASE_URL": "https://exchange.example",
        "EXCHANGE_LOG_KEY": "0" * 43 + "=",
    }
    with inside(env | {"EXCHANGE_ENV": ""}):
        write(0, 1)
    with workers(env | {"EXCHANGE_SECRET_KEY": "s" * 32}, output) as (worker,):
        eventually(lambda: '"sent"' in told(output), what=told(output))
        worker.terminate()
        worker.wait(20)

    lines = [json.loads(line) for line in told(output).splitlines()]
    assert [line["event"] for line in lines] == ["worker began", "letter", "worker ended"]
    assert "reader0" not in told(output)


def test_a_worker_without_a_queue_works_every_minute(app: Flask, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(jobs, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(jobs, "tick", lambda _app, **_: looked.append(1))
    looked: list[int] = []
    own = Jobs(app)
    own.queue = jobs.Queue(f"sqlite:///{tmp_path / 'later' / 'queue.sqlite'}")
    with capture_logs() as said:
        thread = threading.Thread(target=own.work)
        thread.start()
        eventually(lambda: len(looked) > 3, what="a look every minute")
        own.end()
        thread.join()
    own.queue.close()

    assert [line["event"] for line in said] == ["queue does not answer; work is done every minute"]


def test_what_fails_is_said_without_its_contents_and_stops_nothing(app: Flask, monkeypatch) -> None:
    def fail(**_: object) -> Delivered:
        raise ValueError("what Ada wrote")

    monkeypatch.setattr(jobs, "deliver", fail)
    with capture_logs() as said:
        assert not tick(app)

    assert [(line["event"], line["job"], line["error"]) for line in said] == [("job failed", "letters", "ValueError")]
    assert said[0]["where"].startswith("exchange/jobs.py:")
    assert "Ada" not in str(said)
