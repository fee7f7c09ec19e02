"""What the server gives out of a log by the addresses of c2sp.org/tlog-tiles, below the log's own."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from exchange.log import nodes
from exchange.log.tiles import TileAt, parsed_path
from exchange.storage.entry import LogCheckpoint, LogHead


def served(session: Session, group_id: int, path: str) -> tuple[TileAt, bytes] | None:
    """The tile or bundle at a path such as `tile/0/000.p/12`, of any width that a signed log has reached.

    None where the path is not written as it has to be, or the log was not signed so far.

    Raises:
        exchange.log.nodes.TornTree: the database lacks some of it.
    """
    try:
        at = parsed_path(path)
    except ValueError:
        return None
    newest = (
        select(LogHead.log_id, func.max(LogCheckpoint.size))
        .outerjoin(LogCheckpoint, LogCheckpoint.log_id == LogHead.log_id)
        .where(LogHead.group_id == group_id, LogHead.ended_at.is_(None))
        .group_by(LogHead.log_id)
    )
    log_id, size = session.execute(newest).one()
    read = nodes.bundle if at.level is None else nodes.tile
    data = read(session, log_id, at, size or 0)
    return None if data is None else (at, data)
