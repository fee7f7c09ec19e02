"""The weekly letter: what people wish of it, each issue of it, and how often posts were shown."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ColumnElement, ForeignKey, Index, String, Text, UniqueConstraint, and_
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from exchange.storage.db import Base
from exchange.storage.membership import Membership


class Rhythm(StrEnum):
    """How often somebody gets the letter."""

    WEEKLY = "weekly"
    DAILY = "daily"
    NEVER = "never"


class IssueState(StrEnum):
    """Where an issue stands. The last three are final."""

    DUE = "due"
    LEASED = "leased"
    SENT = "sent"
    SKIPPED = "skipped"
    FAILED = "failed"


class DigestWish(Base):
    """When somebody wishes to get the letter, over all their groups. Without a row: on Mondays at 8.

    `weekday` counts from Monday, 0; `hour` is in the person's zone. Nothing becomes due for a moment before
    `changed_at`, so that a new hour never brings a letter at once. `since`: when somebody who wished none began again.
    """

    __tablename__ = "digest_wish"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="a_day_of_the_week"),
        CheckConstraint("hour BETWEEN 0 AND 23", name="an_hour_of_the_day"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    rhythm: Mapped[Rhythm] = mapped_column(default=Rhythm.WEEKLY)
    weekday: Mapped[int] = mapped_column(default=0)
    hour: Mapped[int] = mapped_column(default=8)
    paused_until: Mapped[datetime | None]
    changed_at: Mapped[datetime | None] = mapped_column(index=True)
    since: Mapped[datetime | None]


class DigestGroupWish(Base):
    """What a member wishes of one group's part of the letter. Without a row: it is in, and nobody else looks at it.

    `off` leaves the group out. `previewed` lets the group's organisers look at the letter as this member would get it.
    """

    __tablename__ = "digest_group_wish"

    membership_id: Mapped[int] = mapped_column(ForeignKey("membership.id"), primary_key=True, autoincrement=False)
    off: Mapped[bool] = mapped_column(default=False)
    previewed: Mapped[bool] = mapped_column(default=False)


class DigestRun(Base):
    """All issues that are due at one moment. The moment is unique, so that two schedulers begin one run."""

    __tablename__ = "digest_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    moment: Mapped[datetime] = mapped_column(unique=True)
    begun_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class DigestIssue(Base):
    """One letter to one person for one period: `2026-W48`, or `2026-11-23` for who gets it daily.

    The id says whose and of which period it is, so that a preview bears the Message-ID that will be sent. What is in
    it is data: everything from `window_from` up to just before `window_until`. It goes out at `due_at`; a copy that an
    organiser asked for has a period that ends in `+1` and the window of the first. `carried` holds the size of each
    checkpoint in it, by the origin of the log; `shown` are the posts in it, which is what its reader has seen.
    `attempts` counts refusals, `dropped` connections that broke after the letter was handed over; `bounced` is the
    status with which it came back.
    """

    __tablename__ = "digest_issue"
    __table_args__ = (
        UniqueConstraint("person_id", "period"),
        CheckConstraint("window_from <= window_until", name="a_window_has_a_length"),
        CheckConstraint("(state = 'leased') = (leased_until IS NOT NULL)", name="leased_has_an_end"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_has_a_date"),
        CheckConstraint("state NOT IN ('skipped', 'failed') OR reason <> ''", name="what_is_not_sent_says_why"),
        Index(
            "ix_digest_issue_waiting",
            "state",
            "next_try_at",
            "id",
            sqlite_where=sql("sent_at IS NULL"),
            postgresql_where=sql("sent_at IS NULL"),
        ),
        Index("ix_digest_issue_person", "person_id", "state", "window_until"),
        Index("ix_digest_issue_run", "run_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    run_id: Mapped[int] = mapped_column(ForeignKey("digest_run.id"))
    period: Mapped[str] = mapped_column(String(16))
    window_from: Mapped[datetime]
    window_until: Mapped[datetime]
    due_at: Mapped[datetime]
    state: Mapped[IssueState] = mapped_column(default=IssueState.DUE)
    reason: Mapped[str] = mapped_column(String(300), default="")
    leased_until: Mapped[datetime | None]
    holder: Mapped[str] = mapped_column(String(100), default="")
    attempts: Mapped[int] = mapped_column(default=0)
    dropped: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime]
    message_id: Mapped[str] = mapped_column(String(120), default="")
    carried: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    shown: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("membership.id"))
    sent_at: Mapped[datetime | None]
    bounced: Mapped[str] = mapped_column(String(12), default="")


def unsent(*states: IssueState) -> ColumnElement[bool]:
    """That an issue is in one of these states, none of which is `sent`: there is an index for that."""
    return and_(DigestIssue.sent_at.is_(None), DigestIssue.state.in_(states))


class DigestTimes(Base):
    """In how many letters of a run a post stood. What a run has shown counts from the next run on, so that all letters
    of one are composed alike.
    """

    __tablename__ = "digest_times"
    __table_args__ = (Index("ix_digest_times_post", "post_id"),)

    run_id: Mapped[int] = mapped_column(ForeignKey("digest_run.id"), primary_key=True, autoincrement=False)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"), primary_key=True, autoincrement=False)
    times: Mapped[int]


class DigestNote(Base):
    """An organiser's words to the group, in every letter in whose window they were written.

    Until a letter carries them (`used_at`) they can be changed; a group has one such note at most.
    """

    __tablename__ = "digest_note"
    __table_args__ = (
        CheckConstraint("length(text) <= 500", name="at_most_500_characters"),
        Index("ix_digest_note_group", "group_id", "written_at"),
        Index(
            "uq_digest_note_one_to_come",
            "group_id",
            unique=True,
            sqlite_where=sql("used_at IS NULL"),
            postgresql_where=sql("used_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("group.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("membership.id"))
    text: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    by: Mapped[Membership] = relationship(lazy="joined", innerjoin=True)
