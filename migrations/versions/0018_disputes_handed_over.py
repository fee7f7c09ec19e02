"""When a dispute went to the site's administrator, because no organiser is free to settle it.

Revision: 0018
After: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """None has yet: those of before end by themselves."""
    op.add_column("favor", sa.Column("handed_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """They end by themselves, all of them."""
    op.drop_column("favor", "handed_at")
