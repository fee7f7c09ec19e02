"""What a weekly letter is made of, as plain data: what is known for a reader, and what their letter says.

`gather` fills the first half, `compose` makes the second half of it, `write` turns that into an e-mail. Moments are
aware and in UTC. Ids are those of the tables; a member's id is that of the membership in one group.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from exchange.matching import Index


@dataclass(frozen=True)
class Due:
    """An issue to be written: whose it is, and its window, from the first moment up to just before the second."""

    issue_id: int
    person_id: int
    window_from: datetime
    window_until: datetime


@dataclass(frozen=True)
class Reader:
    """Whom a letter is for, and which. `now` is when it is sent: what closed by then is not in it.

    `rhythm` is `weekly` or `daily`; `weekday` counts from Monday, 0; `hour` is in the reader's `zone`.
    """

    issue_id: int
    person_id: int
    name: str
    email: str
    language: str
    zone: str
    window_from: datetime
    window_until: datetime
    now: datetime
    rhythm: str = "weekly"
    weekday: int = 0
    hour: int = 8


@dataclass(frozen=True)
class Group:
    """A group as its letters name it. `organisers` are the names of the active ones, in their order of joining."""

    id: int
    slug: str
    name: str
    invented: bool = False
    organisers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Member:
    """The reader in one group: what they said of themselves there."""

    id: int
    number: int
    joined_at: datetime
    organiser: bool = False
    can_help_with: str = ""
    would_love: str = ""
    accepts_gifts: bool = True


@dataclass(frozen=True)
class Candidate:
    """A post that a letter may show, the same for every reader.

    `kind` is `need` or `offer`; `text` is what it is matched by. `answered` says whether anybody answers it; `shown`
    in how many letters it stood before this round of letters. A `gift` is a place at an event that its author gives;
    a `private` post is hidden from somebody.
    """

    id: int
    kind: str
    title: str
    category: str
    text: str
    author_id: int
    author_person_id: int
    author: str
    firm: str
    author_joined_at: datetime
    created_at: datetime
    closes_at: datetime
    event_at: datetime | None = None
    first_come: bool = False
    gift: bool = False
    private: bool = False
    answered: bool = False
    shown: int = 0


@dataclass(frozen=True)
class Board:
    """The open posts of one group, shared by the letters of all its readers."""

    posts: Sequence[Candidate] = ()

    @cached_property
    def by_id(self) -> dict[int, Candidate]:
        """The posts by their id."""
        return {post.id: post for post in self.posts}

    @cached_property
    def in_turn(self) -> list[Candidate]:
        """Those seldom shown first; among equals the older, then the lower id."""
        return sorted(self.posts, key=turn)

    @cached_property
    def needs(self) -> Index:
        """The words of the needs, by post id."""
        return Index({post.id: post.text for post in self.posts if post.kind == "need"})

    @cached_property
    def offers(self) -> Index:
        """The words of the offers, by post id."""
        return Index({post.id: post.text for post in self.posts if post.kind == "offer"})


def turn(post: Candidate) -> tuple[int, datetime, int]:
    """The order in which posts get their turn."""
    return post.shown, post.created_at, post.id


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
    MORE = "more"  # so many other things wait, too


@dataclass(frozen=True)
class Waiting:
    """One thing that only the reader can move on.

    `name` is the other side, `other` the second one of a dispute, `count` how many answers there are, or how many
    other things; `until` when a place goes on or answers close. `path` is the page, from the root of the site.
    `post_id` is the post that it is about, which the letter then shows nowhere else.
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


@dataclass(frozen=True)
class CameOf:
    """A favor that stands in the log since the window began, as its reader may see it.

    `need` says that it met a posted need; `thanks` are the receiver's words. `for_reader` says that the reader gave.
    """

    favor_id: int
    group: Group
    giver: str
    receiver: str
    title: str
    confirmed_at: datetime
    need: bool = False
    thanks: str = ""
    for_reader: bool = False


@dataclass(frozen=True)
class Counts:
    """Counts, never currency: gave, received, and with how many different people."""

    gave: int = 0
    received: int = 0
    people: int = 0


@dataclass(frozen=True)
class Tally:
    """The reader's counted favors of the last twelve months in one group, withheld ones included: for their eyes only.

    By the person on the other side: how many were given to them and received from them, in the window and in the year.
    """

    gave: Mapping[int, int] = field(default_factory=dict)
    received: Mapping[int, int] = field(default_factory=dict)
    gave_in_window: Mapping[int, int] = field(default_factory=dict)
    received_in_window: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class News:
    """The group's week in what everybody may read: withheld favors are in none of these counts."""

    group: Group
    favors: int = 0
    people: int = 0
    needs_met: int = 0
    newcomers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Note:
    """An organiser's words at the top of the letter."""

    group: Group
    by: str
    text: str


@dataclass(frozen=True)
class Carried:
    """The group's newest signed checkpoint, and the one that the reader's last letter carried.

    Each is the whole note as it was signed; `before` is empty where no letter carried one of this log yet.
    """

    group: Group
    origin: str
    size: int
    note: str
    size_before: int = 0
    before: str = ""


@dataclass(frozen=True)
class GroupWeek:
    """All that is known for one reader in one group.

    `hidden` are the posts that they may not know of, `answered` those that they answer already, and `seen` says how
    often earlier letters showed them a post.
    """

    group: Group
    member: Member
    board: Board = field(default_factory=Board)
    hidden: frozenset[int] = frozenset()
    answered: frozenset[int] = frozenset()
    seen: Mapping[int, int] = field(default_factory=dict)
    waiting: Sequence[Waiting] = ()
    came_of: Sequence[CameOf] = ()
    tally: Tally = field(default_factory=Tally)
    news: News | None = None
    notes: Sequence[Note] = ()
    checkpoint: Carried | None = None


@dataclass(frozen=True)
class Reason:
    """Why a post stands in this letter.

    `helps` or `loves` is the reader's own phrase that it fits. `unanswered`: nobody has answered. `new_since`: when its
    author joined, for a newcomer.
    """

    helps: str = ""
    loves: str = ""
    unanswered: bool = False
    new_since: datetime | None = None


@dataclass(frozen=True)
class Item:
    """A post with the reason why this reader sees it."""

    group: Group
    post: Candidate
    reason: Reason


class Part(StrEnum):
    """The sections that list things, in their order."""

    WAITING = "waiting"
    NEEDS = "needs"
    OFFERS = "offers"
    UNANSWERED = "unanswered"
    CAME_OF = "came_of"


@dataclass(frozen=True)
class Section:
    """One of the lists of a letter, never empty."""

    part: Part
    items: tuple[Waiting | Item | CameOf, ...]


@dataclass(frozen=True)
class Digest:
    """A whole letter as data, in the order in which it is read.

    `silent` are the groups in which the reader has not said yet what they can help with and would love.
    """

    reader: Reader
    groups: tuple[Group, ...]
    notes: tuple[Note, ...]
    sections: tuple[Section, ...]
    week: Counts
    year: Counts
    news: tuple[News, ...]
    checkpoints: tuple[Carried, ...]
    silent: tuple[Group, ...] = ()

    @property
    def shown(self) -> list[int]:
        """The posts in it, for `DigestShown` once it is sent."""
        return [item.post.id for section in self.sections for item in section.items if isinstance(item, Item)]

    @property
    def carried(self) -> dict[str, int]:
        """The size of each checkpoint in it by the origin of its log, to be kept with the issue once it is sent."""
        return {checkpoint.origin: checkpoint.size for checkpoint in self.checkpoints}
