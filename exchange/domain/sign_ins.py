"""Where somebody is signed in: seen by themself, and ended by them or by what happens to them."""

import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

from flask_babel import lazy_gettext as _
from sqlalchemy import and_, bindparam, delete, select, update
from sqlalchemy.orm import Session, contains_eager, lazyload

from exchange.domain.errors import NotFound
from exchange.domain.invitations import hashed
from exchange.storage.db import db, locked, transaction
from exchange.storage.group import Group
from exchange.storage.membership import Membership, MembershipState
from exchange.storage.person import Person
from exchange.storage.sign_in import SignIn
from exchange.storage.suppression import Suppression

NOTED = timedelta(minutes=15)
LASTS = timedelta(days=366)  # no cookie of ours lives longer


class Known(NamedTuple):
    """Where somebody is signed in, the group that was asked for and their membership there, if any, and whether letters
    to them come back.
    """

    sign_in: SignIn
    slug: str | None
    member: Membership | None
    letters_come_back: bool


def begin(person: Person, *, browser: str, system: str, at: datetime) -> str:
    """A browser is signed in from now on, committed with what the library changed. Returns the key for its cookie."""
    session = db.session()
    key = secrets.token_urlsafe(32)
    session.add(
        SignIn(
            person_id=person.id,
            key_hash=hashed(key),
            browser=browser[:30],
            system=system[:30],
            made_at=at,
            seen_at=at,
        )
    )
    # Flushed before anything else is written: outside a verb it is a flush that takes SQLite's write lock.
    session.flush()
    session.execute(delete(SignIn).where(SignIn.seen_at < at - LASTS))
    session.commit()
    return key


# All that a page needs to know of its reader, asked at once: every page does, and the statement is made once.
KNOWN = (
    select(SignIn, Membership, Suppression.since)
    .join(SignIn.person)
    .outerjoin(Group, Group.slug == bindparam("slug"))
    .outerjoin(Membership, and_(Membership.person_id == Person.id, Membership.group_id == Group.id))
    .outerjoin(Suppression, Suppression.email == Person.email)
    .where(SignIn.key_hash == bindparam("hashed"), Person.active)
    .options(contains_eager(SignIn.person), contains_eager(Membership.group), lazyload(Membership.person))
)


def known(key: str, *, slug: str | None = None) -> Known | None:
    """Where the browser with this key is signed in, and as whom; None once it was ended. `slug`: of the group there."""
    found = db.session.execute(KNOWN, {"hashed": hashed(key), "slug": slug}).one_or_none()
    return Known(found[0], slug, found[1], found[2] is not None) if found else None


def seen(sign_in: SignIn, *, at: datetime) -> None:
    """Note that it is still used, every quarter of an hour at most."""
    if at - sign_in.seen_at >= NOTED:
        with transaction() as session:
            session.execute(update(SignIn).where(SignIn.id == sign_in.id).values(seen_at=at))


def of(person: Person) -> list[SignIn]:
    """Where a person is signed in, the latest used first."""
    found = select(SignIn).filter_by(person_id=person.id).order_by(SignIn.seen_at.desc(), SignIn.id.desc())
    return list(db.session.scalars(found))


def end(sign_in_id: int, *, by: Person) -> SignIn:
    """Sign out there. Raises NotFound for one that is somebody else's, or over already."""
    with transaction() as session:
        found = locked(session, SignIn, sign_in_id, person_id=by.id)
        if found is None:
            raise NotFound(_("You are not signed in there any more."))
        session.delete(found)
    return found


def end_one(key: str) -> None:
    """The browser with this key is signed out."""
    with transaction() as session:
        session.execute(delete(SignIn).where(SignIn.key_hash == hashed(key)))


def end_all(*, by: Person) -> None:
    """Sign out everywhere, here too; links to a new password that are on their way do not work any more, either."""
    with transaction() as session:
        person = locked(session, Person, by.id)
        if person is not None:
            person.fs_uniquifier = secrets.token_hex(32)
            ended(session, person.id)


def ended(session: Session, person_id: int) -> None:
    """Inside a running verb: nobody is signed in as this person any more."""
    session.execute(delete(SignIn).where(SignIn.person_id == person_id))


def ended_with(session: Session, member: Membership) -> None:
    """Inside a running verb: whoever parts with their last group is signed out everywhere at once."""
    elsewhere = select(Membership.id).where(
        Membership.person_id == member.person_id,
        Membership.id != member.id,
        Membership.state == MembershipState.ACTIVE,
    )
    if not member.person.is_administrator and session.scalar(elsewhere.limit(1)) is None:
        ended(session, member.person_id)
