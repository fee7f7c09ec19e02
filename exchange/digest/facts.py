"""What a weekly letter is made of, as plain data: what is known for a reader, and what their letter says.

`gather` fills the first half, `compose` makes the second half of it, `write` turns that into an e-mail. Moments are
aware and in UTC. Ids are those of the tables; a member's id is that of the membership in one group.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from exchange.digest.board import Board as Board
from exchange.digest.board import Candidate as Candidate
from exchange.digest.news import CameOf as CameOf
from exchange.digest.news import Group as Group
from exchange.digest.news import Happened as Happened
from exchange.digest.news import Newcomer as Newcomer
from exchange.digest.news import News as News
from exchange.digest.waiting import Wait as Wait
from exchange.digest.waiting import Waiting as Waiting


@dataclass(frozen=True, slots=True)
class Due:
    """An issue to be written: whose it is, and its window, from the first moment up to just before the second. A copy
    is `dated` at the moment at which it was asked for.
    """

    issue_id: int
    person_id: int
    window_from: datetime
    window_until: datetime
    dated: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a letter is for, and which. `now` is when it is sent: what closed by then is not in it.

    `rhythm` is `weekly` or `daily`; `weekday` counts from Monday, 0; `hour` is in the reader's `zone`. A letter that is
    not `dated` bears the end of its window.
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
    dated: datetime | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """The reader in one group: what they said of themselves there."""

    id: int
    number: int
    joined_at: datetime
    organiser: bool = False
    can_help_with: str = ""
    would_love: str = ""
    accepts_gifts: bool = True


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts, never currency: gave, received, and with how many different people."""

    gave: int = 0
    received: int = 0
    people: int = 0


@dataclass(frozen=True, slots=True)
class Tally:
    """The reader's counted favors of the last twelve months in one group, withheld ones included: for their eyes only.

    By the person on the other side: how many were given to them and received from them, in the window and in the year.
    """

    gave: Mapping[int, int] = field(default_factory=dict)
    received: Mapping[int, int] = field(default_factory=dict)
    gave_in_window: Mapping[int, int] = field(default_factory=dict)
    received_in_window: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Note:
    """An organiser's words at the top of the letter."""

    group: Group
    by: str
    text: str
    written_at: datetime


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class GroupWeek:
    """All that is known for one reader in one group.

    `hidden` are the posts that they may not know of, `answered` those that they answer already, and `seen` says how
    often earlier letters showed them a post. `thanks` are favors that the reader gave and was thanked for, withheld
    ones included.
    """

    group: Group
    member: Member
    board: Board = field(default_factory=Board)
    hidden: frozenset[int] = frozenset()
    answered: frozenset[int] = frozenset()
    seen: Mapping[int, int] = field(default_factory=dict)
    waiting: Sequence[Waiting] = ()
    thanks: Sequence[CameOf] = ()
    happened: Happened = field(default_factory=Happened)
    tally: Tally = field(default_factory=Tally)
    notes: Sequence[Note] = ()
    checkpoint: Carried | None = None


class Reason(NamedTuple):
    """Why a post stands in this letter.

    `helps` or `loves` is the reader's own phrase that it fits. `unanswered`: nobody has answered. `new_since`: when its
    author joined, for a newcomer.
    """

    helps: str = ""
    loves: str = ""
    unanswered: bool = False
    new_since: datetime | None = None


class Item(NamedTuple):
    """A post with the reason why this reader sees it. What comes back because nobody has answered is not `new`."""

    group: Group
    post: Candidate
    reason: Reason
    new: bool = True


Told = Waiting | Item | CameOf


class Part(StrEnum):
    """The sections that list things, in their order."""

    WAITING = "waiting"
    NEEDS = "needs"
    OFFERS = "offers"
    UNANSWERED = "unanswered"
    CAME_OF = "came_of"


@dataclass(frozen=True, slots=True)
class Section:
    """One of the lists of a letter, never empty."""

    part: Part
    items: tuple[Told, ...]


@dataclass(frozen=True)
class Digest:
    """A whole letter as data, in the order in which it is read.

    `members` are the reader's own memberships. `silent` are the groups in which they have not said yet what they can
    help with and would love.
    """

    reader: Reader
    groups: tuple[Group, ...]
    notes: tuple[Note, ...]
    sections: tuple[Section, ...]
    week: Counts
    year: Counts
    news: tuple[News, ...]
    checkpoints: tuple[Carried, ...]
    members: frozenset[int] = frozenset()
    silent: tuple[Group, ...] = ()

    @cached_property
    def authors(self) -> Mapping[Part, Sequence[str]]:
        """By section, whose posts stand in it: each name once."""
        return {
            section.part: list(dict.fromkeys([item.post.author for item in section.items if isinstance(item, Item)]))
            for section in self.sections
        }

    @cached_property
    def shown(self) -> list[int]:
        """The posts in it, to be kept with the issue once it is sent."""
        return [item.post.id for section in self.sections for item in section.items if isinstance(item, Item)]

    @property
    def carried(self) -> dict[str, int]:
        """The size of each checkpoint in it by the origin of its log, to be kept with the issue once it is sent."""
        return {checkpoint.origin: checkpoint.size for checkpoint in self.checkpoints}
