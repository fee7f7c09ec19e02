"""Changing the address of an account: the new one is proven by a letter first, the old one is told.

Flask-Security's own change of address was looked at: opening its link changes something, which programs that look into
letters do by themselves, the old address hears nothing, and the second of two who want one gets an error.
"""

import secrets
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from exchange.domain import accounts, words
from exchange.domain.errors import BadInput, Gone
from exchange.storage.db import locked, transaction
from exchange.storage.letter import Letter, LetterState
from exchange.storage.membership import Invitation, Membership
from exchange.storage.person import Person
from exchange.storage.suppression import Suppression


def wished(email: str, *, by: Person) -> str:
    """The address that somebody wants, as it would be kept. Raises BadInput for none, and for the one they have."""
    email = words.email(email)
    if email == by.email:
        raise BadInput(_("This is your address already."), field="email")
    return email


def ask(email: str, *, by: Person, path: str, at: datetime) -> None:
    """Send the link at `path` to the new address, unless an account has it: nobody finds out by this who has one."""
    with transaction() as session:
        if accounts.by_email(session, email) is None:
            _tell(session, "new_address", email, by, at, path=path)


def take(person_id: int, *, old: str, new: str, epoch: str, at: datetime) -> Person:
    """The account has the new address from now on; links that went to the old one are dead.

    Raises Gone, always the same, when the account has another address or password by now, was signed out everywhere, or
    somebody else has this address.
    """
    gone = Gone(_("This link does not work any more. Ask for a new letter on your account page."))
    try:
        with transaction() as session:
            person = locked(session, Person, person_id)
            if person is None or not person.active or person.email != old:
                raise gone
            if not person.fs_uniquifier.startswith(epoch) or accounts.by_email(session, new):
                raise gone
            person.email, person.confirmed_at, person.fs_uniquifier = new, at, secrets.token_hex(32)
            session.flush()
            _follow(session, person, old)
            _tell(session, "address_changed", old, person, at)
    except IntegrityError:
        raise gone from None
    return person


def _follow(session: Session, person: Person, old: str) -> None:
    """What went to the old address goes to the new one; that letters came back from there does not matter any more.

    An invitation that was used says who invited whom, and goes on saying so.
    """
    for statement in (
        update(Letter).where(Letter.person_id == person.id, Letter.state == LetterState.DUE).values(email=person.email),
        update(Membership)
        .where(Membership.person_id == person.id, Membership.contact == old)
        .values(contact=person.email[:200]),
        update(Invitation).where(Invitation.email == old, Invitation.used_at.is_not(None)).values(email=person.email),
        delete(Suppression).where(Suppression.email == old),
    ):
        session.execute(statement)


def _tell(session: Session, kind: str, email: str, person: Person, at: datetime, **facts: Any) -> None:
    session.add(
        Letter(
            kind=kind,
            email=email,
            person_id=person.id,
            once=f"{kind}:{secrets.token_hex(8)}",
            facts=facts,
            due_at=at,
            created_at=at,
        )
    )
