"""The people of the tests. Ada gives, Ben receives, Olga organises, Sam is a stranger from another group."""

from datetime import UTC, datetime, timedelta
from secrets import token_urlsafe

from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from exchange.domain import accounts, groups, invitations
from exchange.storage.group import Group
from exchange.storage.membership import Membership, Role

NOON = datetime(2026, 10, 15, 12, 0, tzinfo=UTC)
HOST = "exchange.example"
UNKNOWN = PasswordHasher().hash(token_urlsafe())


class Clock:
    """The moment of the tests. `pass_by` moves it."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, **span: float) -> datetime:
        """Move on by hours, days, weeks; returns the new moment."""
        self.at += timedelta(**span)
        return self.at


def founded(session: Session, slug: str, name: str, organiser: str) -> Group:
    """A new group whose organiser has this address."""
    group, _token = groups.create(slug, name, organiser=organiser, host=HOST, at=NOON - timedelta(days=400))
    return group


def joined(
    session: Session, group: Group, name: str, *, email: str = "", role: Role = Role.MEMBER, password: str = UNKNOWN
) -> Membership:
    """A member of the group. Nobody knows the password."""
    email = email or f"{name.split()[0].lower()}@bar.example"
    person = accounts.by_email(session, email) or accounts.add(session, email=email, name=name, at=NOON)
    person.name, person.password = name, password
    group = session.get_one(Group, group.id)
    membership = invitations.admit(session, group, person, role=role, at=NOON - timedelta(days=300))
    session.commit()
    return membership
