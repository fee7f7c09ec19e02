"""Posts and answers for tests, made by the same verbs that pages use, with defaults for what a test does not say."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from exchange import log
from exchange.domain import posts, responses
from exchange.log import Entry
from exchange.storage.favor import Correction, Favor
from exchange.storage.letter import Letter
from exchange.storage.membership import Membership
from exchange.storage.post import Post, PostKind, Response, Rule
from tests.people import NOON

FRIDAY = NOON + timedelta(days=1)
SATURDAY = NOON + timedelta(days=2)


def offered(by: Membership, **said: Any) -> Post:
    """A golf place for Saturday: whoever answers first gets it."""
    given: dict[str, Any] = {
        "kind": PostKind.OFFER,
        "category": "event_place",
        "title": "A place in Saturday’s golf tournament",
        "text": "Fernhill, tee time 9:10.",
        "slots": 1,
        "rule": Rule.FIRST_COME,
        "closes_at": FRIDAY,
        "event_at": SATURDAY,
        "at": NOON,
    }
    return posts.post(by=by, **given | said)


def needed(by: Membership, **said: Any) -> Post:
    """A need for an introduction: the author chooses."""
    given: dict[str, Any] = {
        "kind": PostKind.NEED,
        "category": "introduction",
        "title": "Somebody at Harborline Freight who decides on cargo insurance",
        "text": "",
        "slots": 1,
        "rule": Rule.CHOICE,
        "closes_at": FRIDAY,
        "at": NOON,
    }
    return posts.post(by=by, **given | said)


def answered(post: Post, by: Membership, text: str = "Gladly.", at: datetime = NOON) -> Response:
    """An answer to a post."""
    return responses.answer(post.id, by=by, text=text, at=at)


def favors_of(session: Session, post: Post) -> list[Favor]:
    """What came of a post."""
    return list(session.scalars(select(Favor).filter_by(post_id=post.id).order_by(Favor.id)))


def logged(session: Session, group_id: int, **said: Any) -> list[Entry]:
    """The favors and corrections in a group's log, newest first; roles and decisions stand in it, too."""
    return log.entries(session, group_id, kinds=("favor", "correction"), **said)


def sides(entry: Entry) -> list[int | None]:
    """Whom an entry says a favor is between, by id."""
    return [side and side.id for side in (entry.giver, entry.receiver)]


def line(session: Session, group_id: int, index: int, **said: Any) -> Entry:
    """One entry of a group's log, which is there."""
    found = log.entry(session, group_id, index, **said)
    assert found is not None
    return found


def index_of(row: Favor | Correction) -> int:
    """The index of the entry of what stands in the log."""
    assert row.entry is not None
    return row.entry


def letters_to(session: Session, member: Membership) -> list[str]:
    """The kinds of letters that wait for a member, in the order in which they were written."""
    return list(session.scalars(select(Letter.kind).filter_by(email=member.person.email).order_by(Letter.id)))
