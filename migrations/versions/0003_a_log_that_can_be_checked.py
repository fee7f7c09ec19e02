"""The tree above a log's entries, and its signed checkpoints. Logs that hold entries get their tree.

Revision: 0003
After: 0002
"""

from collections.abc import Iterator, Sequence
from hashlib import sha256

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

AT_ONCE = 10_000
GUARDED = ("log_node", "log_checkpoint")
SAID = "an entry of the log is never changed"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

head = sa.table("log_head", sa.column("log_id"), sa.column("origin"), sa.column("size"), sa.column("frontier"))
leaf = sa.table("log_leaf", sa.column("log_id"), sa.column("idx"), sa.column("hash"))
node = sa.table("log_node", sa.column("log_id"), sa.column("level"), sa.column("idx"), sa.column("hash"))


def upgrade() -> None:
    """Create the tables, grow the trees, and only then refuse changes."""
    op.create_table(
        "log_node",
        sa.Column("log_id", KEY, nullable=False),
        sa.Column("level", KEY, autoincrement=False, nullable=False),
        sa.Column("idx", KEY, autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("length(hash) = 32", name=op.f("ck_log_node_hash_is_sha256")),
        sa.CheckConstraint("level >= 1 AND idx >= 0", name=op.f("ck_log_node_place_is_above_the_leaves")),
        sa.ForeignKeyConstraint(["log_id"], ["log_head.log_id"], name=op.f("fk_log_node_log_id")),
        sa.PrimaryKeyConstraint("log_id", "level", "idx", name=op.f("pk_log_node")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "log_checkpoint",
        sa.Column("log_id", KEY, nullable=False),
        sa.Column("size", KEY, autoincrement=False, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("size >= 1", name=op.f("ck_log_checkpoint_size_is_not_nothing")),
        sa.ForeignKeyConstraint(["log_id"], ["log_head.log_id"], name=op.f("fk_log_checkpoint_log_id")),
        sa.PrimaryKeyConstraint("log_id", "size", name=op.f("pk_log_checkpoint")),
    )
    with op.batch_alter_table("log_head") as batch_op:
        batch_op.add_column(sa.Column("frontier", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
    for log_id, origin, size in op.get_bind().execute(sa.select(head.c.log_id, head.c.origin, head.c.size)).all():
        _grow(log_id, origin, size)
    with op.batch_alter_table("log_head") as batch_op:
        batch_op.alter_column("frontier", existing_type=sa.LargeBinary(), nullable=False)
        batch_op.create_check_constraint(op.f("ck_log_head_frontier_is_hashes"), "(length(frontier) & 31) = 0")
        batch_op.create_index(
            "uq_log_head_one_goes_on",
            ["group_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
    for table in GUARDED:
        _guard(table)


def downgrade() -> None:
    """Take the trees and checkpoints away; entries stay. A log that had ended cannot be told any more: refused."""
    ended = op.get_bind().execute(sa.text("SELECT count(*) FROM log_head WHERE ended_at IS NOT NULL")).scalar()
    if ended:
        raise RuntimeError("A log was begun anew, which the older version does not know. Restore an older backup.")
    for table in GUARDED:
        op.drop_table(table)
        if op.get_bind().dialect.name != "sqlite":
            op.execute(f"DROP FUNCTION {table}_refuses()")
    with op.batch_alter_table("log_head") as batch_op:
        batch_op.drop_index("uq_log_head_one_goes_on")
        batch_op.drop_constraint(op.f("ck_log_head_frontier_is_hashes"), type_="check")
        batch_op.drop_column("ended_at")
        batch_op.drop_column("frontier")


def _grow(log_id: int, origin: str, size: int) -> None:
    """Write the nodes and the frontier of one log from the hashes of its leaves."""
    bind = op.get_bind()
    done, tops = 0, []
    for hashes in _hashes(log_id):
        nodes, done, tops = _above(hashes, done, tops)
        if nodes:
            op.bulk_insert(node, [{"log_id": log_id, "level": at, "idx": i, "hash": h} for at, i, h in nodes])
    if done != size:
        raise RuntimeError(f"The log {origin} says {size} entries and holds {done}. Restore a backup that is whole.")
    bind.execute(sa.update(head).where(head.c.log_id == log_id).values(frontier=b"".join(tops)))


def _hashes(log_id: int) -> Iterator[list[bytes]]:
    """The hashes of a log's leaves in their order, some at a time."""
    start = 0
    while True:
        some = op.get_bind().execute(
            sa.select(leaf.c.idx, leaf.c.hash)
            .where(leaf.c.log_id == log_id, leaf.c.idx >= start)
            .order_by(leaf.c.idx)
            .limit(AT_ONCE)
        )
        rows = some.all()
        if not rows:
            return
        if [row.idx for row in rows] != list(range(start, start + len(rows))):
            raise RuntimeError(f"The log {log_id} lacks entries from {start} on. Restore a backup that is whole.")
        yield [row.hash for row in rows]
        start += len(rows)


def _above(
    hashes: Sequence[bytes], done: int, tops: list[bytes]
) -> tuple[list[tuple[int, int, bytes]], int, list[bytes]]:
    """The perfect subtrees that more leaves complete, the new size and its frontier (RFC 6962 section 2.1)."""
    nodes, tops = [], list(tops)
    for at, one in enumerate(hashes, start=done):
        top, level, place = one, 0, at
        while place & 1:
            top = sha256(b"\x01" + tops.pop() + top).digest()
            level, place = level + 1, place >> 1
            nodes.append((level, place, top))
        tops.append(top)
    return nodes, done + len(hashes), tops


def _guard(table: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_refuses_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{SAID}'); END"
            )
        return
    refuse = f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuses()"
    op.execute(
        f"CREATE FUNCTION {table}_refuses() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{SAID}'; END $$"
    )
    op.execute(f"CREATE TRIGGER {table}_refuses BEFORE UPDATE OR DELETE ON {table} {refuse}")
    op.execute(f"CREATE TRIGGER {table}_refuses_truncate BEFORE TRUNCATE ON {table} {refuse}")
