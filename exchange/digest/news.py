"""What came to pass in a group, as everybody there may read it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

SOME = 5


@dataclass(frozen=True, slots=True)
class Group:
    """A group as its letters name it. `organisers` are the names of the active ones, in their order of joining."""

    id: int
    slug: str
    name: str
    invented: bool = False
    organisers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CameOf:
    """A favor that stands in the log. `giver` and `receiver` are names, empty for whoever was forgotten.

    `met` is the post whose need it met, if any; `thanks` are the receiver's words.
    """

    favor_id: int
    group: Group
    giver_id: int
    receiver_id: int
    giver: str
    receiver: str
    title: str
    confirmed_at: datetime
    met: int | None = None
    thanks: str = ""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who joined a group."""

    member_id: int
    name: str
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class News:
    """What came to pass in a group within one window, as everybody there may read it.

    Counts: `favors` confirmed, between how many `people`, `needs_met`, how many `joined`. `told` are favors worth
    telling, one of each giver: needs met with thanks first, then needs met, then thanks. `newcomers` are the first few.
    """

    group: Group
    favors: int = 0
    people: int = 0
    needs_met: int = 0
    joined: int = 0
    told: tuple[CameOf, ...] = ()
    newcomers: tuple[Newcomer, ...] = ()


@dataclass(frozen=True, slots=True)
class Happened:
    """What came to pass in a group over the windows of all its readers. What only some may know is not in it."""

    favors: Sequence[CameOf] = ()
    newcomers: Sequence[Newcomer] = ()
    _known: dict[tuple[datetime, datetime], News] = field(default_factory=dict, compare=False, repr=False)

    def within(self, group: Group, start: datetime, end: datetime) -> News:
        """The news of a window, from its first moment up to just before its last."""
        if (start, end) not in self._known:
            self._known[start, end] = self._within(group, start, end)
        return self._known[start, end]

    def _within(self, group: Group, start: datetime, end: datetime) -> News:
        favors = [favor for favor in self.favors if start <= favor.confirmed_at < end]
        newcomers = [one for one in self.newcomers if start <= one.joined_at < end]
        return News(
            group=group,
            favors=len(favors),
            people=len({party for favor in favors for party in (favor.giver_id, favor.receiver_id)}),
            needs_met=len({favor.met for favor in favors if favor.met is not None}),
            joined=len(newcomers),
            told=_one_of_each(sorted(favors, key=_worth)),
            newcomers=tuple(sorted(newcomers, key=lambda one: (one.joined_at, one.member_id))[:SOME]),
        )


def _worth(favor: CameOf) -> tuple[bool, bool, datetime, int]:
    return favor.met is None, not favor.thanks, favor.confirmed_at, favor.favor_id


def _one_of_each(favors: Sequence[CameOf]) -> tuple[CameOf, ...]:
    first: dict[int, CameOf] = {}
    for favor in favors:
        if favor.met is not None or favor.thanks:
            first.setdefault(favor.giver_id, favor)
    return tuple(first.values())
