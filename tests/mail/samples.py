"""One letter of each kind, and the people in them."""

from typing import Any

from exchange.mail import SMALL
from exchange.storage.group import Group
from exchange.storage.letter import Letter
from exchange.storage.person import Person
from tests.mail.facts import FACTS
from tests.people import NOON

GROUP = "Harbor County Bar, Business Law"
KINDS = tuple(FACTS)
OF_SIGN_IN = {
    "reset",
    "password_reset",
    "password_changed",
    "confirm_email",
    "second_factor",
    "new_address",
    "address_changed",
    "handed_over",
    "group_deleted",
}
ONE_AFTER_ANOTHER = ("answer", "dropped_out", "confirmed")


def ben(**said: Any) -> Person:
    """The reader of most letters: receives, and lives in New York."""
    given = {"email": "ben@bar.example", "name": "Ben Castellanos", "zone": "America/New_York", "language": "en"}
    return Person(**given | {"active": True} | said)


def bar(**said: Any) -> Group:
    """The group of the letters."""
    return Group(**{"slug": "bar", "name": GROUP, "zone": "America/New_York", "invented": False} | said)


def letter(kind: str, **facts: Any) -> Letter:
    """A letter of this kind to Ben, never stored. `person`, `group` and `email` say who gets it."""
    group = facts.pop("group", None if kind in OF_SIGN_IN else bar())
    person = facts.pop("person", None if kind == "invitation" else ben())
    return Letter(
        id=facts.pop("id", 42),
        kind=kind,
        email=facts.pop("email", person.email if person else "ben@bar.example"),
        person=person,
        group=group,
        once=f"{kind}:1",
        facts=FACTS[kind] | facts,
        created_at=NOON,
        due_at=NOON,
    )


def several(*kinds: str) -> list[Letter]:
    """Small letters to Ben that wait together."""
    assert set(kinds) <= SMALL
    return [letter(kind, id=42 + number) for number, kind in enumerate(kinds or ONE_AFTER_ANOTHER)]


def due(number: int, **said: Any) -> Letter:
    """A letter as it stands in the outbox at noon, to reader1@bar.example and so on."""
    kind = said.get("kind", "reset")
    given: dict[str, Any] = {
        "kind": kind,
        "email": f"reader{number}@bar.example",
        "once": f"{kind}:{number}",
        "facts": FACTS.get(kind, {}),
        "due_at": NOON,
        "created_at": NOON,
    }
    return Letter(**given | said)
