"""Groups and their categories."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from exchange.storage.db import Base


class Kind(StrEnum):
    """What a category is about; rules that differ by subject look at this, never at a name."""

    EVENT_PLACE = "event_place"
    INTRODUCTION = "introduction"
    ADVICE = "advice"
    REVIEW = "review"
    MENTORING = "mentoring"
    REFERRAL = "referral"
    OTHER = "other"


class Group(Base):
    """One community with its own members, board and log.

    While `archived_at` is set it can be read and checked, and nothing new happens in it. `seen_since` is when it began
    to be noted who comes, empty where that was on the first day. Once `deleted_at` is set nobody comes in any more, and
    its rows go, this one last.
    """

    __tablename__ = "group"
    __table_args__ = (CheckConstraint("slug = lower(slug)", name="slug_in_lower_case"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    zone: Mapped[str] = mapped_column(String(64), default="UTC")
    invented: Mapped[bool] = mapped_column(default=False)
    last_number: Mapped[int] = mapped_column(default=0)
    withholding: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    seen_since: Mapped[datetime | None]
    archived_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]

    categories: Mapped[list["Category"]] = relationship(order_by="Category.position")


class Category(Base):
    """One entry of the group's own list. Favors in a neutral one are logged and counted for nobody."""

    __tablename__ = "category"
    __table_args__ = (UniqueConstraint("group_id", "slug"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("group.id"))
    slug: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(60))
    kind: Mapped[Kind]
    neutral: Mapped[bool] = mapped_column(default=False)
    enabled: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)
