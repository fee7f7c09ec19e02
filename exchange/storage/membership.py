"""A person in a group, and the invitations that lead there."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, joinedload, lazyload, load_only, mapped_column, relationship
from sqlalchemy.orm.strategy_options import _AbstractLoad

from exchange.storage.db import Base
from exchange.storage.group import Group
from exchange.storage.person import Person

# What lists say of a member.
BRIEF = (
    "group_id",
    "person_id",
    "number",
    "role",
    "state",
    "firm",
    "practice",
    "office",
    "can_help_with",
    "erased_by_entry",
)


class Role(StrEnum):
    """What a member may do beside everything that all may do."""

    MEMBER = "member"
    ORGANISER = "organiser"


class MembershipState(StrEnum):
    """Whether somebody takes part. Only `active` sees the group's pages."""

    APPLIED = "applied"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    LEFT = "left"
    ENDED = "ended"


def called(name: str) -> str:
    """The name that others see of a person with this one; whoever was forgotten has none."""
    return name or str(_("A former member"))


class Membership(Base):
    """A person in one group, with the profile that this group sees.

    `number` is the group-scoped id that the log uses (`m17`) and that the member's address ends in. `letters_off`
    names the kinds of letters that the member does not want. `ended_at` is when they last left or were kept out, also
    after they came back: links in letters from before stay dead. `erased_by_entry` is the index of the `erase` entry
    once the member was forgotten; the row stays without a name, so that the balances of others stay as they are.
    """

    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("group_id", "person_id"),
        UniqueConstraint("group_id", "number"),
        Index("ix_membership_person", "person_id"),
        Index("ix_membership_role", "group_id", "role"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("group.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    number: Mapped[int]
    role: Mapped[Role] = mapped_column(default=Role.MEMBER)
    state: Mapped[MembershipState] = mapped_column(default=MembershipState.ACTIVE)
    firm: Mapped[str] = mapped_column(String(120), default="")
    practice: Mapped[str] = mapped_column(String(120), default="")
    office: Mapped[str] = mapped_column(String(120), default="")
    contact: Mapped[str] = mapped_column(String(200), default="")
    can_help_with: Mapped[str] = mapped_column(String(1000), default="")
    would_love: Mapped[str] = mapped_column(String(1000), default="")
    accepts_gifts: Mapped[bool] = mapped_column(default=True)
    letters_off: Mapped[list[str]] = mapped_column(JSON, default=list)
    joined_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    suspended_at: Mapped[datetime | None]
    erased_by_entry: Mapped[int | None]

    group: Mapped[Group] = relationship(lazy="joined", innerjoin=True)
    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True)

    @property
    def name(self) -> str:
        """The name that others see."""
        return called(self.person.name)

    @property
    def is_organiser(self) -> bool:
        """True for an active organiser."""
        return self.role is Role.ORGANISER and self.state is MembershipState.ACTIVE


def briefly(member: Any = Membership, *, inner: bool = True) -> tuple[_AbstractLoad, ...]:
    """How members are loaded who stand in a list: what a list says of them, with the rest at hand when it is asked for.

    `member` may be an alias; `inner` is false where there may be none. Whoever reads is of the same group, which is
    loaded already.
    """
    named = joinedload(member.person, innerjoin=inner).load_only(Person.name, Person.email)
    return load_only(*(getattr(member, name) for name in BRIEF)), named, lazyload(member.group)


class Invitation(Base):
    """A letter that lets one address join one group, once. Only the hash of its token is kept."""

    __tablename__ = "invitation"
    __table_args__ = (
        Index(
            "uq_invitation_one_open_per_address",
            "group_id",
            "email",
            unique=True,
            sqlite_where=text("used_at IS NULL AND revoked_at IS NULL"),
            postgresql_where=text("used_at IS NULL AND revoked_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("group.id"))
    email: Mapped[str] = mapped_column(String(254))
    role: Mapped[Role] = mapped_column(default=Role.MEMBER)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("membership.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    group: Mapped[Group] = relationship(lazy="joined", innerjoin=True)
    invited_by: Mapped[Membership | None] = relationship(lazy="joined")
