"""Roles, settings, decisions and redactions in readable form, and a line for whoever was forgotten.

Revision: 0004
After: 0003
"""

import json
from base64 import urlsafe_b64decode
from datetime import date
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KNOWN_BEFORE = ("favor", "correction")

part = sa.table("log_part", sa.column("log_id"), sa.column("idx"), sa.column("part"), sa.column("member_id"))
entry = sa.table(
    "log_entry",
    *map(
        sa.column, ("log_id", "idx", "group_id", "kind", "counts", "category", "what", "how", "tie", "withheld", "of")
    ),
    sa.column("day", sa.Date()),
    sa.column("told", sa.JSON()),
)

ERASED = """
SELECT log_leaf.log_id, log_leaf.idx, log_leaf.leaf, log_head.group_id
FROM log_leaf JOIN log_head ON log_head.log_id = log_leaf.log_id
LEFT JOIN log_entry ON log_entry.log_id = log_leaf.log_id AND log_entry.idx = log_leaf.idx
WHERE log_entry.idx IS NULL AND log_leaf.idx > 0 AND log_head.ended_at IS NULL
"""
MAKERS = """
SELECT log_entry.log_id, log_entry.idx, log_entry.group_id, log_opening.disclosure
FROM log_entry JOIN log_opening
ON log_opening.log_id = log_entry.log_id AND log_opening.idx = log_entry.idx AND log_opening.field = 'by'
WHERE log_entry.kind = 'correction'
"""
NUMBERS = "SELECT group_id, number, id FROM membership"


def upgrade() -> None:
    """Create what is new, and fill it from what the log says already."""
    op.add_column("log_entry", sa.Column("redacted_by", KEY, nullable=True))
    op.add_column("log_entry", sa.Column("told", sa.JSON(none_as_null=True), nullable=True))
    op.create_table(
        "log_part",
        sa.Column("log_id", KEY, nullable=False),
        sa.Column("idx", KEY, autoincrement=False, nullable=False),
        sa.Column("part", sa.String(length=20), nullable=False),
        sa.Column("member_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["log_id", "idx"],
            ["log_entry.log_id", "log_entry.idx"],
            name=op.f("fk_log_part_log_id_idx"),
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["member_id"], ["membership.id"], name=op.f("fk_log_part_member_id")),
        sa.PrimaryKeyConstraint("log_id", "idx", "part", "member_id", name=op.f("pk_log_part")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_log_part_member", "log_part", ["member_id", "idx"])
    _show_who_was_forgotten()
    _show_who_corrected()


def downgrade() -> None:
    """Back to favors and corrections; the leaves stay."""
    op.drop_table("log_part")
    op.execute(sa.delete(entry).where(entry.c.kind.not_in(KNOWN_BEFORE)))
    op.drop_column("log_entry", "told")
    op.drop_column("log_entry", "redacted_by")


def _show_who_was_forgotten() -> None:
    rows: list[dict[str, Any]] = []
    for log_id, index, leaf, group_id in op.get_bind().execute(sa.text(ERASED)):
        if b'"k":"erase"' in bytes(leaf):
            said = json.loads(leaf)
            nothing = {"counts": False, "category": "", "what": "", "how": "", "tie": False, "withheld": False}
            place = {"log_id": log_id, "idx": index, "group_id": group_id, "kind": "erase", "of": said.get("as")}
            day, told = date.fromisoformat(said["day"]), {"openings": len(said["what"])}
            rows.append(nothing | place | {"day": day, "told": told})
    if rows:
        op.bulk_insert(entry, rows)


def _show_who_corrected() -> None:
    bind = op.get_bind()
    numbers = {(group_id, f"m{number}"): member for group_id, number, member in bind.execute(sa.text(NUMBERS))}
    rows = [
        {"log_id": log_id, "idx": index, "part": "by", "member_id": numbers[group_id, number]}
        for log_id, index, group_id, opening in bind.execute(sa.text(MAKERS))
        for number in json.loads(urlsafe_b64decode(opening + "=" * (-len(opening) % 4)))[2].split(",")
    ]
    if rows:
        op.bulk_insert(part, rows)
