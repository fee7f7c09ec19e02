"""What a group asks of those who want to join, and what they answer.

Revision: 0010
After: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """No group asks anything yet."""
    op.add_column("group_policy", sa.Column("question", sa.String(length=300), nullable=True))
    op.create_table(
        "asking",
        sa.Column("membership_id", KEY, autoincrement=False, nullable=False),
        sa.Column("question", sa.String(length=300), nullable=False),
        sa.Column("answer", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["membership_id"], ["membership.id"], name=op.f("fk_asking_membership_id")),
        sa.PrimaryKeyConstraint("membership_id", name=op.f("pk_asking")),
    )


def downgrade() -> None:
    """Forget both."""
    op.drop_table("asking")
    op.drop_column("group_policy", "question")
