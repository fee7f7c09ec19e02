"""Privacy, imprint and retention in the operator's own words.

Revision: 0016
After: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The usual words stand there until somebody writes others."""
    op.create_table(
        "site_text",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("text", sa.String(length=20_000), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_site_text")),
    )


def downgrade() -> None:
    """Forget the operator's words."""
    op.drop_table("site_text")
