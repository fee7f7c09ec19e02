"""The day of each member's first favor that counts, and how many members of a group have had one.

Revision: 0020
After: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COUNTED = "kind = 'favor' AND counts AND NOT withheld AND voided_by IS NULL"
FIRST = f"""
    UPDATE log_count SET first = COALESCE((SELECT MIN(found.day) FROM (
        SELECT day FROM log_entry WHERE giver_id = log_count.member_id AND {COUNTED}
        UNION ALL SELECT day FROM log_entry WHERE receiver_id = log_count.member_id AND {COUNTED}
    ) AS found), first)
"""  # noqa: S608 (nothing that anybody typed)


def upgrade() -> None:
    """Add the column and the table, and fill them from what is there."""
    op.add_column("log_count", sa.Column("first", sa.Date(), nullable=False, server_default=sa.text("'1970-01-01'")))
    op.execute(FIRST)
    op.create_table(
        "log_total",
        sa.Column("group_id", KEY, autoincrement=False, nullable=False),
        sa.Column("people", KEY, nullable=False),
        sa.CheckConstraint("people > 0", name=op.f("ck_log_total_people_are_some")),
        sa.ForeignKeyConstraint(["group_id"], ["group.id"], name=op.f("fk_log_total_group_id")),
        sa.PrimaryKeyConstraint("group_id", name=op.f("pk_log_total")),
    )
    op.execute("INSERT INTO log_total (group_id, people) SELECT group_id, COUNT(*) FROM log_count GROUP BY group_id")


def downgrade() -> None:
    """Forget them; the entries stay."""
    op.drop_table("log_total")
    op.drop_column("log_count", "first")
