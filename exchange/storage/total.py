"""What the log of a whole group adds up to. Only `exchange.log` may import this; it is a part of its projection."""

from datetime import date

from sqlalchemy import CheckConstraint, Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from exchange.storage.db import Base


class LogTotal(Base):
    """How many members of a group have given or received what counts: the rows of `LogCount`, which nobody counts."""

    __tablename__ = "log_total"
    __table_args__ = (CheckConstraint("people > 0", name="people_are_some"),)

    group_id: Mapped[int] = mapped_column(ForeignKey("group.id"), primary_key=True, autoincrement=False)
    people: Mapped[int]


class LogMonth(Base):
    """How many favors of one sort a group's log tells of in one month; `month` is its first day. Void ones are none."""

    __tablename__ = "log_month"
    __table_args__ = (CheckConstraint("favors > 0", name="favors_are_some"), {"sqlite_with_rowid": False})

    group_id: Mapped[int] = mapped_column(ForeignKey("group.id"), primary_key=True, autoincrement=False)
    month: Mapped[date] = mapped_column(Date, primary_key=True)
    category: Mapped[str] = mapped_column(String(40), primary_key=True)
    counts: Mapped[bool] = mapped_column(primary_key=True)
    withheld: Mapped[bool] = mapped_column(primary_key=True)
    favors: Mapped[int]
