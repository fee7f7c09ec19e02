"""Leaves are never changed or taken out, and openings are never changed.

Revision: 0002
After: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

GUARDED = (("log_leaf", ("UPDATE", "DELETE")), ("log_opening", ("UPDATE",)))
SAID = "an entry of the log is never changed"


def upgrade() -> None:
    """Create the triggers, each in the words of its database."""
    for table, verbs in GUARDED:
        if op.get_bind().dialect.name == "sqlite":
            for verb in verbs:
                op.execute(
                    f"CREATE TRIGGER {table}_refuses_{verb.lower()} BEFORE {verb} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{SAID}'); END"
                )
            continue
        refuse = f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuses()"
        op.execute(
            f"CREATE OR REPLACE FUNCTION {table}_refuses() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{SAID}'; END $$"
        )
        op.execute(f"CREATE TRIGGER {table}_refuses BEFORE {' OR '.join(verbs)} ON {table} {refuse}")
        if "DELETE" in verbs:
            op.execute(f"CREATE TRIGGER {table}_refuses_truncate BEFORE TRUNCATE ON {table} {refuse}")


def downgrade() -> None:
    """Take the triggers away."""
    for table, verbs in GUARDED:
        if op.get_bind().dialect.name == "sqlite":
            for verb in verbs:
                op.execute(f"DROP TRIGGER {table}_refuses_{verb.lower()}")
        else:
            op.execute(f"DROP FUNCTION {table}_refuses() CASCADE")
