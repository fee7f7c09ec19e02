"""Favors of a group by month, category and sort, counted from the entries; organisers found by their role.

Revision: 0015
After: 0014
"""

from collections import Counter

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ENTRY = sa.table(
    "log_entry",
    sa.column("group_id"),
    sa.column("day", sa.Date()),
    sa.column("kind"),
    sa.column("category"),
    sa.column("counts", sa.Boolean()),
    sa.column("withheld", sa.Boolean()),
    sa.column("voided_by"),
)


def upgrade() -> None:
    """Make the table, and count what is there."""
    months = op.create_table(
        "log_month",
        sa.Column("group_id", KEY, autoincrement=False, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("withheld", sa.Boolean(), nullable=False),
        sa.Column("favors", KEY, nullable=False),
        sa.CheckConstraint("favors > 0", name=op.f("ck_log_month_favors_are_some")),
        sa.ForeignKeyConstraint(["group_id"], ["group.id"], name=op.f("fk_log_month_group_id")),
        sa.PrimaryKeyConstraint("group_id", "month", "category", "counts", "withheld", name=op.f("pk_log_month")),
        sqlite_with_rowid=False,
    )
    by = (ENTRY.c.group_id, ENTRY.c.day, ENTRY.c.category, ENTRY.c.counts, ENTRY.c.withheld)
    standing = sa.and_(ENTRY.c.kind == "favor", ENTRY.c.voided_by.is_(None))
    found = Counter()
    for group, day, *sort, favors in op.get_bind().execute(
        sa.select(*by, sa.func.count()).where(standing).group_by(*by)
    ):
        found[group, day.replace(day=1), *sort] += favors
    columns = ("group_id", "month", "category", "counts", "withheld")
    rows = [dict(zip(columns, key, strict=True)) | {"favors": favors} for key, favors in found.items()]
    if rows:
        op.bulk_insert(months, rows)
    op.create_index("ix_membership_role", "membership", ["group_id", "role"])


def downgrade() -> None:
    """Forget the counts; the entries stay."""
    op.drop_index("ix_membership_role", table_name="membership")
    op.drop_table("log_month")
