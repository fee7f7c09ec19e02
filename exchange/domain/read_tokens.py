"""Read tokens: how a person's own programs fetch the logs of their groups without signing in."""

import secrets
from datetime import UTC, datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import select, update

from exchange.domain import words
from exchange.domain.errors import NotFound, Refusal
from exchange.domain.invitations import hashed
from exchange.storage.db import db, locked, transaction
from exchange.storage.group import Group
from exchange.storage.membership import Membership, MembershipState
from exchange.storage.person import Person
from exchange.storage.read_token import ReadToken

# Programs that look for secrets in what people publish know a token by how it begins.
BEGINS = "exchange-read-"
MOST = 20
NAME = 60


def make(name: str, *, by: Person, at: datetime) -> tuple[ReadToken, str]:
    """A new token, and its text, which is told only now.

    Raises BadInput for the name, Refusal when the person has as many as one may have.
    """
    name = words.line(name, field="name", name=_("The name"), most=NAME)
    text = BEGINS + secrets.token_urlsafe(32)
    with transaction() as session:
        locked(session, Person, by.id)
        if len(of(by)) >= MOST:
            raise Refusal(_("You have %(most)s tokens. Revoke one that you do not use any more.", most=MOST))
        token = ReadToken(person_id=by.id, name=name, token_hash=hashed(text), created_at=at)
        session.add(token)
    return token, text


def of(person: Person) -> list[ReadToken]:
    """The person's tokens that open something, the newest first."""
    statement = select(ReadToken).filter_by(person_id=person.id, revoked_at=None)
    return list(db.session.scalars(statement.order_by(ReadToken.created_at.desc(), ReadToken.id.desc())))


def revoke(token_id: int, *, by: Person, at: datetime) -> ReadToken:
    """A token opens nothing any more. Raises NotFound for one that is somebody else's, or revoked already."""
    with transaction() as session:
        token = locked(session, ReadToken, token_id, person_id=by.id, revoked_at=None)
        if token is None:
            raise NotFound(_("There is no such token."))
        token.revoked_at = at
    return token


def enter(slug: str, text: str, *, at: datetime) -> Membership:
    """The active membership that a token stands for in a group; the day of its use is noted.

    Raises NotFound, always the same, for anything else: a wrong token, another's group, a membership at rest.
    """
    found = db.session.execute(
        select(ReadToken.id, ReadToken.last_used_on, Membership)
        .join(Membership, Membership.person_id == ReadToken.person_id)
        .join(Group, Group.id == Membership.group_id)
        .join(Person, Person.id == ReadToken.person_id)
        .where(
            ReadToken.token_hash == hashed(text),
            ReadToken.revoked_at.is_(None),
            Person.active,
            Group.slug == slug,
            Group.deleted_at.is_(None),
            Membership.state == MembershipState.ACTIVE,
        )
    ).one_or_none()
    if found is None:
        raise NotFound(_("There is no such page."))
    token_id, last_used_on, membership = found
    today = at.astimezone(UTC).date()
    if last_used_on is None or last_used_on < today:
        with transaction() as session:
            session.execute(update(ReadToken).where(ReadToken.id == token_id).values(last_used_on=today))
    return membership
