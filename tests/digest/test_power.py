"""What is left where the power fails: of each worker a few ticks that had not reached the disk yet."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from exchange.digest import issue, leases
from exchange.digest.send import send_all
from exchange.digest.ticks import sent
from exchange.storage.db import db, transaction
from exchange.storage.digest import DigestIssue, IssueState
from exchange.storage.ticking import Tick, Ticking
from tests.databases import fresh
from tests.digest.bag import Bag
from tests.digest.issues import MONDAY
from tests.digest.mailbox import readers
from tests.jobs.running import inside, instance


class PowerFailure(BaseException):
    """Nothing runs any more."""


@pytest.fixture
def env(database_kind: str, tmp_path: Path, worker_id: str) -> Iterator[dict[str, str]]:
    with fresh(database_kind, tmp_path, f"exchange_power_{worker_id}", migrated=True) as url:
        yield instance(tmp_path, database=url, queue=f"sqlite:///{tmp_path / 'queue.sqlite'}", smtp="")


def test_a_power_failure_sends_a_few_letters_again_and_loses_none(env: dict[str, str], monkeypatch: Any) -> None:
    """Ticks since the last one that waited for the disk are gone, as if they had never been written."""
    readers(env, 12)
    monkeypatch.setattr("exchange.digest.round.UNSURE", 4)
    unsure: list[int] = []
    honest = Ticking.tick

    def noted(self: Ticking, one: Tick, *, lasting: bool) -> bool:
        done = honest(self, one, lasting=lasting)
        unsure.append(one.issue)
        if lasting:
            unsure.clear()
        return done

    def fails() -> None:
        if len(bag.letters) == 11:
            raise PowerFailure

    monkeypatch.setattr(Ticking, "tick", noted)
    bag = Bag(then=fails)
    with inside(env) as app:
        settings = app.extensions["settings"]
        with pytest.raises(PowerFailure):
            send_all(at=MONDAY, settings=settings, way=bag)
        assert len(unsure) == 2  # of ten letters that were ticked off, the last two
        with transaction() as session:
            gone = update(DigestIssue).where(DigestIssue.id.in_(unsure))
            session.execute(gone.values(state=IssueState.LEASED, sent_at=None, leased_until=MONDAY, holder="gone"))
            leased = update(DigestIssue).where(DigestIssue.state == IssueState.LEASED)
            session.execute(leased.values(leased_until=MONDAY - timedelta(seconds=1), holder="gone"))
        bag.then = None
        send_all(at=MONDAY, settings=settings, way=bag)

        again = [number for number in Counter(str(one["Message-ID"]) for one in bag.letters).values() if number > 1]
        assert again == [2, 2, 2]  # those two, and the one that was just handed over: each under its own Message-ID
        assert len({one["To"].addresses[0].username for one in bag.letters}) == 12
        assert set(db.session.scalars(select(DigestIssue.state))) == {IssueState.SENT}


def test_a_lasting_tick_waits_for_the_disk_and_others_do_not(env: dict[str, str], database_kind: str) -> None:
    readers(env, 3)
    modes: list[Any] = []
    asked = "PRAGMA synchronous" if database_kind == "sqlite" else "SHOW synchronous_commit"

    class Noted:
        """The driver's connection; `modes` gets how each tick waits for the disk."""

        def __init__(self, driver: Any) -> None:
            self.driver = driver

        def execute(self, statement: str, *values: Any) -> Any:
            if "UPDATE digest_issue SET state" in statement:
                modes.append(self.driver.execute(asked).fetchone()[0])
            return self.driver.execute(statement, *values)

    with inside(env):
        with Ticking() as ticking:
            issue.due(at=MONDAY)
            claimed = leases.claim(MONDAY, 3)
            driver = ticking.driver
            before = driver.execute(asked).fetchone()
            ticking.driver = Noted(driver)
            for one, lasting in zip(claimed, (True, False, True), strict=True):
                told: dict[str, Any] = {"message_id": f"<{one.id}@x>", "carried": {}, "shown": []}
                assert sent(one, at=MONDAY, ticking=ticking, lasting=lasting, **told)
                assert not sent(one, at=MONDAY, ticking=ticking, lasting=lasting, **told)
        after = driver.execute(asked).fetchone()

    full, soon = (2, 1) if database_kind == "sqlite" else ("on", "off")
    assert modes == [full, full, soon, soon, full, full]
    if database_kind == "postgres":
        assert (before, after) == (("off",), ("off",)), "as this server is set"


def test_a_tick_waits_for_whoever_writes_or_repairs_what_a_killed_one_left(
    env: dict[str, str], database_kind: str
) -> None:
    readers(env, 1)
    busy = [sqlite3.SQLITE_BUSY, sqlite3.SQLITE_BUSY_RECOVERY] if database_kind == "sqlite" else []

    class Busy:
        """The driver's connection, whose database is in use at first."""

        def __init__(self, driver: Any) -> None:
            self.driver = driver

        def execute(self, statement: str, *values: Any) -> Any:
            if busy and statement.startswith("BEGIN"):
                error = sqlite3.OperationalError("database is locked")
                error.sqlite_errorcode = busy.pop()
                raise error
            return self.driver.execute(statement, *values)

    with inside(env), Ticking() as ticking:
        issue.due(at=MONDAY)
        [one] = leases.claim(MONDAY, 1)
        ticking.driver = Busy(ticking.driver)
        assert sent(one, at=MONDAY, ticking=ticking, message_id="<1@x>", carried={}, shown=[])
    assert not busy
