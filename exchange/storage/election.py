"""When a group's organisers have vanished: who was seen, who is willing, and who is for whom."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from exchange.storage.db import Base


class Seen(Base):
    """When a member was last here, to the half day."""

    __tablename__ = "seen"

    membership_id: Mapped[int] = mapped_column(ForeignKey("membership.id"), primary_key=True, autoincrement=False)
    at: Mapped[datetime]


class Election(Base):
    """Members look for an organiser. An organiser who signs in ends it, and so does who is elected."""

    __tablename__ = "election"
    __table_args__ = (
        CheckConstraint("elected_id IS NULL OR ended_at IS NOT NULL", name="who_is_elected_ends_it"),
        Index(
            "uq_election_one_at_a_time",
            "group_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("group.id"))
    opened_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    elected_id: Mapped[int | None] = mapped_column(ForeignKey("membership.id"))


class Willing(Base):
    """A member who would organise."""

    __tablename__ = "election_willing"

    election_id: Mapped[int] = mapped_column(ForeignKey("election.id"), primary_key=True, autoincrement=False)
    member_id: Mapped[int] = mapped_column(ForeignKey("membership.id"), primary_key=True, autoincrement=False)
    at: Mapped[datetime]


class Vote(Base):
    """A member is for somebody; another word replaces it while the election lasts."""

    __tablename__ = "election_vote"

    election_id: Mapped[int] = mapped_column(ForeignKey("election.id"), primary_key=True, autoincrement=False)
    voter_id: Mapped[int] = mapped_column(ForeignKey("membership.id"), primary_key=True, autoincrement=False)
    for_id: Mapped[int] = mapped_column(ForeignKey("membership.id"))
    at: Mapped[datetime]
