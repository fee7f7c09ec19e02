"""Alembic's environment. The connection comes from `exchange.storage.migrate`, or is made from the settings."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection, create_engine

from exchange import config
from exchange.storage import search, tables
from exchange.storage.db import Moment


def plain(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our own column types as the database knows them: a migration never changes with the code."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Moment) else False


def migrate(connection: Connection) -> None:
    """Run the migrations on an open connection."""
    context.configure(
        connection=connection,
        target_metadata=tables.Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        compare_server_default=True,
        transactional_ddl=True,
        render_item=plain,
        include_name=search.ours,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    with create_engine(config.from_environment().database_url).connect() as made:
        migrate(made)
