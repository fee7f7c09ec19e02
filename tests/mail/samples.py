"""One letter of each kind, as the verbs and the sign-in write them, and the people in them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from exchange.storage.group import Group
from exchange.storage.letter import Letter
from exchange.storage.person import Person
from tests.people import NOON

SATURDAY = datetime(2026, 10, 17, 22, 0, tzinfo=UTC)
GROUP = "Harbor County Bar, Business Law"
GOLF = "Two places in Saturday’s golf tournament"
BILL = "Half an hour on a bill of lading before it goes out on the 19th"


def ben(**said: Any) -> Person:
    """The reader of most letters: receives, and lives in New York."""
    given = {"email": "ben@bar.example", "name": "Ben Castellanos", "zone": "America/New_York", "language": "en"}
    return Person(**given | {"active": True} | said)


def bar(**said: Any) -> Group:
    """The group of the letters."""
    return Group(**{"slug": "bar", "name": GROUP, "zone": "America/New_York", "invented": False} | said)


FACTS: dict[str, dict[str, Any]] = {
    "invitation": {
        "inviter": "Olga Petrenko",
        "path": "/join/0123456789abcdefghijklmnopqrstuvwxyz0123456",
        "until": (NOON + timedelta(days=14)).isoformat(),
    },
    "answer": {
        "name": "Ada Farouk",
        "title": BILL,
        "need": True,
        "text": "Gladly, on Friday after four.\n\nSend me the draft and the booking note before, and tell me who wrote "
        "clause 7; I have met it elsewhere, and it has never once done what it was meant to do.",
        "closes_at": SATURDAY.isoformat(),
        "path": "/g/bar/posts/345",
    },
    "agreed": {
        "other": "Ada Farouk",
        "contact": "ada@farouk.example, or 0555 0100 before nine",
        "title": GOLF,
        "gives": False,
        "posted": False,
        "event_at": SATURDAY.isoformat(),
        "path": "/g/bar/favors/812",
    },
    "declined": {
        "author": "Ada Farouk",
        "title": GOLF,
        "need": False,
        "withdrawn": False,
        "path": "/g/bar",
    },
    "please_confirm": {"giver": "Ada Farouk", "title": BILL, "path": "/g/bar/favors/812"},
    "confirmed": {
        "receiver": "Ada Farouk",
        "title": BILL,
        "thanks": "You answered on a Sunday, with a diagram.",
        "entry": 1198,
        "counts": True,
        "path": "/g/bar/favors/812",
    },
    "cancelled": {
        "name": "Ada Farouk",
        "title": GOLF,
        "why": "The course is under water, and so is my diary.",
        "path": "/g/bar/favors/812",
    },
    "reset": {"path": "/reset/0123456789abcdefghijklmnopqrstuvwxyz"},
    "password_reset": {},
    "password_changed": {},
    "confirm_email": {"path": "/confirm/0123456789abcdefghijklmnopqrstuvwxyz"},
}
KINDS = tuple(FACTS)
OF_SIGN_IN = {"reset", "password_reset", "password_changed", "confirm_email"}


def letter(kind: str, **facts: Any) -> Letter:
    """A letter of this kind to Ben, never stored. `person`, `group` and `email` say who gets it."""
    group = facts.pop("group", None if kind in OF_SIGN_IN else bar())
    person = facts.pop("person", None if kind == "invitation" else ben())
    return Letter(
        id=42,
        kind=kind,
        email=facts.pop("email", person.email if person else "ben@bar.example"),
        person=person,
        group=group,
        once=f"{kind}:1",
        facts=FACTS[kind] | facts,
        created_at=NOON,
        due_at=NOON,
    )


def due(number: int, **said: Any) -> Letter:
    """A letter as it stands in the outbox at noon, to reader1@bar.example and so on."""
    given: dict[str, Any] = {
        "kind": "reset",
        "email": f"reader{number}@bar.example",
        "once": f"reset:{number}",
        "facts": FACTS["reset"],
        "due_at": NOON,
        "created_at": NOON,
    }
    return Letter(**given | said)
