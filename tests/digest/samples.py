"""Readers, groups and posts as plain data, with defaults for what a test does not say. Ada reads."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from exchange.digest.compose import compose
from exchange.digest.facts import (
    Board,
    CameOf,
    Candidate,
    Digest,
    Group,
    GroupWeek,
    Happened,
    Item,
    Member,
    Part,
    Reader,
    Wait,
    Waiting,
)

# Monday, 8:00 in New York.
UNTIL = datetime(2026, 10, 12, 12, 0, tzinfo=UTC)
FROM = UNTIL - timedelta(days=7)
WEDNESDAY = UNTIL - timedelta(days=5)
LONG_AGO = UNTIL - timedelta(days=300)
MOMENT = timedelta(microseconds=1)
DAY = timedelta(days=1)

BAR = Group(1, "bar", "Marlow County Bar", organisers=("Olga Petrenko", "Tomás Whitfield"))
MED = Group(2, "med", "Harbor Medical Society", organisers=("Otto Lindqvist",))
ADA = 11
_ids = count(1000)


def reader(**said: Any) -> Reader:
    """Ada, in New York, who gets her letter on Mondays at eight."""
    given: dict[str, Any] = {
        "issue_id": 501,
        "person_id": 1,
        "name": "Ada Farouk",
        "email": "ada@bar.example",
        "language": "en",
        "zone": "America/New_York",
        "window_from": FROM,
        "window_until": UNTIL,
    }
    given |= said
    return Reader(**{"now": given["window_until"]} | given)


def member(**said: Any) -> Member:
    """What Ada says of herself in the bar."""
    given: dict[str, Any] = {
        "id": ADA,
        "number": 3,
        "joined_at": LONG_AGO,
        "can_help_with": "marine insurance, trademark law",
        "would_love": "golf, arbitration",
    }
    return Member(**given | said)


def post(**said: Any) -> Candidate:
    """A need of somebody who was never named before, posted on Wednesday, about nothing that Ada knows."""
    number = next(_ids)
    given: dict[str, Any] = {
        "id": number,
        "kind": "need",
        "title": f"A driver for route {number}",
        "category": "Other",
        "author_id": number,
        "author_person_id": number,
        "author": f"Author {number}",
        "firm": "",
        "author_joined_at": LONG_AGO,
        "created_at": WEDNESDAY,
        "closes_at": UNTIL + 5 * DAY,
    } | said
    return Candidate(**{"text": given["title"]} | given)


def need(**said: Any) -> Candidate:
    """A need that Ada could meet, and that somebody has answered."""
    return post(**{"title": f"A word on marine insurance {next(_ids)}", "answered": True} | said)


def offer(**said: Any) -> Candidate:
    """An offer that Ada would love, and that somebody has answered."""
    return post(**{"kind": "offer", "title": f"A round of golf {next(_ids)}", "answered": True} | said)


def waiting(kind: Wait = Wait.CONFIRM, **said: Any) -> Waiting:
    """Ruth says that she helped Ada."""
    given: dict[str, Any] = {
        "group": BAR,
        "path": "/g/bar/favors/812",
        "title": "the escrow clause",
        "name": "Ruth Adeyemi",
    }
    return Waiting(kind, **given | said)


def favor(**said: Any) -> CameOf:
    """Ruth helped Ben, out of no post, and Ben said nothing."""
    number = next(_ids)
    given: dict[str, Any] = {
        "favor_id": number,
        "group": BAR,
        "giver_id": number,
        "receiver_id": 13,
        "giver": "Ruth Adeyemi",
        "receiver": "Ben Castellanos",
        "title": "An hour on the escrow clause",
        "confirmed_at": WEDNESDAY,
    }
    return CameOf(**given | said)


def week(*posts: Candidate, **said: Any) -> GroupWeek:
    """Ada's week in the bar with these posts on its board."""
    given: dict[str, Any] = {"group": BAR, "member": member(), "board": Board(posts)}
    if "favors" in said:
        given["happened"] = Happened(said.pop("favors"), said.pop("newcomers", ()))
    return GroupWeek(**given | said)


def composed(*weeks: GroupWeek, **said: Any) -> Digest:
    """The letter; there has to be one."""
    found = compose(reader(**said), weeks)
    assert found is not None
    return found


def nothing(*weeks: GroupWeek, **said: Any) -> bool:
    """Whether there is no letter."""
    return compose(reader(**said), weeks) is None


def items(digest: Digest | None, part: Part) -> list[Any]:
    """What stands in a section, nothing where there is none."""
    sections = digest.sections if digest else ()
    return [item for section in sections if section.part is part for item in section.items]


def shown(digest: Digest | None, part: Part | None = None) -> list[int]:
    """The ids of the posts in it, or in one of its sections."""
    if part is None:
        return digest.shown if digest else []
    return [item.post.id for item in items(digest, part) if isinstance(item, Item)]
