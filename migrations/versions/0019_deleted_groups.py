"""Deleting a group by two people: who wants it, the gravestone, and triggers that let go what has one.

Revision: 0019
After: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NEVER = "an entry of the log is never changed"
OF_LOG = "(SELECT group_id FROM log_head WHERE log_head.log_id = OLD.log_id)"
# Of which group a row is, by the tables whose rows nobody took out before.
GUARDED = {"log_leaf": OF_LOG, "log_node": OF_LOG, "log_checkpoint": OF_LOG, "decision": "OLD.group_id"}
AGREED = "NOT EXISTS (SELECT 1 FROM deletion WHERE deletion.group_id = NEW.group_id AND deletion.agreed_at IS NOT NULL)"
TAKEN = "EXISTS (SELECT 1 FROM deleted_group WHERE deleted_group.slug = NEW.slug OR deleted_group.group_id = NEW.id)"
AGAIN = "the address and the number of a deleted group are not given again"
REFUSING = (
    ("deleted_group", "deleted_group_takes_two", "INSERT", AGREED, "a group is deleted by two people"),
    ("group", "group_not_again", "INSERT", TAKEN, AGAIN),
    ("group", "group_not_renamed", "UPDATE OF id, slug", TAKEN, AGAIN),
)


def upgrade() -> None:
    """No group is deleted yet."""
    op.add_column("group", sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))
    _tables()
    _never_changed("deleted_group", "a gravestone stays as it is")
    for table, of in GUARDED.items():
        _let_go(table)
        _goes_with_its_group(table, of)
    for table, name, verb, when, said in REFUSING:
        _refuses_when(table, name, verb, when, said)


def downgrade() -> None:
    """The older version knows no gravestones: refused where there are any."""
    if op.get_bind().execute(sa.text("SELECT count(*) FROM deleted_group")).scalar():
        raise RuntimeError("A group was deleted, which the older version does not know. Restore an older backup.")
    for _table, name, *_ in REFUSING:
        _drop(name, "group" if name.startswith("group") else "deleted_group")
    for table in GUARDED:
        _let_go(table)
        _never_changed(table, NEVER)
    op.drop_table("deleted_group")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION deleted_group_refuses()")
    op.drop_table("deletion")
    op.drop_column("group", "deleted_at")


def _tables() -> None:
    op.create_table(
        "deletion",
        sa.Column("id", KEY, nullable=False),
        sa.Column("group_id", KEY, nullable=False),
        sa.Column("by_id", KEY, nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", KEY, nullable=True),
        sa.Column("second_id", KEY, nullable=True),
        sa.Column("administrator_id", KEY, nullable=True),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("second_id <> by_id", name=op.f("ck_deletion_two_people")),
        sa.CheckConstraint("second_id IS NULL OR administrator_id IS NULL", name=op.f("ck_deletion_one_agrees")),
        sa.CheckConstraint(
            "(agreed_at IS NULL) = (second_id IS NULL AND administrator_id IS NULL)",
            name=op.f("ck_deletion_somebody_agrees"),
        ),
        sa.CheckConstraint("agreed_at IS NULL OR ended_at IS NULL", name=op.f("ck_deletion_called_off_or_agreed")),
        sa.CheckConstraint("agreed_at > proposed_at", name=op.f("ck_deletion_one_after_the_other")),
        sa.ForeignKeyConstraint(["administrator_id"], ["person.id"], name=op.f("fk_deletion_administrator_id")),
        sa.ForeignKeyConstraint(["by_id"], ["membership.id"], name=op.f("fk_deletion_by_id")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["membership.id"], name=op.f("fk_deletion_ended_by_id")),
        sa.ForeignKeyConstraint(["group_id"], ["group.id"], name=op.f("fk_deletion_group_id")),
        sa.ForeignKeyConstraint(["second_id"], ["membership.id"], name=op.f("fk_deletion_second_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deletion")),
    )
    op.create_index("ix_deletion_group", "deletion", ["group_id"], unique=False)
    op.create_index(
        "uq_deletion_one_at_a_time",
        "deletion",
        ["group_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "deleted_group",
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("group_id", KEY, nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checkpoint", sa.Text(), nullable=False),
        sa.Column("earlier", sa.JSON(), nullable=False),
        sa.Column("vkey", sa.String(length=300), nullable=False),
        sa.Column("last_member", KEY, nullable=False),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_deleted_group")),
        sa.UniqueConstraint("group_id", name=op.f("uq_deleted_group_group_id")),
    )


def _sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _never_changed(table: str, said: str) -> None:
    """The table refuses every UPDATE and DELETE."""
    if _sqlite():
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_refuses_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{said}'); END"
            )
        return
    _says(f"{table}_refuses", said)
    refuse = f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuses()"
    op.execute(f"CREATE TRIGGER {table}_refuses BEFORE UPDATE OR DELETE ON {table} {refuse}")
    op.execute(f"CREATE TRIGGER {table}_refuses_truncate BEFORE TRUNCATE ON {table} {refuse}")


def _goes_with_its_group(table: str, of: str) -> None:
    """The same, but that a row of a group with a gravestone may go."""
    grave = f"SELECT 1 FROM deleted_group WHERE deleted_group.group_id = {of}"  # noqa: S608 (names of our own)
    if _sqlite():
        op.execute(
            f"CREATE TRIGGER {table}_refuses_update BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, '{NEVER}'); END"
        )
        op.execute(
            f"CREATE TRIGGER {table}_refuses_delete BEFORE DELETE ON {table} WHEN NOT EXISTS ({grave}) "
            f"BEGIN SELECT RAISE(ABORT, '{NEVER}'); END"
        )
        return
    _says(f"{table}_refuses", NEVER)
    refuse = f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuses()"
    op.execute(f"CREATE TRIGGER {table}_refuses BEFORE UPDATE ON {table} {refuse}")
    op.execute(f"CREATE TRIGGER {table}_refuses_truncate BEFORE TRUNCATE ON {table} {refuse}")
    op.execute(
        f"CREATE OR REPLACE FUNCTION {table}_stays() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF EXISTS ({grave}) THEN RETURN OLD; END IF; RAISE EXCEPTION '{NEVER}'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_refuses_delete BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_stays()"
    )


def _refuses_when(table: str, name: str, verb: str, when: str, said: str) -> None:
    if _sqlite():
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {verb} ON \"{table}\" WHEN {when} BEGIN SELECT RAISE(ABORT, '{said}'); END"
        )
        return
    op.execute(
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF {when} THEN RAISE EXCEPTION '{said}'; END IF; RETURN NEW; END $$"
    )
    op.execute(f'CREATE TRIGGER {name} BEFORE {verb} ON "{table}" FOR EACH ROW EXECUTE FUNCTION {name}()')


def _says(function: str, said: str) -> None:
    op.execute(
        f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{said}'; END $$"
    )


def _let_go(table: str) -> None:
    """Take the triggers of a table away, whichever they are."""
    if _sqlite():
        for verb in ("update", "delete"):
            op.execute(f"DROP TRIGGER {table}_refuses_{verb}")
        return
    op.execute(f"DROP FUNCTION {table}_refuses() CASCADE")
    op.execute(f"DROP FUNCTION IF EXISTS {table}_stays() CASCADE")


def _drop(name: str, table: str) -> None:
    if _sqlite():
        op.execute(f"DROP TRIGGER {name}")
        return
    op.execute(f'DROP TRIGGER {name} ON "{table}"')
    op.execute(f"DROP FUNCTION {name}()")
