"""What each kind of letter tells, as the verbs and the sign-in write it down."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.people import NOON

SATURDAY = datetime(2026, 10, 17, 22, 0, tzinfo=UTC)
GOLF = "Two places in Saturday’s golf tournament"
BILL = "Half an hour on a bill of lading before it goes out on the 19th"
POST, FAVOR = "/g/bar/posts/345", "/g/bar/favors/812"
BEN = 17  # the reader's membership

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
        "path": POST,
    },
    "closing_soon": {
        "title": BILL,
        "need": True,
        "closes_at": SATURDAY.isoformat(),
        "acts": [["extend", 345]],
        "member": BEN,
        "path": POST,
    },
    "standby": {"author": "Ada Farouk", "title": GOLF, "need": False, "place": 1, "path": POST},
    "offered": {
        "author": "Ada Farouk",
        "title": GOLF,
        "need": False,
        "until": (NOON + timedelta(hours=14)).isoformat(),
        "event_at": SATURDAY.isoformat(),
        "acts": [["accept_place", 77], ["pass_place", 77]],
        "member": BEN,
        "path": POST,
    },
    "offer_over": {"title": GOLF, "path": POST},
    "declined": {"author": "Ada Farouk", "title": GOLF, "need": False, "because": "filled", "path": "/g/bar"},
    "agreed": {
        "other": "Ada Farouk",
        "contact": "ada@farouk.example, or 0555 0100 before nine",
        "title": GOLF,
        "gives": False,
        "posted": False,
        "event_at": SATURDAY.isoformat(),
        "path": FAVOR,
    },
    "dropped_out": {
        "name": "Ada Farouk",
        "title": GOLF,
        "why": "My knee, again. Somebody else shall have the view from the ninth.",
        "next": True,
        "path": POST,
    },
    "cancelled": {
        "name": "Ada Farouk",
        "title": GOLF,
        "why": "The course is under water, and so is my diary.",
        "path": FAVOR,
    },
    "no_longer": {"name": "Ada Farouk", "title": GOLF, "path": FAVOR},
    "did_it_happen": {
        "other": "Ada Farouk",
        "title": BILL,
        "gives": False,
        "again": False,
        "acts": [["confirm", 812]],
        "member": BEN,
        "path": FAVOR,
    },
    "please_confirm": {
        "giver": "Ada Farouk",
        "title": BILL,
        "unasked": False,
        "by_itself": (NOON + timedelta(days=14)).isoformat(),
        "acts": [["confirm", 812]],
        "member": BEN,
        "path": FAVOR,
    },
    "helped_by": {
        "name": "Ada Farouk",
        "title": BILL,
        "entry": 1198,
        "until": (NOON + timedelta(days=30)).isoformat(),
        "acts": [["not_me", 812]],
        "member": BEN,
        "path": FAVOR,
    },
    "confirmed": {
        "receiver": "Ada Farouk",
        "giver": "Ben Castellanos",
        "title": BILL,
        "thanks": "You answered on a Sunday, with a diagram.",
        "entry": 1198,
        "counts": True,
        "by_itself": False,
        "gave": True,
        "withheld": False,
        "path": FAVOR,
    },
    "lapsed": {"other": "Ada Farouk", "title": BILL, "gives": False, "path": FAVOR},
    "not_me": {"name": "Ada Farouk", "title": BILL, "path": FAVOR},
    "disputed": {"name": "Ada Farouk", "title": BILL, "why": "We never found the time to speak.", "path": FAVOR},
    "dispute_opened": {"title": BILL, "path": FAVOR},
    "settled": {
        "title": BILL,
        "happened": True,
        "why": "The booking note carries the change that was agreed, with a date.",
        "not_settled": False,
        "path": FAVOR,
    },
    "correction_proposed": {
        "name": "Ada Farouk",
        "title": BILL,
        "entry": 1198,
        "why": "It was my partner who read it, not I.",
        "acts": [["agree_correction", 9]],
        "member": BEN,
        "path": FAVOR,
    },
    "corrected": {"title": BILL, "entry": 1198, "why": "It was somebody else who read it.", "path": FAVOR},
    "redacted": {
        "entry": 1198,
        "of": "favor",
        "why": "It names somebody’s client, and a client’s name is a secret.",
        "path": FAVOR,
    },
    "tie_declared": {"name": "Ada Farouk", "path": "/g/bar/members/12"},
    "reset": {"path": "/reset/0123456789abcdefghijklmnopqrstuvwxyz"},
    "password_reset": {},
    "password_changed": {},
    "confirm_email": {"path": "/confirm/0123456789abcdefghijklmnopqrstuvwxyz"},
}
