"""A mail server that does not answer is left alone for a while, by all workers together."""

import random
from datetime import datetime, timedelta

from exchange.storage.db import db, locked, transaction
from exchange.storage.insert import insert_new
from exchange.storage.pace import MailBreaker

FIRST_REST = timedelta(seconds=2)
LONGEST_REST = timedelta(minutes=5)
JITTER = 0.2
ONE = 1


def rests_until(at: datetime) -> datetime | None:
    """Until when the server is left alone; None when it may be tried."""
    row = db.session.get(MailBreaker, ONE, populate_existing=True)
    until = _rest(row, at) if row else None
    db.session.rollback()
    return until


def _rest(row: MailBreaker, at: datetime) -> datetime | None:
    """The end of its rest. One that lies further ahead than any rest was written by a clock that was wrong."""
    return row.until if row.until and at < row.until <= at + LONGEST_REST * (1 + JITTER) else None


def failures() -> tuple[int, str]:
    """How often in a row the server did not answer, and what it said or did last."""
    row = db.session.get(MailBreaker, ONE, populate_existing=True)
    found = (row.failures, row.why) if row else (0, "")
    db.session.rollback()
    return found


def silent(at: datetime, why: str) -> datetime:
    """The server did not answer, or will have none of us: leave it alone, longer each time. Until when."""
    with transaction() as session:
        insert_new(session, MailBreaker, [{"id": ONE}])
        row = locked(session, MailBreaker, ONE)
        assert row is not None  # noqa: S101 (inserted a line above)
        row.why = why[:300]
        until = _rest(row, at)
        if until is None:  # several workers that met the same silence count as one
            row.failures += 1
            rest = min(FIRST_REST * 2 ** min(row.failures - 1, 20), LONGEST_REST)
            row.until = until = at + rest * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 (nothing secret)
        return until


def answered() -> None:
    """The server says something, be it no: whatever it did before is forgotten."""
    if failures()[0]:
        with transaction() as session:
            row = locked(session, MailBreaker, ONE)
            if row is not None:
                row.failures, row.until, row.why = 0, None, ""
