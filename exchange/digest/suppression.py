"""Addresses that letters come back from. A bounce is not an opinion: it says nothing about what somebody wishes.

An address that does not exist gets no more letters at once. One that is full, or does not answer, gathers a score
that fades; from `ENOUGH` on it gets none either. Letters about the account go out all the same.
"""

import re
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from exchange.storage.db import db, transaction
from exchange.storage.insert import insert_new
from exchange.storage.person import Person
from exchange.storage.suppression import Suppression

ENOUGH = 4.0
HALF_LIFE = timedelta(days=28)
# No such mailbox; it has moved and nobody says where; its domain takes no mail.
GONE = frozenset({"5.1.1", "5.1.6", "5.1.10"})
# About the letter, the protocol, or what others think of our server: no word about the address.
ABOUT_US = ("5.5.", "5.6.", "5.7.")
STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
FULL, FAILED = 552, 554


def status_in(code: int, text: str, *, read: bool = False) -> str:
    """The status of a server's answer (RFC 3463): the one that it names, or one that its code stands for. What it says
    when it has `read` the whole letter is about what stands in it.
    """
    found = STATUS.search(text)
    if found and found[1][0] == str(code)[0]:
        return found[1]
    return {FULL: "5.2.2", FAILED: "5.5.0"}.get(code, f"{str(code)[0]}.{6 if read else 0}.0")


def came_back(email: str, status: str, *, at: datetime) -> bool:
    """A letter to this address came back with a status; whether the address gets no more letters from now on."""
    with transaction() as session:
        return note(session, email, status, at=at)


def note(session: Session, email: str, status: str, *, at: datetime) -> bool:
    """The same inside a running verb."""
    if status.startswith(("2.", *ABOUT_US)):
        return False
    insert_new(session, Suppression, [{"email": email.lower(), "why": status, "score": 0.0, "scored_at": at}])
    row = session.get_one(Suppression, email.lower(), with_for_update=True, populate_existing=True)
    row.score = 1 + row.score * 0.5 ** (max(at - row.scored_at, timedelta(0)) / HALF_LIFE)
    row.scored_at, row.why = at, status
    if row.since is None and (status in GONE or row.score >= ENOUGH):
        row.since = at
    return row.since is not None


def since(person: Person) -> Suppression | None:
    """What is known of somebody's address, if letters do not go there any more."""
    row = db.session.get(Suppression, person.email)
    return row if row is not None and row.since is not None else None


def try_again(person_id: int) -> None:
    """Somebody says that their address works: letters go there again, until one comes back."""
    with transaction() as session:
        row = session.get(Suppression, session.get_one(Person, person_id).email)
        if row is not None:
            session.delete(row)
