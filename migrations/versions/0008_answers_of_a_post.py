"""Finding the answers of a post, also those that do not count any more.

Revision: 0008
After: 0007
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the index."""
    op.create_index("ix_response_post", "response", ["post_id", "state"])


def downgrade() -> None:
    """Take it away."""
    op.drop_index("ix_response_post", table_name="response")
