"""Asking to join without an account: an address is proven by a letter before anybody hears of the request.

Whatever is typed, the answer and the time that it takes are the same, so nobody finds out who has an account here.
"""

from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from exchange.domain import accounts, words
from exchange.domain.desk import applications
from exchange.domain.desk.applications import Front
from exchange.domain.errors import Gone, NotFound, Refusal
from exchange.storage.db import db, transaction
from exchange.storage.group import Group
from exchange.storage.insert import insert_new
from exchange.storage.letter import Letter, LetterState
from exchange.storage.membership import Membership


def write_to(slug: str, email: str, *, language: str = "en", at: datetime) -> str:
    """Send a link to an address, once a day: with it a stranger goes on, and whoever has an account signs in.

    `language` is the one in which they ask. Returns the address. Raises NotFound for a group that may not be asked,
    BadInput for what is no address.
    """
    email = words.email(email)
    with transaction() as session:
        group = applications.listed_group(session, slug)
        person = accounts.by_email(session, email)
        known = person is not None and bool(person.password)
        letter = {
            "kind": "come_in",
            "email": email,
            "group_id": group.id,
            "once": f"come_in:{group.id}:{at:%Y-%m-%d}",
            "facts": {"known": known, "asks": group.id, "path": f"/ask/{group.slug}", "language": language},
            "state": LetterState.DUE,
            "attempts": 0,
            "why_failed": "",
            "due_at": at,
            "created_at": at,
        }
        insert_new(session, Letter, [letter])
        session.info["letters_written"] = True  # somebody shall wake the worker
    return email


def look(group_id: int, email: str) -> Front:
    """What the link of such a letter leads to. Raises Gone when the group may not be asked any more."""
    group = _still(db.session(), group_id)
    person = accounts.by_email(db.session(), email)
    return applications.front(group.slug, seen_by=person)


def has_account(email: str) -> bool:
    """Whether the owner of a proven address signs in instead."""
    person = accounts.by_email(db.session(), email)
    return person is not None and bool(person.password)


def come(
    group_id: int, email: str, *, name: str, password: str, zone: str, answer: str, at: datetime, language: str = "en"
) -> Membership:
    """The owner of a proven address makes an account, with a hashed password, and asks to join.

    Raises Gone when the group may not be asked any more, Refusal for whoever has an account, BadInput for the name or
    without an answer where the group asks for one, NotYours for who was removed.
    """
    name = words.line(name, field="name", name=_("The name"))
    accounts.check_zone(zone)
    with transaction() as session:
        group = _still(session, group_id)
        person = accounts.by_email(session, email)
        if person is not None and person.password:
            raise Refusal(_("You have an account already. Sign in, and ask there."))
        if person is None:
            person = accounts.add(session, email=email, name=name, at=at)
        person.name, person.password, person.zone, person.confirmed_at = name, password, zone, at
        person.language = language
        session.flush()
        return applications.asked(session, group, person, answer, at)


def _still(session: Session, group_id: int) -> Group:
    group = session.get(Group, group_id)
    try:
        return applications.listed_group(session, group.slug if group else "")
    except NotFound:
        raise Gone(_("This group cannot be asked any more.")) from None
