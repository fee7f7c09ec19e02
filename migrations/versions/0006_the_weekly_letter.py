"""The weekly letter: wishes, runs, issues, notes; addresses that letters come back from; the pace of sending.

Revision: 0006
After: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "digest_run",
        sa.Column("id", KEY, nullable=False),
        sa.Column("moment", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest_run")),
        sa.UniqueConstraint("moment", name=op.f("uq_digest_run_moment")),
    )
    op.create_table(
        "mail_breaker",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("failures", KEY, nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_breaker")),
    )
    op.create_table(
        "mail_pace",
        sa.Column("name", sa.String(length=254), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_mail_pace")),
    )
    op.create_table(
        "suppression",
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.String(length=12), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("scored_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_suppression_email_in_lower_case")),
        sa.CheckConstraint("score >= 0", name=op.f("ck_suppression_a_score_is_never_below_nothing")),
        sa.PrimaryKeyConstraint("email", name=op.f("pk_suppression")),
    )
    op.create_table(
        "digest_wish",
        sa.Column("person_id", KEY, autoincrement=False, nullable=False),
        sa.Column(
            "rhythm", sa.Enum("weekly", "daily", "never", name="rhythm", native_enum=False, length=20), nullable=False
        ),
        sa.Column("weekday", KEY, nullable=False),
        sa.Column("hour", KEY, nullable=False),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("hour BETWEEN 0 AND 23", name=op.f("ck_digest_wish_an_hour_of_the_day")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_digest_wish_a_day_of_the_week")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_digest_wish_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_digest_wish")),
    )
    op.create_index(op.f("ix_digest_wish_changed_at"), "digest_wish", ["changed_at"], unique=False)
    op.create_table(
        "digest_group_wish",
        sa.Column("membership_id", KEY, autoincrement=False, nullable=False),
        sa.Column("off", sa.Boolean(), nullable=False),
        sa.Column("previewed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["membership_id"], ["membership.id"], name=op.f("fk_digest_group_wish_membership_id")),
        sa.PrimaryKeyConstraint("membership_id", name=op.f("pk_digest_group_wish")),
    )
    op.create_table(
        "digest_issue",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("run_id", KEY, nullable=False),
        sa.Column("period", sa.String(length=16), nullable=False),
        sa.Column("window_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("window_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum("due", "leased", "sent", "skipped", "failed", name="issuestate", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("holder", sa.String(length=100), nullable=False),
        sa.Column("attempts", KEY, nullable=False),
        sa.Column("dropped", KEY, nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("message_id", sa.String(length=120), nullable=False),
        sa.Column("carried", sa.JSON(), nullable=False),
        sa.Column("asked_by_id", KEY, nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bounced", sa.String(length=12), nullable=False),
        sa.CheckConstraint(
            "(state = 'leased') = (leased_until IS NOT NULL)", name=op.f("ck_digest_issue_leased_has_an_end")
        ),
        sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name=op.f("ck_digest_issue_sent_has_a_date")),
        sa.CheckConstraint(
            "state NOT IN ('skipped', 'failed') OR reason <> ''", name=op.f("ck_digest_issue_what_is_not_sent_says_why")
        ),
        sa.CheckConstraint("window_from <= window_until", name=op.f("ck_digest_issue_a_window_has_a_length")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["membership.id"], name=op.f("fk_digest_issue_asked_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_digest_issue_person_id")),
        sa.ForeignKeyConstraint(["run_id"], ["digest_run.id"], name=op.f("fk_digest_issue_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest_issue")),
        sa.UniqueConstraint("person_id", "period", name=op.f("uq_digest_issue_person_id_period")),
    )
    op.create_index("ix_digest_issue_person", "digest_issue", ["person_id", "state", "window_until"], unique=False)
    op.create_index("ix_digest_issue_run", "digest_issue", ["run_id", "state"], unique=False)
    op.create_index("ix_digest_issue_waiting", "digest_issue", ["state", "next_try_at", "id"], unique=False)
    op.create_table(
        "digest_note",
        sa.Column("id", KEY, nullable=False),
        sa.Column("group_id", KEY, nullable=False),
        sa.Column("by_id", KEY, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("length(text) <= 500", name=op.f("ck_digest_note_at_most_500_characters")),
        sa.ForeignKeyConstraint(["by_id"], ["membership.id"], name=op.f("fk_digest_note_by_id")),
        sa.ForeignKeyConstraint(["group_id"], ["group.id"], name=op.f("fk_digest_note_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest_note")),
    )
    op.create_index("ix_digest_note_group", "digest_note", ["group_id", "written_at"], unique=False)
    op.create_index(
        "uq_digest_note_one_to_come",
        "digest_note",
        ["group_id"],
        unique=True,
        sqlite_where=sa.text("used_at IS NULL"),
        postgresql_where=sa.text("used_at IS NULL"),
    )
    op.create_table(
        "digest_shown",
        sa.Column("issue_id", KEY, autoincrement=False, nullable=False),
        sa.Column("post_id", KEY, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["issue_id"], ["digest_issue.id"], name=op.f("fk_digest_shown_issue_id")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_digest_shown_post_id")),
        sa.PrimaryKeyConstraint("issue_id", "post_id", name=op.f("pk_digest_shown")),
    )
    op.create_table(
        "digest_times",
        sa.Column("run_id", KEY, autoincrement=False, nullable=False),
        sa.Column("post_id", KEY, autoincrement=False, nullable=False),
        sa.Column("times", KEY, nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_digest_times_post_id")),
        sa.ForeignKeyConstraint(["run_id"], ["digest_run.id"], name=op.f("fk_digest_times_run_id")),
        sa.PrimaryKeyConstraint("run_id", "post_id", name=op.f("pk_digest_times")),
    )
    op.create_index("ix_digest_times_post", "digest_times", ["post_id"], unique=False)


def downgrade() -> None:
    """Nobody gets a weekly letter any more."""
    # The indexes go with their tables.
    for name in (
        "digest_times",
        "digest_shown",
        "digest_note",
        "digest_issue",
        "digest_group_wish",
        "digest_wish",
        "suppression",
        "mail_pace",
        "mail_breaker",
        "digest_run",
    ):
        op.drop_table(name)
