"""What the server gives out of a log by the addresses of c2sp.org/tlog-tiles, below the log's own."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from exchange.log import nodes
from exchange.log.append import head_of
from exchange.log.tiles import TileAt, parsed_path
from exchange.storage.entry import LogCheckpoint


def signed_size(session: Session, log_id: int) -> int:
    """How many entries the newest checkpoint of a log is over; 0 without one."""
    return session.scalar(select(func.max(LogCheckpoint.size)).filter_by(log_id=log_id)) or 0


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
    log_id = head_of(session, group_id).log_id
    read = nodes.bundle if at.level is None else nodes.tile
    data = read(session, log_id, at, signed_size(session, log_id))
    return None if data is None else (at, data)
