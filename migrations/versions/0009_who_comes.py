"""Since when it is noted who comes: nobody is taken for absent from before that.

Revision: 0009
After: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Groups that are there already begin now; later ones are watched from their first day and keep it empty."""
    op.add_column("group", sa.Column("seen_since", sa.DateTime(timezone=True), nullable=True))
    op.execute('UPDATE "group" SET seen_since = CURRENT_TIMESTAMP')


def downgrade() -> None:
    """Forget it."""
    op.drop_column("group", "seen_since")
