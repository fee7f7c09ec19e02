"""Tokens with which a person's programs read the logs of their groups.

Revision: 0005
After: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "read_token",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_on", sa.Date(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("length(token_hash) = 64", name=op.f("ck_read_token_hash_is_sha256")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_read_token_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_read_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_read_token_token_hash")),
    )
    op.create_index("ix_read_token_person_id", "read_token", ["person_id"])


def downgrade() -> None:
    """Every token stops working."""
    op.drop_table("read_token")
