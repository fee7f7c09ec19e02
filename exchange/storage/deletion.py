"""Deleting a group: who wants it and who agreed, and the gravestone, which is all that stays."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from exchange.storage.db import Base
from exchange.storage.group import Group
from exchange.storage.membership import Membership
from exchange.storage.unchanged import create, guard, refuses_when


class Deletion(Base):
    """An organiser wants the group deleted. Another one agrees, or the site's administrator does where there is none.

    It has ended where somebody called it off, or it took too long (`ended_by_id` is empty then).
    """

    __tablename__ = "deletion"
    __table_args__ = (
        CheckConstraint("second_id <> by_id", name="two_people"),
        CheckConstraint("second_id IS NULL OR administrator_id IS NULL", name="one_agrees"),
        CheckConstraint(
            "(agreed_at IS NULL) = (second_id IS NULL AND administrator_id IS NULL)", name="somebody_agrees"
        ),
        CheckConstraint("agreed_at IS NULL OR ended_at IS NULL", name="called_off_or_agreed"),
        CheckConstraint("agreed_at > proposed_at", name="one_after_the_other"),
        Index("ix_deletion_group", "group_id"),
        Index(
            "uq_deletion_one_at_a_time",
            "group_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("group.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("membership.id"))
    proposed_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("membership.id"))
    second_id: Mapped[int | None] = mapped_column(ForeignKey("membership.id"))
    administrator_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    agreed_at: Mapped[datetime | None]

    group: Mapped[Group] = relationship(lazy="joined", innerjoin=True)
    by: Mapped[Membership] = relationship(foreign_keys=by_id, lazy="joined", innerjoin=True)


class DeletedGroup(Base):
    """The gravestone of a group: its address, which no other group gets, and its log's last checkpoint with the key.

    `earlier` holds, by size, what else was signed since it was proposed, for copies that were taken meanwhile.
    `group_id` names rows until the last of them is gone, and is never given again. `last_member` is the highest id of
    a membership elsewhere: on SQLite, higher ones may be given to others later, and links from before are not theirs.
    """

    __tablename__ = "deleted_group"

    slug: Mapped[str] = mapped_column(String(60), primary_key=True)
    group_id: Mapped[int] = mapped_column(unique=True)
    deleted_at: Mapped[datetime]
    checkpoint: Mapped[str] = mapped_column(Text)
    earlier: Mapped[dict[str, Any]]
    vkey: Mapped[str] = mapped_column(String(300))
    last_member: Mapped[int]


guard(DeletedGroup.__table__, said="a gravestone stays as it is")
create(
    DeletedGroup.__table__,
    refuses_when(
        "deleted_group",
        "deleted_group_takes_two",
        verb="INSERT",
        when="NOT EXISTS (SELECT 1 FROM deletion WHERE deletion.group_id = NEW.group_id"
        " AND deletion.agreed_at IS NOT NULL)",
        said="a group is deleted by two people",
    ),
)
for _verb, _name in (("INSERT", "group_not_again"), ("UPDATE OF id, slug", "group_not_renamed")):
    create(
        Group.__table__,
        refuses_when(
            "group",
            _name,
            verb=_verb,
            when="EXISTS (SELECT 1 FROM deleted_group"
            " WHERE deleted_group.slug = NEW.slug OR deleted_group.group_id = NEW.id)",
            said="the address and the number of a deleted group are not given again",
        ),
    )
