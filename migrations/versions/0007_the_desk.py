"""The desk: cases, reports, decisions, appeals; what a group settles about itself; elections.

Revision: 0007
After: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SAID = "an entry of the log is never changed"
RULES = (
    "Say what it is and who it is for.",
    "No client, patient or employer is named without their consent.",
    "Nothing is given or asked for in return for a client, a referral or a favor.",
    "Kind words, also in disagreement.",
    "Nothing for sale, and the same thing only once.",
    "True, as far as you know.",
)


def upgrade() -> None:
    """Create the tables, and give the groups that are there the usual rules."""
    op.create_table(
        "group_policy",
        sa.Column("group_id", KEY, autoincrement=False, nullable=False),
        sa.Column("purpose", sa.String(length=500), nullable=False),
        sa.Column("welcome", sa.String(length=2000), nullable=False),
        sa.Column(
            "joining", sa.Enum("invited", "asking", name="joining", native_enum=False, length=20), nullable=False
        ),
        sa.Column(
            "holding",
            sa.Enum("nobody", "newcomers", "everybody", name="holding", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("digest_hour", KEY, nullable=False),
        sa.Column("allocation", sa.JSON(), nullable=False),
        sa.CheckConstraint("digest_hour BETWEEN 0 AND 23", name=op.f("ck_group_policy_an_hour_of_the_day")),
        sa.ForeignKeyConstraint(["group_id"], ["group.id"], name=op.f("fk_group_policy_group_id")),
        sa.PrimaryKeyConstraint("group_id", name=op.f("pk_group_policy")),
    )
    op.create_table(
        "group_rule",
        sa.Column("id", KEY, nullable=False),
        sa.Column("group_id", KEY, nullable=False),
        sa.Column("position", KEY, nullable=False),
        sa.Column("text", sa.String(length=300), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["group.id"], name=op.f("fk_group_rule_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_rule")),
    )
    op.create_index("ix_group_rule_group", "group_rule", ["group_id", "position"], unique=False)
    op.create_table(
        "desk_case",
        sa.Column("id", KEY, nullable=False),
        sa.Column("group_id", KEY, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "post",
                "answer",
                "thanks",
                "profile",
                "favor",
                "held_post",
                "application",
                "dispute",
                name="targetkind",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("target_id", KEY, nullable=False),
        sa.Column("about_id", KEY, nullable=False),
        sa.Column("state", sa.Enum("open", "decided", name="casestate", native_enum=False, length=20), nullable=False),
        sa.Column("round", KEY, nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_by_id", KEY, nullable=True),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'decided') = (decided_at IS NOT NULL)", name=op.f("ck_desk_case_decided_has_a_date")
        ),
        sa.CheckConstraint(
            "(claimed_by_id IS NULL) = (claimed_until IS NULL)", name=op.f("ck_desk_case_a_claim_has_an_end")
        ),
        sa.ForeignKeyConstraint(["about_id"], ["membership.id"], name=op.f("fk_desk_case_about_id")),
        sa.ForeignKeyConstraint(["claimed_by_id"], ["membership.id"], name=op.f("fk_desk_case_claimed_by_id")),
        sa.ForeignKeyConstraint(["group_id"], ["group.id"], name=op.f("fk_desk_case_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_case")),
        sa.UniqueConstraint("kind", "target_id", name=op.f("uq_desk_case_kind_target_id")),
    )
    op.create_index("ix_desk_case_about", "desk_case", ["about_id"], unique=False)
    op.create_index("ix_desk_case_waiting", "desk_case", ["group_id", "state", "opened_at"], unique=False)
    op.create_table(
        "election",
        sa.Column("id", KEY, nullable=False),
        sa.Column("group_id", KEY, nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("elected_id", KEY, nullable=True),
        sa.CheckConstraint(
            "elected_id IS NULL OR ended_at IS NOT NULL", name=op.f("ck_election_who_is_elected_ends_it")
        ),
        sa.ForeignKeyConstraint(["elected_id"], ["membership.id"], name=op.f("fk_election_elected_id")),
        sa.ForeignKeyConstraint(["group_id"], ["group.id"], name=op.f("fk_election_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_election")),
    )
    op.create_index(
        "uq_election_one_at_a_time",
        "election",
        ["group_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "seen",
        sa.Column("membership_id", KEY, autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["membership_id"], ["membership.id"], name=op.f("fk_seen_membership_id")),
        sa.PrimaryKeyConstraint("membership_id", name=op.f("pk_seen")),
    )
    op.create_table(
        "aside",
        sa.Column("case_id", KEY, autoincrement=False, nullable=False),
        sa.Column("member_id", KEY, autoincrement=False, nullable=False),
        sa.Column("why", sa.String(length=500), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["desk_case.id"], name=op.f("fk_aside_case_id")),
        sa.ForeignKeyConstraint(["member_id"], ["membership.id"], name=op.f("fk_aside_member_id")),
        sa.PrimaryKeyConstraint("case_id", "member_id", name=op.f("pk_aside")),
    )
    op.create_table(
        "decision",
        sa.Column("id", KEY, nullable=False),
        sa.Column("group_id", KEY, nullable=False),
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("round", KEY, nullable=False),
        sa.Column(
            "act",
            sa.Enum(
                "dismiss",
                "hide",
                "ask_edit",
                "remove",
                "warn",
                "suspend",
                "end",
                "restore",
                "uphold",
                name="act",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("rule", sa.String(length=300), nullable=False),
        sa.Column("why", sa.String(length=500), nullable=False),
        sa.Column("by_id", KEY, nullable=True),
        sa.Column("second_id", KEY, nullable=True),
        sa.Column("administrator_id", KEY, nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replaces_id", KEY, nullable=True),
        sa.Column("conflicted", sa.Boolean(), nullable=False),
        sa.Column("asides", KEY, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entry", KEY, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(act = 'suspend') = (until IS NOT NULL)", name=op.f("ck_decision_suspended_until_a_date")),
        sa.CheckConstraint("rule <> ''", name=op.f("ck_decision_names_a_rule")),
        sa.CheckConstraint("why <> ''", name=op.f("ck_decision_says_why")),
        sa.CheckConstraint(
            "by_id IS NOT NULL OR administrator_id IS NOT NULL", name=op.f("ck_decision_somebody_decides")
        ),
        sa.CheckConstraint("second_id <> by_id", name=op.f("ck_decision_two_people")),
        sa.ForeignKeyConstraint(["administrator_id"], ["person.id"], name=op.f("fk_decision_administrator_id")),
        sa.ForeignKeyConstraint(["by_id"], ["membership.id"], name=op.f("fk_decision_by_id")),
        sa.ForeignKeyConstraint(["case_id"], ["desk_case.id"], name=op.f("fk_decision_case_id")),
        sa.ForeignKeyConstraint(["group_id"], ["group.id"], name=op.f("fk_decision_group_id")),
        sa.ForeignKeyConstraint(["replaces_id"], ["decision.id"], name=op.f("fk_decision_replaces_id")),
        sa.ForeignKeyConstraint(["second_id"], ["membership.id"], name=op.f("fk_decision_second_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_decision_replaces_id")),
    )
    op.create_index("ix_decision_case", "decision", ["case_id"], unique=False)
    op.create_index("ix_decision_group", "decision", ["group_id", "at"], unique=False)
    op.create_index("ix_decision_until", "decision", ["until"], unique=False)
    op.create_table(
        "election_vote",
        sa.Column("election_id", KEY, autoincrement=False, nullable=False),
        sa.Column("voter_id", KEY, autoincrement=False, nullable=False),
        sa.Column("for_id", KEY, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["election_id"], ["election.id"], name=op.f("fk_election_vote_election_id")),
        sa.ForeignKeyConstraint(["for_id"], ["membership.id"], name=op.f("fk_election_vote_for_id")),
        sa.ForeignKeyConstraint(["voter_id"], ["membership.id"], name=op.f("fk_election_vote_voter_id")),
        sa.PrimaryKeyConstraint("election_id", "voter_id", name=op.f("pk_election_vote")),
    )
    op.create_table(
        "election_willing",
        sa.Column("election_id", KEY, autoincrement=False, nullable=False),
        sa.Column("member_id", KEY, autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["election_id"], ["election.id"], name=op.f("fk_election_willing_election_id")),
        sa.ForeignKeyConstraint(["member_id"], ["membership.id"], name=op.f("fk_election_willing_member_id")),
        sa.PrimaryKeyConstraint("election_id", "member_id", name=op.f("pk_election_willing")),
    )
    op.create_table(
        "objection",
        sa.Column("id", KEY, nullable=False),
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("by_id", KEY, nullable=False),
        sa.Column("organiser_id", KEY, nullable=False),
        sa.Column("why", sa.String(length=500), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("upheld", sa.Boolean(), nullable=True),
        sa.Column("decided_by_id", KEY, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(upheld IS NULL) = (decided_at IS NULL)", name=op.f("ck_objection_decided_has_a_date")),
        sa.ForeignKeyConstraint(["by_id"], ["membership.id"], name=op.f("fk_objection_by_id")),
        sa.ForeignKeyConstraint(["case_id"], ["desk_case.id"], name=op.f("fk_objection_case_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["membership.id"], name=op.f("fk_objection_decided_by_id")),
        sa.ForeignKeyConstraint(["organiser_id"], ["membership.id"], name=op.f("fk_objection_organiser_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objection")),
        sa.UniqueConstraint("case_id", name=op.f("uq_objection_case_id")),
    )
    op.create_table(
        "put_away",
        sa.Column("case_id", KEY, autoincrement=False, nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["desk_case.id"], name=op.f("fk_put_away_case_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_put_away")),
    )
    op.create_table(
        "report",
        sa.Column("id", KEY, nullable=False),
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("round", KEY, nullable=False),
        sa.Column("by_id", KEY, nullable=False),
        sa.Column("rule", sa.String(length=300), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["membership.id"], name=op.f("fk_report_by_id")),
        sa.ForeignKeyConstraint(["case_id"], ["desk_case.id"], name=op.f("fk_report_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("case_id", "round", "by_id", name=op.f("uq_report_case_id_round_by_id")),
    )
    op.create_index("ix_report_by", "report", ["by_id"], unique=False)
    op.create_table(
        "appeal",
        sa.Column("id", KEY, nullable=False),
        sa.Column("decision_id", KEY, nullable=False),
        sa.Column("by_id", KEY, nullable=True),
        sa.Column("why", sa.String(length=500), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum("upheld", "overturned", "changed", name="outcome", native_enum=False, length=20),
            nullable=True,
        ),
        sa.Column("result_id", KEY, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(outcome IS NULL) = (decided_at IS NULL)", name=op.f("ck_appeal_an_outcome_has_a_date")),
        sa.CheckConstraint("(outcome IS NULL) = (result_id IS NULL)", name=op.f("ck_appeal_an_outcome_is_a_decision")),
        sa.ForeignKeyConstraint(["by_id"], ["membership.id"], name=op.f("fk_appeal_by_id")),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_appeal_decision_id")),
        sa.ForeignKeyConstraint(["result_id"], ["decision.id"], name=op.f("fk_appeal_result_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_appeal_decision_id")),
    )
    op.create_table(
        "decision_note",
        sa.Column("decision_id", KEY, autoincrement=False, nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_decision_note_decision_id")),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_decision_note")),
    )
    op.create_table(
        "proposal",
        sa.Column("id", KEY, nullable=False),
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("appeal_id", KEY, nullable=True),
        sa.Column("replaces_id", KEY, nullable=True),
        sa.Column(
            "act",
            sa.Enum(
                "dismiss",
                "hide",
                "ask_edit",
                "remove",
                "warn",
                "suspend",
                "end",
                "restore",
                "uphold",
                name="act",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("rule", sa.String(length=300), nullable=False),
        sa.Column("why", sa.String(length=500), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("by_id", KEY, nullable=True),
        sa.Column("administrator_id", KEY, nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("rule <> ''", name=op.f("ck_proposal_names_a_rule")),
        sa.CheckConstraint("why <> ''", name=op.f("ck_proposal_says_why")),
        sa.ForeignKeyConstraint(["administrator_id"], ["person.id"], name=op.f("fk_proposal_administrator_id")),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeal.id"], name=op.f("fk_proposal_appeal_id")),
        sa.ForeignKeyConstraint(["by_id"], ["membership.id"], name=op.f("fk_proposal_by_id")),
        sa.ForeignKeyConstraint(["case_id"], ["desk_case.id"], name=op.f("fk_proposal_case_id")),
        sa.ForeignKeyConstraint(["replaces_id"], ["decision.id"], name=op.f("fk_proposal_replaces_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
    )
    op.create_index(
        "uq_proposal_one_at_a_time",
        "proposal",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.add_column(
        "post",
        sa.Column(
            "was",
            sa.Enum("filled", "time", "withdrawn", name="closedbecause", native_enum=False, length=20),
            nullable=True,
        ),
    )
    op.add_column("post", sa.Column("held_until", sa.DateTime(timezone=True), nullable=True))
    _never_changed()
    rule = sa.table("group_rule", *map(sa.column, ("group_id", "position", "text", "retired")))
    rows = [
        {"group_id": group_id, "position": place, "text": text, "retired": False}
        for (group_id,) in op.get_bind().execute(sa.text('SELECT id FROM "group" ORDER BY id'))
        for place, text in enumerate(RULES)
    ]
    if rows:
        op.bulk_insert(rule, rows)


def _never_changed() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER decision_refuses_{verb.lower()} BEFORE {verb} ON decision "
                f"BEGIN SELECT RAISE(ABORT, '{SAID}'); END"
            )
        return
    refuse = "FOR EACH STATEMENT EXECUTE FUNCTION decision_refuses()"
    op.execute(
        f"CREATE OR REPLACE FUNCTION decision_refuses() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{SAID}'; END $$"
    )
    op.execute(f"CREATE TRIGGER decision_refuses BEFORE UPDATE OR DELETE ON decision {refuse}")
    op.execute(f"CREATE TRIGGER decision_refuses_truncate BEFORE TRUNCATE ON decision {refuse}")


def downgrade() -> None:
    """Nobody moderates any more. What was held or hidden is withdrawn, so that nothing of it is shown."""
    # The indexes and triggers go with their tables.
    for name in (
        "proposal",
        "decision_note",
        "appeal",
        "report",
        "put_away",
        "objection",
        "election_willing",
        "election_vote",
        "decision",
        "aside",
        "seen",
        "election",
        "desk_case",
        "group_rule",
        "group_policy",
    ):
        op.drop_table(name)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION decision_refuses() CASCADE")
    op.execute("UPDATE post SET state = 'closed', closed_because = 'withdrawn' WHERE state IN ('held', 'hidden')")
    op.drop_column("post", "held_until")
    op.drop_column("post", "was")
