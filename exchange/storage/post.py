"""Needs and offers, and the answers to them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from exchange.storage.db import Base
from exchange.storage.group import Category
from exchange.storage.membership import Membership


class PostKind(StrEnum):
    """On a need the poster receives, on an offer the poster gives."""

    NEED = "need"
    OFFER = "offer"


class Rule(StrEnum):
    """How places go, fixed before the first answer."""

    CHOICE = "choice"
    FIRST_COME = "first_come"


class PostState(StrEnum):
    """Where a post stands in its life. What is held or hidden only its author sees, and organisers at the desk."""

    HELD = "held"
    OPEN = "open"
    CLOSED = "closed"
    HIDDEN = "hidden"


class ClosedBecause(StrEnum):
    """Why a post is closed."""

    FILLED = "filled"
    TIME = "time"
    WITHDRAWN = "withdrawn"


class ResponseState(StrEnum):
    """Where an answer stands in its life."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    STANDBY = "standby"
    OFFERED = "offered"
    PASSED = "passed"
    EXPIRED = "expired"
    DROPPED_OUT = "dropped_out"
    WITHDRAWN = "withdrawn"


# Answers that still count: one may answer again after any other.
LIVE = frozenset(
    {
        ResponseState.WAITING,
        ResponseState.ACCEPTED,
        ResponseState.DECLINED,
        ResponseState.STANDBY,
        ResponseState.OFFERED,
    }
)
_live = text("state IN ('waiting', 'accepted', 'declined', 'standby', 'offered')")


class Post(Base):
    """A need or an offer on the board of one group.

    `held_until` is when a held one opens by itself; `was` why a hidden one had closed, if it had. `place` is where the
    event takes place, in the author's words.
    """

    __tablename__ = "post"
    __table_args__ = (
        CheckConstraint("slots BETWEEN 1 AND 99", name="one_to_99_places"),
        CheckConstraint("taken BETWEEN 0 AND slots", name="never_overbooked"),
        CheckConstraint("(state = 'closed') = (closed_because IS NOT NULL)", name="closed_says_why"),
        CheckConstraint("closes_at > created_at", name="closes_after_it_opens"),
        Index("ix_post_board", "group_id", "state", "closes_at"),
        Index("ix_post_event", "group_id", "state", "event_at"),
        Index("ix_post_newest", "group_id", "state", "created_at"),
        Index("ix_post_author", "author_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("group.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("membership.id"))
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"))
    kind: Mapped[PostKind]
    title: Mapped[str] = mapped_column(String(120))
    place: Mapped[str] = mapped_column(String(120), default="", server_default=text("''"))
    text: Mapped[str] = mapped_column(Text, default="")
    slots: Mapped[int] = mapped_column(default=1)
    taken: Mapped[int] = mapped_column(default=0)
    rule: Mapped[Rule] = mapped_column(default=Rule.CHOICE)
    event_at: Mapped[datetime | None]
    closes_at: Mapped[datetime]
    state: Mapped[PostState] = mapped_column(default=PostState.OPEN)
    closed_because: Mapped[ClosedBecause | None]
    was: Mapped[ClosedBecause | None]
    held_until: Mapped[datetime | None]
    hidden_from_firm: Mapped[bool] = mapped_column(default=False)
    warned_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    author: Mapped[Membership] = relationship(lazy="joined", innerjoin=True)
    category: Mapped[Category] = relationship(lazy="joined", innerjoin=True)


class PostHidden(Base):
    """A member whom a post is hidden from by name."""

    __tablename__ = "post_hidden"
    __table_args__ = (Index("ix_post_hidden_member", "member_id"),)

    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"), primary_key=True, autoincrement=False)
    member_id: Mapped[int] = mapped_column(ForeignKey("membership.id"), primary_key=True, autoincrement=False)


class Response(Base):
    """A member's answer to a post: "I can help" to a need, "I would love it" to an offer."""

    __tablename__ = "response"
    __table_args__ = (
        Index(
            "uq_response_one_live_answer",
            "post_id",
            "member_id",
            unique=True,
            sqlite_where=_live,
            postgresql_where=_live,
        ),
        Index("ix_response_post", "post_id", "state"),
        Index("ix_response_member", "member_id", "state"),
        Index("ix_response_offer", "state", "offered_until"),
        CheckConstraint("(state = 'offered') = (offered_until IS NOT NULL)", name="offered_has_an_end"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("group.id"))
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("membership.id"))
    text: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[ResponseState] = mapped_column(default=ResponseState.WAITING)
    created_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    offered_until: Mapped[datetime | None]

    member: Mapped[Membership] = relationship(lazy="joined", innerjoin=True)
    post: Mapped[Post] = relationship(lazy="select")
