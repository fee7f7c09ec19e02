"""Whole letters: what is known, from which they are composed."""

from datetime import timedelta
from typing import Any

from exchange.digest.compose import compose
from exchange.digest.facts import (
    Board,
    Candidate,
    Carried,
    Digest,
    Group,
    GroupWeek,
    Happened,
    Newcomer,
    Note,
    Reader,
    Tally,
    Wait,
    Waiting,
)
from tests.digest.samples import ADA, BAR, DAY, FROM, LONG_AGO, MED, UNTIL, WEDNESDAY, favor, member, reader, waiting

DRIVER, OWN_POST = "A driver for Sunday", "/g/bar/posts/350"
RUTH = "Dr. Ruth Adeyemi"
NOTE = """The spring dinner is on Friday, 23 October, at seven, in the old library.

Bring somebody whom you would like the rest of us to meet:
we have kept eight seats."""


def said(number: int, kind: str, title: str, author: str, **more: Any) -> Candidate:
    """A post as it stands in a kept letter; its numbers never change."""
    given: dict[str, Any] = {
        "id": number,
        "kind": kind,
        "title": title,
        "category": "Introduction",
        "text": title,
        "author_id": number + 1000,
        "author_person_id": number + 1000,
        "author": author,
        "firm": "",
        "author_joined_at": LONG_AGO,
        "created_at": WEDNESDAY,
        "closes_at": UNTIL + 5 * DAY,
        "answered": True,
    }
    return Candidate(**given | more)


CARGO = said(
    338,
    "need",
    "Somebody at Harborline Freight who decides on cargo insurance",
    "Ben Castellanos",
    firm="Tamarind Legal",
    text="marine insurance",
    answered=False,
)
LADING = said(
    345,
    "need",
    "Half an hour on a bill of lading before it goes out on the 19th",
    "Ann Whitcombe",
    firm="Hollis Marsh",
    category="Review",
    text="trademark law",
)
COFFEE = said(
    346,
    "need",
    "Coffee with someone who has moved in house and back again",
    "Wen Li",
    firm="Brackwater",
    category="Mentoring",
    author_joined_at=UNTIL - 21 * DAY,
    answered=False,
    closes_at=UNTIL + 17 * DAY,
)
BREAKFAST = said(
    341,
    "offer",
    "Two seats at the arbitration breakfast on 23 October",
    "Theo Nakamura",
    category="Place at an event",
    event_at=UNTIL + 11 * DAY,
    closes_at=UNTIL + 4 * DAY,
    first_come=True,
    gift=True,
)
TAX = said(
    344,
    "offer",
    "An hour on the tax side of a partnership split",
    "Priya Raman",
    category="Advice",
    text="golf",
    answered=False,
)
BOOKS = said(329, "offer", "«Handelsgesetzbuch», 3. Auflage", "نور الحسيني", created_at=FROM - DAY, answered=False)

HAPPENED = Happened(
    (
        favor(favor_id=1, giver_id=21, met=300, title="A word with the registrar", thanks="She answered on a Sunday."),
        favor(favor_id=2, giver_id=22, giver="Elena Rossi", receiver="", title="", thanks="نصف ساعة معك أغنتني."),
        *(favor(favor_id=3 + number, giver_id=21, receiver_id=30 + number) for number in range(12)),
    ),
    (Newcomer(61, "Theo Nakamura", WEDNESDAY), Newcomer(60, "Wen Li", FROM)),
)
ORIGIN = "exchange.example/g/52ab"
SIGNED = f"{ORIGIN}\n1198\nqgtWw7cZ8bPqYc2cVnLhTsV0d3yA0ZrC5e1k9uXw2mE=\n\n— {ORIGIN} AbC=\n"
BEFORE = SIGNED.replace("1198", "1104")
CHECKPOINT = Carried(BAR, ORIGIN, 1198, SIGNED, 1104, BEFORE)
TALLY = Tally({2: 9, 3: 4, 4: 3}, {2: 5, 5: 4, 6: 2}, {2: 1}, {5: 1, 6: 1})


def bar(**more: Any) -> GroupWeek:
    """A week in which everything happened."""
    given: dict[str, Any] = {
        "group": BAR,
        "member": member(),
        "board": Board((CARGO, LADING, COFFEE, BREAKFAST, TAX, BOOKS)),
        "seen": {BOOKS.id: 1},
        "waiting": [
            waiting(),
            waiting(
                Wait.CHOOSE,
                title=DRIVER,
                need=True,
                count=3,
                until=UNTIL + 2 * DAY,
                path="/g/bar/posts/350",
            ),
        ],
        "thanks": [
            favor(favor_id=99, giver_id=ADA, receiver="Imogen Clarke", thanks="You saved the closing.\nAnd the tea.")
        ],
        "happened": HAPPENED,
        "tally": TALLY,
        "checkpoint": CHECKPOINT,
    }
    return GroupWeek(**given | more)


def full() -> tuple[Reader, list[GroupWeek]]:
    """Everything at once."""
    return reader(), [bar()]


def only_waiting() -> tuple[Reader, list[GroupWeek]]:
    """Every kind of thing that can wait, and nothing else."""
    all_kinds: list[Waiting] = [
        waiting(Wait.PLACE, title="Golf on Saturday", until=UNTIL + timedelta(hours=20), path=OWN_POST),
        waiting(Wait.PLACE, title=DRIVER, need=True, until=UNTIL + timedelta(hours=30), path=OWN_POST),
        waiting(),
        waiting(Wait.GAVE, title=""),
        waiting(Wait.GOT),
        waiting(Wait.CHOOSE, title=DRIVER, need=True, count=1, until=UNTIL - DAY, path=OWN_POST),
        waiting(Wait.CHOOSE, title="Two seats at the opera", count=13, until=UNTIL + DAY, path=OWN_POST),
        waiting(Wait.CLOSING, title="A room for the seminar", until=UNTIL + timedelta(hours=9), path=OWN_POST),
        waiting(Wait.CORRECTION, name=""),
        waiting(Wait.DISPUTE, name="Cleo Marchetti", other="Dan Okafor"),
        waiting(Wait.DISPUTE, name="Eve Lindqvist", other=""),
        waiting(Wait.DESK, title="", name="", count=1, path="/g/bar/desk"),
    ]
    return reader(zone="Asia/Kathmandu", hour=17), [
        bar(board=Board(), seen={}, waiting=all_kinds, thanks=[], happened=Happened(), tally=Tally(), checkpoint=None)
    ]


def two_groups() -> tuple[Reader, list[GroupWeek]]:
    """The bar and the medical society, both with something."""
    film = said(700, "need", "A second pair of eyes on a chest film", RUTH, category="Review")
    golf = said(
        701,
        "offer",
        "A round of golf for three",
        "Otto Lindqvist",
        category="Place at an event",
        text="golf",
        answered=False,
    )
    there = GroupWeek(
        group=MED,
        member=member(id=90, number=7, can_help_with="chest film"),
        board=Board((film, golf)),
        happened=Happened(
            (
                favor(
                    favor_id=71,
                    group=MED,
                    giver_id=95,
                    giver="Sam Oduya",
                    receiver=RUTH,
                    met=690,
                    title="Notes on dosage",
                ),
            )
        ),
        waiting=[waiting(Wait.GOT, group=MED, name="Sam Oduya", title="a night shift", path="/g/med/favors/5")],
        tally=Tally({2: 40}, {8: 1}, {}, {}),
        checkpoint=Carried(MED, "exchange.example/g/77", 12, SIGNED.replace("52ab", "77").replace("1198", "12")),
    )
    return reader(), [bar(waiting=[]), there]


def organisers() -> tuple[Reader, list[GroupWeek]]:
    """Olga organises: her own note stands on top, and a dispute and the desk wait."""
    olga = reader(
        issue_id=502, person_id=2, name="Olga Petrenko", email="olga@bar.example", zone="Europe/Berlin", hour=14
    )
    return olga, [
        bar(
            member=member(id=12, organiser=True),
            board=Board((LADING,)),
            waiting=[
                waiting(Wait.DISPUTE, name="Cleo Marchetti", other="Dan Okafor"),
                waiting(Wait.DESK, title="", name="", count=3, path="/g/bar/desk"),
            ],
            thanks=[],
            notes=[Note(BAR, "Olga Petrenko", NOTE, WEDNESDAY)],
        )
    ]


def newcomers() -> tuple[Reader, list[GroupWeek]]:
    """Wen joined on Friday and has said nothing of herself yet. She reads daily; the group is an invented one."""
    invented = Group(1, "bar", BAR.name, invented=True, organisers=BAR.organisers)
    wen = reader(
        issue_id=503, person_id=60, name="Wen Li", email="wen@bar.example", rhythm="daily", window_from=UNTIL - 2 * DAY
    )
    return wen, [
        GroupWeek(
            group=invented,
            member=member(id=60, joined_at=UNTIL - 2 * DAY, can_help_with="", would_love=""),
            board=Board((CARGO, TAX, BOOKS)),
            happened=Happened((), (Newcomer(60, "Wen Li", UNTIL - 2 * DAY),)),
            checkpoint=Carried(invented, ORIGIN, 1198, SIGNED),
        )
    ]


WHOLE = {
    "full": full,
    "waiting": only_waiting,
    "two_groups": two_groups,
    "organiser": organisers,
    "newcomer": newcomers,
}


def whole(name: str) -> Digest:
    """One of them, composed."""
    found = compose(*WHOLE[name]())
    assert found is not None
    return found
