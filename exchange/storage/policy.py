"""What a group settles about itself: its rules, how it is joined, whose posts are held, and what is put away."""

from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from exchange.storage.db import Base


class Joining(StrEnum):
    """How people come into the group."""

    INVITED = "invited"
    ASKING = "asking"


class Holding(StrEnum):
    """Whose posts wait for an organiser before others see them."""

    NOBODY = "nobody"
    NEWCOMERS = "newcomers"
    EVERYBODY = "everybody"


class GroupRule(Base):
    """One of the group's own rules. Changing one retires it: decisions keep the words that they were made under."""

    __tablename__ = "group_rule"
    __table_args__ = (Index("ix_group_rule_group", "group_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("group.id"))
    position: Mapped[int]
    text: Mapped[str] = mapped_column(String(300))
    retired: Mapped[bool] = mapped_column(default=False)


class GroupPolicy(Base):
    """What the organisers have set. A group without a row keeps to the defaults."""

    __tablename__ = "group_policy"
    __table_args__ = (CheckConstraint("digest_hour BETWEEN 0 AND 23", name="an_hour_of_the_day"),)

    group_id: Mapped[int] = mapped_column(ForeignKey("group.id"), primary_key=True, autoincrement=False)
    purpose: Mapped[str] = mapped_column(String(500), default="")
    welcome: Mapped[str] = mapped_column(String(2000), default="")
    joining: Mapped[Joining] = mapped_column(default=Joining.INVITED)
    holding: Mapped[Holding] = mapped_column(default=Holding.NEWCOMERS)
    digest_hour: Mapped[int] = mapped_column(default=8)
    question: Mapped[str | None] = mapped_column(String(300))
    second_factor: Mapped[bool | None]
    allocation: Mapped[list[str]] = mapped_column(JSON, default=lambda: ["choice", "first_come"])


class PutAway(Base):
    """Words that a decision took off the pages, kept until an appeal can no longer bring them back."""

    __tablename__ = "put_away"

    case_id: Mapped[int] = mapped_column(ForeignKey("desk_case.id"), primary_key=True, autoincrement=False)
    texts: Mapped[dict[str, str]] = mapped_column(JSON)


class Asking(Base):
    """What somebody who asks to join was asked, and answered; gone once an organiser has said yes or no."""

    __tablename__ = "asking"

    membership_id: Mapped[int] = mapped_column(ForeignKey("membership.id"), primary_key=True, autoincrement=False)
    question: Mapped[str] = mapped_column(String(300))
    answer: Mapped[str] = mapped_column(String(500))
