"""What waits for a reader, as their letter tells it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from exchange.digest.news import Group


class Wait(StrEnum):
    """What may wait for a reader, in the order in which it is told."""

    PLACE = "place"  # a place is held for them, or their help is wanted now
    CONFIRM = "confirm"  # a delivered favor whose receiver they are
    GAVE = "gave"  # an agreed favor whose day has passed: did they help?
    GOT = "got"  # the same, for the receiver
    CHOOSE = "choose"  # answers to a post of theirs
    CLOSING = "closing"  # a post of theirs closes unanswered within a day
    CORRECTION = "correction"  # a proposed correction to agree to
    DISPUTE = "dispute"  # an organiser shall settle it
    DESK = "desk"  # an organiser: so many things wait at the desk
    MORE = "more"  # so many other things wait, too


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that only the reader can move on.

    `name` is the other side, `other` the second one of a dispute, `count` how many answers there are, how many
    things wait at the desk, or how many other things; `until` when a place goes on or answers close. `path` is the
    page, from the root of the site. `post_id` is the post that it is about, which the letter then shows nowhere else.
    """

    kind: Wait
    group: Group
    path: str
    title: str = ""
    name: str = ""
    other: str = ""
    need: bool = False
    count: int = 0
    until: datetime | None = None
    post_id: int | None = None
