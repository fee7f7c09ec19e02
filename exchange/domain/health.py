"""Whether the server can do its work."""

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from exchange.storage.db import db


def ready() -> bool:
    """The database answers and holds our tables."""
    try:
        db.session.execute(text("SELECT size FROM log_head LIMIT 1"))
    except SQLAlchemyError:
        db.session.rollback()
        return False
    return True
