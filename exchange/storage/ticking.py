"""A connection of its own for ticking letters off: one small transaction after another, without the work of a session.

What differs between the databases: PostgreSQL ticks in one statement that is its own transaction, SQLite in two.
"""

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Engine

from exchange.storage.db import db

# By hand: SQLAlchemy takes longer to prepare a statement than either database to run it.
TICK = """
UPDATE digest_issue SET state = 'sent', sent_at = :at, leased_until = NULL, holder = '', reason = '',
message_id = :message_id, carried = :carried
WHERE id = :issue AND state = 'leased' AND leased_until = :until AND holder = :holder
"""
SHOWN = "INSERT OR IGNORE INTO digest_shown (issue_id, post_id) SELECT :issue, value FROM json_each(:posts)"
# A commit that does not wait for the disk reaches it within a second by itself.
BOTH = """
WITH ticked AS (TICK RETURNING id), shown AS (
INSERT INTO digest_shown (issue_id, post_id) SELECT id, unnest(:posts) FROM ticked ON CONFLICT DO NOTHING)
SELECT count(*), set_config('synchronous_commit', :mode, true) FROM ticked
""".replace("TICK", TICK)
LASTING, SOON = "on", "off"
IN_POSTGRESQL = {"carried": "json", "posts": "bigint[]"}


@dataclass(frozen=True)
class Tick:
    """An issue that was sent `at` a moment and is leased to `holder` until then; `carried` by origin of the log."""

    issue: int
    until: datetime
    holder: str
    at: datetime
    message_id: str
    carried: dict[str, int]
    posts: Collection[int]


class Ticking:
    """The connection. Within a test's transaction, savepoints take the place of transactions."""

    def __init__(self) -> None:
        bind = db.session().get_bind()
        self._engine = bind if isinstance(bind, Engine) else None
        self._connection = bind.connect() if isinstance(bind, Engine) else bind
        self._sqlite = bind.dialect.name == "sqlite"
        if self._engine is not None:
            said = {"sqlite_begin": "IMMEDIATE"} if self._sqlite else {"isolation_level": "AUTOCOMMIT"}
            self._connection = self._connection.execution_options(**said)
        self._soon = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._engine is not None:
            self._connection.close()

    def tick(self, one: Tick, *, lasting: bool) -> bool:
        """Tick an issue off with the posts that it showed. False where it is not leased to that holder any more.

        When this returns, no kill of the process loses the tick; a `lasting` one, and all before it, no loss of power.
        """
        said = vars(one) | {"carried": json.dumps(one.carried)}
        if self._sqlite:
            return self._in_sqlite(said, lasting)
        values = said | {"posts": list(one.posts), "mode": LASTING if lasting else SOON}
        if self._engine is not None:
            return self._in_postgresql(values)
        with self._connection.begin_nested():
            return self._in_postgresql(values)

    def _in_postgresql(self, values: dict[str, Any]) -> bool:
        return bool(self._connection.exec_driver_sql(_POSTGRESQL, values).scalar_one())

    def _in_sqlite(self, said: dict[str, Any], lasting: bool) -> bool:
        connection = self._connection
        if self._engine is not None and self._soon is lasting:
            self._soon = not lasting
            self._connection = connection = connection.execution_options(on_disk_soon=self._soon)
        values = said | {name: _written(said[name]) for name in ("at", "until")} | {"posts": str(list(said["posts"]))}
        with connection.begin() if self._engine is not None else connection.begin_nested():
            ticked = connection.exec_driver_sql(TICK, values).rowcount
            if ticked and said["posts"]:
                connection.exec_driver_sql(SHOWN, values)
        return bool(ticked)


def _written(moment: datetime) -> str:
    """A moment as SQLAlchemy writes it into SQLite."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"


def _of_psycopg(statement: str) -> str:
    return re.sub(r":(\w+)", lambda name: f"%({name[1]})s" + _cast(name[1]), statement)


def _cast(name: str) -> str:
    return f"::{IN_POSTGRESQL[name]}" if name in IN_POSTGRESQL else ""


_POSTGRESQL = _of_psycopg(BOTH)
