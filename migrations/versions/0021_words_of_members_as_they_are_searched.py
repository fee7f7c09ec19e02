"""PostgreSQL keeps beside the words of each member what it makes of them: a directory holds hundreds against a query.

Revision: 0021
After: 0020
"""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

OF_WORDS = "to_tsvector('simple', words)"


def upgrade() -> None:
    """Add the column, and index it in the place of what was made of the words."""
    if op.get_bind().dialect.name == "sqlite":
        return
    op.execute("DROP INDEX member_search")
    op.execute(f"ALTER TABLE member_words ADD COLUMN member_search tsvector GENERATED ALWAYS AS ({OF_WORDS}) STORED")
    op.execute("CREATE INDEX member_search ON member_words USING gin (member_search)")
    op.execute("ANALYZE member_words")  # until it is known which words are frequent, the wrong index is taken


def downgrade() -> None:
    """Take the column away, and its index with it."""
    if op.get_bind().dialect.name == "sqlite":
        return
    op.execute("ALTER TABLE member_words DROP COLUMN member_search")
    op.execute(f"CREATE INDEX member_search ON member_words USING gin ({OF_WORDS})")
    op.execute("ANALYZE member_words")
