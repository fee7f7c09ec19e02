"""A connection of its own for ticking letters off: one small transaction after another, without the work of a session.

What differs between the databases: PostgreSQL ticks in one statement that is its own transaction, SQLite in two.
"""

from collections.abc import Collection
from functools import cache
from types import TracebackType
from typing import Any, Self, cast

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Connection,
    Engine,
    Executable,
    String,
    Table,
    bindparam,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as insert_into_postgresql

from exchange.storage.db import db
from exchange.storage.digest import DigestIssue, DigestShown, IssueState

# On PostgreSQL a commit that does not wait for the disk reaches it within a second by itself.
LASTING, SOON = "on", "off"

_issues, _shown = cast(Table, DigestIssue.__table__), cast(Table, DigestShown.__table__)
_tick = (
    update(_issues)
    .where(
        _issues.c.id == bindparam("issue"),
        _issues.c.state == IssueState.LEASED,
        _issues.c.leased_until == bindparam("until"),
        _issues.c.holder == bindparam("ours"),
    )
    .values(
        state=IssueState.SENT,
        sent_at=bindparam("at"),
        leased_until=None,
        holder="",
        reason="",
        message_id=bindparam("said"),
        carried=bindparam("sizes"),
    )
)
_both = ["issue_id", "post_id"]


class Ticking:
    """The connection. Within a test's transaction, savepoints take the place of transactions."""

    def __init__(self) -> None:
        bind = db.session().get_bind()
        self._engine = bind if isinstance(bind, Engine) else None
        self._connection: Connection = bind.connect() if isinstance(bind, Engine) else bind
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

    def tick(self, said: dict[str, Any], posts: Collection[int], *, lasting: bool) -> bool:
        """Tick an issue off with the posts that it showed. False where it is not leased to us any more.

        When this returns, no kill of the process loses the tick; a `lasting` one, and all before it, no loss of power.
        """
        if self._sqlite:
            return self._tick_in_sqlite(said, posts, lasting)
        values = said | {"posts": list(posts), "mode": LASTING if lasting else SOON}
        if self._engine is not None:
            return bool(self._connection.execute(_in_postgresql(), values).scalar_one())
        with self._connection.begin_nested():
            return bool(self._connection.execute(_in_postgresql(), values).scalar_one())

    def _tick_in_sqlite(self, said: dict[str, Any], posts: Collection[int], lasting: bool) -> bool:
        connection = self._connection
        if self._engine is not None and self._soon is lasting:
            self._soon = not lasting
            self._connection = connection = connection.execution_options(on_disk_soon=self._soon)
        with connection.begin() if self._engine is not None else connection.begin_nested():
            ticked = connection.execute(_tick, said).rowcount
            if ticked and posts:
                # The ids are numbers of ours: as text they need no statement of their own for each.
                connection.execute(_in_sqlite(), {"issue": said["issue"], "posts": str(list(posts))})
        return bool(ticked)


@cache
def _in_sqlite() -> Executable:
    posts = func.json_each(bindparam("posts", type_=String)).table_valued("value")
    shown = select(bindparam("issue", type_=BigInteger), posts.c.value)
    return insert(_shown).prefix_with("OR IGNORE").from_select(_both, shown)


@cache
def _in_postgresql() -> Executable:
    ticked = _tick.returning(_issues.c.id).cte("ticked")
    posts = func.unnest(bindparam("posts", type_=ARRAY(BigInteger)))
    shown = insert_into_postgresql(_shown).from_select(_both, select(ticked.c.id, posts)).on_conflict_do_nothing()
    how = func.set_config("synchronous_commit", bindparam("mode", type_=String), True)
    return select(func.count(), how).select_from(ticked).add_cte(shown.cte("shown"))
