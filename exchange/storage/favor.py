"""Favors: one member helping another."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
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


class How(StrEnum):
    """How an entry of the log came about."""

    RECEIVER = "receiver"
    TIME = "time"
    IMPORTED = "imported"


class Favor(Base):
    """One member helping another, from the handshake to the thank-you.

    `entry` is the index of its entry in the group's log, present exactly when the favor is confirmed.
    """

    __tablename__ = "favor"
    __table_args__ = (
        CheckConstraint("giver_id <> receiver_id", name="two_people"),
        CheckConstraint("(state = 'confirmed') = (confirmed_at IS NOT NULL)", name="confirmed_has_a_date"),
        CheckConstraint("(state = 'confirmed') = (entry IS NOT NULL)", name="confirmed_is_in_the_log"),
        CheckConstraint("(state = 'cancelled') = (cancelled_by_id IS NOT NULL)", name="cancelled_by_somebody"),
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
    agreed_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancelled_by_id: Mapped[int | None] = mapped_column(ForeignKey("membership.id"))
    cancelled_why: Mapped[str] = mapped_column(String(500), default="")
    thanks: Mapped[str] = mapped_column(Text, default="")
    entry: Mapped[int | None]

    giver: Mapped[Membership] = relationship(foreign_keys=giver_id, lazy="joined", innerjoin=True)
    receiver: Mapped[Membership] = relationship(foreign_keys=receiver_id, lazy="joined", innerjoin=True)
    cancelled_by: Mapped[Membership | None] = relationship(foreign_keys=cancelled_by_id, lazy="select")
    category: Mapped[Category] = relationship(lazy="joined", innerjoin=True)
    post: Mapped[Post | None] = relationship(lazy="select")
