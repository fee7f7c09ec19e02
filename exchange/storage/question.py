"""Questions to reporters: the desk carries them, so that neither side learns who the other is."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from exchange.storage.db import Base
from exchange.storage.desk import Report


class Question(Base):
    """What somebody who may decide asks whoever made a report, and the answer. Whom it goes to the report alone knows.

    `by_id` is an organiser, or `administrator_id` the site's administrator; neither is told to the reporter.
    """

    __tablename__ = "desk_question"
    __table_args__ = (
        CheckConstraint("(by_id IS NULL) <> (administrator_id IS NULL)", name="somebody_asks"),
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="an_answer_has_a_date"),
        Index(
            "uq_desk_question_one_at_a_time",
            "report_id",
            unique=True,
            sqlite_where=text("answered_at IS NULL"),
            postgresql_where=text("answered_at IS NULL"),
        ),
        Index("ix_desk_question_report", "report_id"),
        Index("ix_desk_question_by", "by_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("report.id"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("membership.id"))
    administrator_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    text: Mapped[str] = mapped_column(String(500))
    asked_at: Mapped[datetime]
    answer: Mapped[str | None] = mapped_column(String(500))
    answered_at: Mapped[datetime | None]

    report: Mapped[Report] = relationship(lazy="joined", innerjoin=True)
