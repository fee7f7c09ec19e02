"""Connections to PostgreSQL that have rested: whether the server is still at the other end.

Asking takes as long as a small statement, so it is asked only of those that nobody used for a second: a server that
went away is hardly ever back sooner. Should it be, whoever asks first sees an error, and all connections are made anew.
"""

import time
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry, Pool

RESTED_SECONDS = 1.0
SINCE = "rests_since"


@event.listens_for(Pool, "checkin")
def _rests(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info[SINCE] = time.monotonic()


@event.listens_for(Pool, "checkout")
def _still_answers(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
    """All that rest are given up where one of them is broken, and new ones made."""
    since = record.info.get(SINCE)
    if since is None or time.monotonic() - since < RESTED_SECONDS or type(connection).__module__ == "sqlite3":
        return
    before = connection.autocommit
    try:
        connection.autocommit = True
        connection.execute("SELECT 1")
        connection.autocommit = before
    except connection.Error as error:
        raise InvalidatePoolError from error
