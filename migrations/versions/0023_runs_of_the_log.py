"""PostgreSQL finds the latest entries with a frequent word without reading all: each is indexed with its run.

Revision: 0023
After: 0022
"""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

IN_RUNS = "to_tsvector('simple', words || ' z' || CAST(id >> 12 AS text))"


def upgrade() -> None:
    """Index the words of an entry together with the number of its run."""
    if op.get_bind().dialect.name == "sqlite":
        return
    op.execute("DROP INDEX log_search")
    op.execute(f"CREATE INDEX log_search ON log_words USING gin ({IN_RUNS})")
    op.execute("ANALYZE log_words")


def downgrade() -> None:
    """Index the words alone."""
    if op.get_bind().dialect.name == "sqlite":
        return
    op.execute("DROP INDEX log_search")
    op.execute("CREATE INDEX log_search ON log_words USING gin (to_tsvector('simple', words))")
    op.execute("ANALYZE log_words")
