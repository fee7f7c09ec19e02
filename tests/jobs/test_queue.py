"""The queue wakes, on all three kinds, and its absence disturbs nobody."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from structlog.testing import capture_logs

from exchange import jobs
from exchange.config import Misconfigured, Settings
from exchange.jobs import Queue
from exchange.storage.letter import Letter
from exchange.storage.membership import Membership
from tests.web.reader import Reader

NOWHERE = {
    "sqlite": "sqlite:////nowhere/at/all/queue.sqlite",
    "postgres": "postgresql://127.0.0.1:1/queue",
    "redis": "redis://127.0.0.1:1/0",
}


@pytest.fixture
def web(queue_url: str) -> Iterator[Queue]:
    yield from _queue(queue_url)


@pytest.fixture
def worker(queue_url: str) -> Iterator[Queue]:
    yield from _queue(queue_url)


def _queue(url: str) -> Iterator[Queue]:
    queue = Queue(url)
    while queue.woken():
        pass
    yield queue
    queue.close()


def test_a_worker_hears_a_call_once(web, worker) -> None:
    assert not worker.woken()

    web.wake()

    assert worker.woken()
    assert not worker.woken()


def test_calls_that_nobody_hears_do_not_pile_up(web, worker) -> None:
    for _ in range(50):
        web.wake()

    assert worker.woken()
    assert not worker.woken()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "queue.sqlite",
        "sqlite:///",
        "mysql://host/queue",
        "redis://",
        "redis://host:many/0",
        "redis://host/first",
        "postgresql://",
        "postgresql://host/queue?colour=blue",
    ],
)
def test_an_address_that_cannot_be_used_is_refused_in_a_sentence(url) -> None:
    with pytest.raises(Misconfigured, match="EXCHANGE_QUEUE_URL has to look like"):
        Queue(url)


@pytest.mark.parametrize("url", ["postgres://host/q", "postgresql+psycopg://host/q", "rediss://:secret@host:6380/2"])
def test_nothing_is_opened_before_it_is_used(url) -> None:
    Queue(url)


@pytest.mark.parametrize("url", NOWHERE.values(), ids=NOWHERE.keys())
def test_a_queue_that_is_away_is_said_once_and_left_alone(url, monkeypatch) -> None:
    queue = Queue(url)
    asked: list[int] = []
    monkeypatch.setattr(queue, "_make", _counted(queue._make, asked))
    with capture_logs() as said:
        for _ in range(5):
            queue.wake()
        assert not queue.woken()

    assert [line["event"] for line in said] == ["queue does not answer; work is done every minute"]
    assert len(asked) == 2


def _counted(make, asked):
    def counted():
        asked.append(1)
        return make()

    return counted


def test_it_is_used_again_when_it_is_back(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(jobs, "REST_SECONDS", 0.0)
    queue = Queue(f"sqlite:///{tmp_path / 'later' / 'queue.sqlite'}")
    with capture_logs() as said:
        queue.wake()
        queue.wake()
        (tmp_path / "later").mkdir()
        queue.wake()
        assert queue.woken()
    queue.close()

    assert [line["event"] for line in said][1:] == ["queue answers again"]


def test_a_connection_that_broke_is_made_anew(postgres_queue: str) -> None:
    queue = Queue(postgres_queue)
    queue.wake()
    with psycopg.connect(postgres_queue, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'exchange queue'"
        )
    with capture_logs() as said:
        queue.wake()
        assert queue.woken()
    queue.close()

    assert said == []


@pytest.mark.parametrize("url", NOWHERE.values(), ids=NOWHERE.keys())
def test_a_request_goes_through_while_the_queue_is_away(
    app: Flask, settings: Settings, ada: Membership, reader: Reader, session, monkeypatch, url
) -> None:
    monkeypatch.setitem(app.extensions, "settings", replace(settings, queue_url=url))
    monkeypatch.setitem(app.extensions, "jobs", jobs.Jobs(app))
    with capture_logs() as said:
        page = reader.visit("/reset").press("Send the link", email=ada.person.email)

    assert page.status == 200
    assert session.query(Letter).filter_by(kind="reset", email=ada.person.email).count() == 1
    assert [line["event"] for line in said] == ["queue does not answer; work is done every minute"]
