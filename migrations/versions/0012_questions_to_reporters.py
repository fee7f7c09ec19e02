"""What those who decide ask a reporter whom they do not know, and the answer.

Revision: 0012
After: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Nobody has asked anything yet."""
    op.create_table(
        "desk_question",
        sa.Column("id", KEY, nullable=False),
        sa.Column("report_id", KEY, nullable=False),
        sa.Column("by_id", KEY, nullable=True),
        sa.Column("administrator_id", KEY, nullable=True),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(length=500), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(by_id IS NULL) <> (administrator_id IS NULL)", name=op.f("ck_desk_question_somebody_asks")
        ),
        sa.CheckConstraint(
            "(answer IS NULL) = (answered_at IS NULL)", name=op.f("ck_desk_question_an_answer_has_a_date")
        ),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_desk_question_report_id")),
        sa.ForeignKeyConstraint(["by_id"], ["membership.id"], name=op.f("fk_desk_question_by_id")),
        sa.ForeignKeyConstraint(["administrator_id"], ["person.id"], name=op.f("fk_desk_question_administrator_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_question")),
    )
    op.create_index("ix_desk_question_report", "desk_question", ["report_id"])
    op.create_index("ix_desk_question_by", "desk_question", ["by_id"])
    op.create_index(
        "uq_desk_question_one_at_a_time",
        "desk_question",
        ["report_id"],
        unique=True,
        sqlite_where=sa.text("answered_at IS NULL"),
        postgresql_where=sa.text("answered_at IS NULL"),
    )


def downgrade() -> None:
    """Forget them."""
    op.drop_table("desk_question")
