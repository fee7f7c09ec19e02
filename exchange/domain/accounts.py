"""People's accounts, apart from what a sign-in library does."""

import secrets
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from flask_babel import lazy_gettext as _
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from exchange.domain import words
from exchange.domain.errors import BadInput, NotFound
from exchange.sentences import LANGUAGES
from exchange.storage.db import db, transaction
from exchange.storage.letter import Letter
from exchange.storage.person import Person
from exchange.storage.sign_in import SignIn


def add(
    session: Session,
    *,
    email: str,
    name: str,
    at: datetime,
    zone: str = "UTC",
    language: str = "en",
    password: str | None = None,
) -> Person:
    """A new account. Without a password nobody can sign in to it until a letter has let them set one."""
    person = Person(
        email=email,
        name=name,
        password=password,
        fs_uniquifier=secrets.token_hex(32),
        # Every password is set from a letter to this address, so the address is proven by then.
        confirmed_at=at,
        zone=zone,
        language=language,
        created_at=at,
    )
    session.add(person)
    session.flush()
    return person


def by_email(session: Session, email: str) -> Person | None:
    """The account with this address, written in any case."""
    return session.scalar(select(Person).filter_by(email=email.strip().lower()))


def grant_administration(email: str) -> Person:
    """Make an account the site's administrator. Raises NotFound when there is none with this address."""
    with transaction() as session:
        person = by_email(session, email)
        if person is None:
            raise NotFound(_("Nobody here has the address %(address)s.", address=email))
        person.is_administrator = True
    return person


def forget_second_factor(email: str) -> Person:
    """For whoever lost their app and their recovery codes: the password alone signs in, everywhere anew.

    Called by the operator, who has made sure who asks. Raises NotFound when there is nobody with this address.
    """
    with transaction() as session:
        person = by_email(session, email)
        if person is None:
            raise NotFound(_("Nobody here has the address %(address)s.", address=email))
        person.tf_primary_method = person.tf_totp_secret = person.mf_recovery_codes = None
        person.fs_uniquifier = secrets.token_hex(32)
        session.execute(delete(SignIn).where(SignIn.person_id == person.id))
    return person


def change(person_id: int, *, name: str, zone: str, language: str) -> Person:
    """A person changes the name that others see, the zone that times are shown in, and the language."""
    name = words.line(name, field="name", name=_("The name"))
    check_zone(zone)
    with transaction() as session:
        person = session.get_one(Person, person_id, with_for_update={"of": Person}, populate_existing=True)
        person.name, person.zone = name, zone
        person.language = check_language(language or person.language, before=person.language)
    return person


def check_language(language: str, *, before: str = "") -> str:
    """The language, if our sentences are written in it or it is the one `before`. Raises BadInput otherwise."""
    if language not in {*LANGUAGES, before}:
        raise BadInput(_("Nothing is written in this language yet."), field="language")
    return language


def check_zone(zone: str) -> str:
    """The zone, if it is one. Raises BadInput otherwise."""
    if zone not in zones():
        raise BadInput(_("“%(zone)s” is not a time zone.", zone=zone[:60]), field="zone")
    return zone


@cache
def zones() -> frozenset[str]:
    """Every time zone. To look for them reads many folders, so it is done once."""
    return frozenset(available_timezones())


def zone_of(person_id: int) -> str:
    """The zone of a person, by id."""
    return db.session.get_one(Person, person_id).zone


def write(kind: str, person: Person, *, at: datetime, **facts: Any) -> None:
    """Put a letter about somebody's own account into the outbox, and commit it with what the library changed."""
    session = db.session()
    session.add(
        Letter(
            kind=kind,
            email=person.email,
            person_id=person.id,
            once=f"{kind}:{secrets.token_hex(8)}",
            facts=facts,
            due_at=at,
            created_at=at,
        )
    )
    session.commit()
