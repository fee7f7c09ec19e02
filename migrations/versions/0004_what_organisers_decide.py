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

part = sa.table("log_part", *map(sa.column, ("log_id", "idx", "part", "member_id")))
nothing = {"counts": False, "category": "", "what": "", "how": "", "tie": False, "withheld": False}
entry = sa.table(
    "log_entry",
    *map(sa.column, ("log_id", "idx", "group_id", "kind", "of", "redacted_by", *nothing)),
    sa.column("day", sa.Date()),
    sa.column("told", sa.JSON(none_as_null=True)),
)

# Which openings name members, and what part they have; and what else is told of each kind.
NAMING = {
    "correction": {"by": "by"},
    "role": {"by": "by", "member": "target"},
    "setting": {"by": "by"},
    "decision": {"by": "by", "target": "target"},
}
TELLING = {"role": ("role",), "setting": ("setting", "old", "new"), "decision": ("act", "rule", "target")}
KINDS = {*NAMING, "erase", "redact"}

BESIDE_FAVORS = """
FROM {table} AS one JOIN log_head ON log_head.log_id = one.log_id AND log_head.ended_at IS NULL
LEFT JOIN log_entry ON log_entry.log_id = one.log_id AND log_entry.idx = one.idx
WHERE log_entry.kind IS NULL OR log_entry.kind <> 'favor'
"""
OPENINGS = f"SELECT one.log_id, one.idx, one.field, one.disclosure {BESIDE_FAVORS.format(table='log_opening')}"
LEAVES = (
    f"SELECT one.log_id, one.idx, one.leaf, log_head.group_id, log_entry.kind {BESIDE_FAVORS.format(table='log_leaf')}"
)
MEMBERS = "SELECT group_id, number, id, erased_by_entry FROM membership"


def upgrade() -> None:
    """Create what is new, and fill it from what the log says already."""
    op.add_column("log_entry", sa.Column("redacted_by", KEY, nullable=True))
    op.add_column("log_entry", sa.Column("told", sa.JSON(none_as_null=True), nullable=True))
    op.create_index(
        "ix_log_entry_no_favor",
        "log_entry",
        ["group_id", "idx"],
        sqlite_where=sa.text("kind <> 'favor'"),
        postgresql_where=sa.text("kind <> 'favor'"),
    )
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
    _show()


def downgrade() -> None:
    """Back to favors and corrections; the leaves stay."""
    op.drop_table("log_part")
    op.drop_index("ix_log_entry_no_favor", "log_entry")
    op.execute(sa.delete(entry).where(entry.c.kind.not_in(KNOWN_BEFORE)))
    op.drop_column("log_entry", "told")
    op.drop_column("log_entry", "redacted_by")


def _show() -> None:
    """Whatever the leaves and openings say beside favors, in the columns that pages read."""
    bind = op.get_bind()
    told: dict[tuple[int, int], dict[str, Any]] = {}
    for log_id, index, field, opening in bind.execute(sa.text(OPENINGS)):
        value = json.loads(urlsafe_b64decode(opening + "=" * (-len(opening) % 4)))[2]
        told.setdefault((log_id, index), {})[field] = value
    people = bind.execute(sa.text(MEMBERS)).all()
    members = {(group_id, f"m{number}"): member for group_id, number, member, _ in people}
    erased = {(group_id, index): member for group_id, _, member, index in people if index is not None}
    leaves = [
        ({"log_id": log_id, "idx": index}, json.loads(leaf), group_id, shown)
        for log_id, index, leaf, group_id, shown in bind.execute(sa.text(LEAVES))
        if bytes(leaf).startswith(b"{")
    ]
    forgotten = {
        (place["log_id"], index, field): erased.get((group_id, said.get("as", place["idx"])))
        for place, said, group_id, _ in leaves
        if said["k"] == "erase"
        for index, field in said["what"]
    }
    entries, parts, gone = [], [], []
    for place, said, group_id, shown in leaves:
        kind, here = said["k"], told.get((place["log_id"], place["idx"]), {})
        if shown is None and kind in KINDS:
            entries.append(nothing | place | {"group_id": group_id} | _row(said, here))
        for field, name in NAMING.get(kind, {}).items():
            named = [members[group_id, one] for one in str(here.get(field, "")).split(",") if one.startswith("m")]
            # Of an opening that is gone, whoever was forgotten with it is still known.
            named += [forgotten.get((place["log_id"], place["idx"], field))] if field not in here else []
            parts += [place | {"part": name, "member_id": member} for member in named if member is not None]
        if kind == "redact":
            gone += [(place["log_id"], where, place["idx"]) for where, _field in said["what"]]
    for table, rows in ((entry, entries), (part, parts)):
        if rows:
            op.bulk_insert(table, rows)
    for log_id, where, index in gone:
        emptied = sa.update(entry).where(entry.c.log_id == log_id, entry.c.idx == where)
        bind.execute(emptied.values(redacted_by=index))


def _row(said: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    kind, hidden = said["k"], said.get("withheld", [])
    also: dict[str, Any] = {field: told[field] for field in TELLING.get(kind, ()) if field in told}
    of = said.get("as")
    if kind == "redact":
        of, also = said["what"][0][0], {"by_decision": said["by_decision"], "what": said["what"]}
    elif kind == "erase":
        also = {"openings": len(said["what"])}
    elif hidden:
        also["withheld"] = hidden
    return {
        "kind": kind,
        "day": date.fromisoformat(said["day"]),
        "category": told.get("kind", ""),
        "what": told.get("why", ""),
        "withheld": "by" in hidden,
        "of": of,
        "told": also or None,
    }
