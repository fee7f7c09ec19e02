"""A connection of its own for ticking letters off: one small transaction after another, without the work of a session.

What differs between the databases: in PostgreSQL a statement is its own transaction, SQLite's write lock is waited for.
"""

import json
import re
import sqlite3
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Engine

from exchange.storage.db import BUSY_TIMEOUT_MS, MODE, db

# By hand: SQLAlchemy takes longer to prepare a statement than either database to run it.
TICK = """
UPDATE digest_issue SET state = 'sent', sent_at = :at, leased_until = NULL, holder = '', reason = '',
message_id = :message_id, carried = :carried, shown = :shown
WHERE id = :issue AND state = 'leased' AND leased_until = :until AND holder = :holder
"""
# How a commit waits for the disk: until it is written there, or not at all; then it is there within a second by itself.
FULL, NORMAL = "FULL", "NORMAL"
IN_POSTGRESQL = {FULL: "on", NORMAL: "off"}
LOOK_SECONDS = 0.0001
OF_JSON = {"carried", "shown"}


@dataclass(frozen=True)
class Tick:
    """An issue that was sent `at` a moment and is leased to `holder` until then; `carried` by origin of the log, and
    the posts `shown` in it.
    """

    issue: int
    until: datetime
    holder: str
    at: datetime
    message_id: str
    carried: dict[str, int]
    shown: Collection[int]


class Ticking:
    """The connection, used by the database's own driver. Within a test's transaction, savepoints take the place of
    transactions.
    """

    def __init__(self) -> None:
        bind = db.session().get_bind()
        self._engine = bind if isinstance(bind, Engine) else None
        self._connection = bind.connect() if isinstance(bind, Engine) else bind
        self._sqlite = bind.dialect.name == "sqlite"
        self.driver: Any = None
        if self._engine is not None:
            if not self._sqlite:
                self._connection = self._connection.execution_options(isolation_level="AUTOCOMMIT")
            self.driver = self._connection.connection.driver_connection
            if self._sqlite:
                self.driver.execute("PRAGMA busy_timeout = 0")
        # How PostgreSQL is set is its operator's choice, until the first tick.
        self._mode = self._connection.info.get(MODE, FULL) if self._sqlite else ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._engine is not None:
            if self._sqlite:
                self._to_disk(FULL)
                self.driver.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
            else:
                self.driver.execute("RESET synchronous_commit")
            self._connection.close()

    def tick(self, one: Tick, *, lasting: bool) -> bool:
        """Tick an issue off. False where it is not leased to that holder any more.

        When this returns, no kill of the process loses the tick; a `lasting` one, and all before it, no loss of power.
        """
        said = vars(one) | {"carried": json.dumps(one.carried), "shown": json.dumps([*one.shown])}
        mode = FULL if lasting else NORMAL
        if not self._sqlite:
            return self._in_postgresql(said, mode)
        moments = {name: _written(said[name]) for name in ("at", "until")}
        return self._in_sqlite(said | moments, mode)

    def _in_postgresql(self, values: dict[str, Any], mode: str) -> bool:
        if self.driver is None:
            with self._connection.begin_nested():
                return _ticked(self._connection.exec_driver_sql, _POSTGRESQL, values)
        self._to_disk(mode)
        return _ticked(self.driver.execute, _POSTGRESQL, values)

    def _in_sqlite(self, values: dict[str, Any], mode: str) -> bool:
        if self.driver is None:
            with self._connection.begin_nested():
                return _ticked(self._connection.exec_driver_sql, TICK, values)
        self._to_disk(mode)
        self._begin()
        try:
            ticked = _ticked(self.driver.execute, TICK, values)
            self.driver.execute("COMMIT")
        except BaseException:
            self.driver.rollback()
            raise
        return ticked

    def _begin(self) -> None:
        """Wait for the write lock as long as anybody does, but look every tenth of a millisecond: SQLite itself would
        sleep for ten times as long as another tick takes.
        """
        until = time.monotonic() + BUSY_TIMEOUT_MS / 1000
        while True:
            try:
                self.driver.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                # The lower byte: another process may be writing, or repairing what a killed one has left.
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                    raise
                time.sleep(LOOK_SECONDS)
            else:
                return

    def _to_disk(self, mode: str) -> None:
        if self._mode == mode:
            return
        if self._sqlite:
            self.driver.execute(f"PRAGMA synchronous = {mode}")
            self._connection.info[MODE] = mode
        else:
            self.driver.execute(f"SET synchronous_commit = {IN_POSTGRESQL[mode]}")
        self._mode = mode


def _ticked(execute: Callable[[str, dict[str, Any]], Any], statement: str, values: dict[str, Any]) -> bool:
    return bool(execute(statement, values).rowcount)


def _written(moment: datetime) -> str:
    """A moment as SQLAlchemy writes it into SQLite."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"


def _of_psycopg(statement: str) -> str:
    return re.sub(r":(\w+)", lambda name: f"%({name[1]})s" + _cast(name[1]), statement)


def _cast(name: str) -> str:
    return "::json" if name in OF_JSON else ""


_POSTGRESQL = _of_psycopg(TICK)
