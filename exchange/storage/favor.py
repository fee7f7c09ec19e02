"""Favors: one member helping another."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from exchange.storage.db import Base
from exchange.storage.group import Category
from exchange.storage.membership import Membership
from exchange.storage.post import Post


class FavorState(StrEnum):
    """Where a favor stands in its life."""

    AGREED = "agreed"
    DELIVERED = "delivered"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    DISPUTED = "disputed"
    LAPSED = "lapsed"


class Began(StrEnum):
    """How a favor began, which decides whether silence may confirm it."""

    ANSWER = "answer"
    HELPED_BY = "helped_by"
    HELPED = "helped"
    IMPORTED = "imported"


class CancelledBecause(StrEnum):
    """Why a favor came to nothing."""

    CALLED_OFF = "called_off"
    LEFT = "left"
    SETTLED = "settled"
    NOT_SETTLED = "not_settled"
    NOT_ME = "not_me"


class How(StrEnum):
    """How an entry of the log came about."""

    RECEIVER = "receiver"
    TIME = "time"
    IMPORTED = "imported"
    SETTLED = "settled"


class Favor(Base):
    """One member helping another, from the handshake to the thank-you.

    `entry` is the index of its entry in the group's log, present exactly when the favor is confirmed; `voided_by` that
    of a correction. Clocks run from `clock_from`: the event, the agreement, or the word of the giver; `paused_at` is
    set while somebody whom a clock waits for is suspended. `asked` counts how often both sides were asked.
    `dropped_out` marks a cancellation by somebody who was counted on. `handed_at` is when a dispute went to the site's
    administrator because no organiser is free to settle it.
    """

    __tablename__ = "favor"
    __table_args__ = (
        CheckConstraint("giver_id <> receiver_id", name="two_people"),
        CheckConstraint("(state = 'confirmed') = (confirmed_at IS NOT NULL)", name="confirmed_has_a_date"),
        CheckConstraint("(state = 'confirmed') = (entry IS NOT NULL)", name="confirmed_is_in_the_log"),
        CheckConstraint("(state = 'cancelled') = (cancelled_because IS NOT NULL)", name="cancelled_says_why"),
        CheckConstraint("(state = 'cancelled') = (cancelled_at IS NOT NULL)", name="cancelled_has_a_date"),
        CheckConstraint("state <> 'disputed' OR disputed_at IS NOT NULL", name="disputed_has_a_date"),
        Index("ix_favor_clock", "state", "clock_from"),
        Index("ix_favor_giver", "giver_id", "state"),
        Index("ix_favor_receiver", "receiver_id", "state"),
        Index("uq_favor_entry", "group_id", "entry", unique=True),
        Index("uq_favor_response", "response_id", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("group.id"))
    giver_id: Mapped[int] = mapped_column(ForeignKey("membership.id"))
    receiver_id: Mapped[int] = mapped_column(ForeignKey("membership.id"))
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"))
    post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id"), index=True)
    response_id: Mapped[int | None] = mapped_column(ForeignKey("response.id"))
    title: Mapped[str] = mapped_column(String(120))
    state: Mapped[FavorState] = mapped_column(default=FavorState.AGREED)
    began: Mapped[Began] = mapped_column(default=Began.ANSWER)
    event_at: Mapped[datetime | None]
    clock_from: Mapped[datetime]
    paused_at: Mapped[datetime | None]
    asked: Mapped[int] = mapped_column(default=0)
    agreed_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancelled_by_id: Mapped[int | None] = mapped_column(ForeignKey("membership.id"))
    cancelled_because: Mapped[CancelledBecause | None]
    cancelled_why: Mapped[str] = mapped_column(String(500), default="")
    dropped_out: Mapped[bool] = mapped_column(default=False)
    disputed_at: Mapped[datetime | None]
    disputed_by_id: Mapped[int | None] = mapped_column(ForeignKey("membership.id"))
    disputed_why: Mapped[str] = mapped_column(String(500), default="")
    handed_at: Mapped[datetime | None]
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("membership.id"))
    settled_why: Mapped[str] = mapped_column(String(500), default="")
    withheld_by_id: Mapped[int | None] = mapped_column(ForeignKey("membership.id"))
    how: Mapped[How | None]
    voided_by: Mapped[int | None]
    thanks: Mapped[str] = mapped_column(Text, default="")
    entry: Mapped[int | None]

    giver: Mapped[Membership] = relationship(foreign_keys=giver_id, lazy="joined", innerjoin=True)
    receiver: Mapped[Membership] = relationship(foreign_keys=receiver_id, lazy="joined", innerjoin=True)
    cancelled_by: Mapped[Membership | None] = relationship(foreign_keys=cancelled_by_id, lazy="select")
    category: Mapped[Category] = relationship(lazy="joined", innerjoin=True)
    post: Mapped[Post | None] = relationship(lazy="select")


class CorrectionState(StrEnum):
    """Where a proposed correction stands."""

    PROPOSED = "proposed"
    MADE = "made"
    REFUSED = "refused"


class Correction(Base):
    """One side, or an organiser, says that an entry is wrong. It voids the entry once it is made."""

    __tablename__ = "correction"
    __table_args__ = (
        Index(
            "uq_correction_one_at_a_time",
            "favor_id",
            unique=True,
            sqlite_where=text("state <> 'refused'"),
            postgresql_where=text("state <> 'refused'"),
        ),
        CheckConstraint("(state = 'made') = (entry IS NOT NULL)", name="made_is_in_the_log"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("group.id"))
    favor_id: Mapped[int] = mapped_column(ForeignKey("favor.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("membership.id"))
    why: Mapped[str] = mapped_column(String(500))
    state: Mapped[CorrectionState] = mapped_column(default=CorrectionState.PROPOSED)
    entry: Mapped[int | None]
    created_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]

    favor: Mapped[Favor] = relationship(lazy="joined", innerjoin=True)
    by: Mapped[Membership] = relationship(lazy="joined", innerjoin=True)
