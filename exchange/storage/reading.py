"""Who only reads has no transaction on PostgreSQL: it begins with the first statement that is more than a SELECT.

There each statement of a transaction sees the rows as they are when it begins, so one around statements that only read
adds nothing but two questions more to the server; and with every rollback psycopg gives up all statements that it has
prepared. A verb has its transaction from the first statement on, since it says so when it begins.
"""

from typing import Any

from sqlalchemy import Connection, Engine, SelectBase, event
from sqlalchemy.pool import ConnectionPoolEntry, Pool

READS = "only_reads"  # in what a connection knows of itself


def only_reads(connection: Connection) -> None:
    """From here on, until it writes. A connection that somebody has set to have no transactions at all stays so."""
    raw: Any = connection.connection.dbapi_connection
    if not raw.autocommit:
        raw.autocommit = connection.info[READS] = True


def writes(connection: Connection) -> None:
    """From here on there is a transaction."""
    if connection.info.pop(READS, False):
        raw: Any = connection.connection.dbapi_connection
        raw.autocommit = False


@event.listens_for(Engine, "before_cursor_execute")
def _begin_where_more_is_done(
    connection: Connection, _cursor: Any, statement: str, _parameters: Any, context: Any, _many: bool
) -> None:
    if READS not in connection.info:
        return
    if not isinstance(context.invoked_statement, SelectBase) or " FOR " in statement:  # UPDATE
        writes(connection)


@event.listens_for(Pool, "checkin")
def _as_it_was(raw: Any, record: ConnectionPoolEntry) -> None:
    if record.info.pop(READS, False) and raw is not None:
        raw.autocommit = False
