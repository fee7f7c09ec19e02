"""The open posts of a group, as the letters of all its readers share them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from heapq import merge
from operator import itemgetter

from exchange.digest.kept import MOST
from exchange.matching import Index

NEW_HERE = timedelta(days=42)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A post that a letter may show, the same for every reader.

    `kind` is `need` or `offer`; `text` is what it is matched by. `answered` says whether anybody answers it; `shown`
    in how many letters it stood before this round of letters. `created_at` is when it came onto the board: for a post
    that was held, when it was released. A `gift` is a place at an event that its author gives; a `private` post is
    hidden from somebody.
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

    @property
    def by_newcomer(self) -> bool:
        """Whether its author had been in the group for six weeks at most."""
        return self.created_at - self.author_joined_at <= NEW_HERE


InTurn = tuple[tuple[int, datetime, int], Candidate, str]


@dataclass(frozen=True)
class Board:
    """The open posts of one group, shared by the letters of all its readers."""

    posts: Sequence[Candidate] = ()
    _new: dict[tuple[str, frozenset[int], datetime, datetime], list[InTurn]] = field(
        default_factory=dict, compare=False, repr=False
    )

    @cached_property
    def by_id(self) -> dict[int, Candidate]:
        """The posts by their id."""
        return {post.id: post for post in self.posts}

    @cached_property
    def overlooked(self) -> list[Candidate]:
        """What nobody has answered, and what newcomers posted, in turn."""
        return sorted((post for post in self.posts if not post.answered or post.by_newcomer), key=turn)

    @cached_property
    def needs(self) -> Index:
        """The words of the needs, by post id."""
        return Index({post.id: post.text for post in self.posts if post.kind == "need"})

    @cached_property
    def offers(self) -> Index:
        """The words of the offers, by post id."""
        return Index({post.id: post.text for post in self.posts if post.kind == "offer"})

    def new(self, index: Index, said: str, start: datetime, end: datetime) -> Iterator[tuple[Candidate, str]]:
        """The posts of a window that somebody's words fit, in turn, each with the first phrase that does."""
        lists = [self._within(phrase, keys, start, end) for phrase, keys in index.fitting(said)]
        before = 0
        for _turn, post, phrase in merge(*lists, key=itemgetter(0)):
            if post.id != before:
                yield post, phrase
            before = post.id

    def _within(self, phrase: str, keys: frozenset[int], start: datetime, end: datetime) -> list[InTurn]:
        """Many readers have the same window, and many their words in common."""
        found = self._new.get((phrase, keys, start, end))
        if found is None:
            posts = (self.by_id[key] for key in keys)
            found = sorted((turn(post), post, phrase) for post in posts if start <= post.created_at < end)
            self._new[phrase, keys, start, end] = found
        return found


@dataclass(frozen=True)
class Shared:
    """The board of one group, as the letters of many batches share it: its posts, and by post how often each run of
    letters showed it.
    """

    posts: Sequence[Candidate] = ()
    times: Mapping[int, list[tuple[datetime, int]]] = field(default_factory=dict)
    _made: dict[datetime, Board] = field(default_factory=dict)

    @cached_property
    def waits_since(self) -> datetime | None:
        """How long a post has been waiting that nobody has answered: only these come back in a second letter."""
        return min((post.created_at for post in self.posts if not post.answered), default=None)

    def at(self, moment: datetime) -> Board:
        """The board for all letters of the run of that moment: its posts, and how often earlier runs showed each. What
        a run shows counts from the next one on, so that all its letters see the same turn.
        """
        if moment not in self._made:
            self._made[moment] = Board(tuple(self._counted(post, moment) for post in self.posts))
        return self._made[moment]

    def _counted(self, post: Candidate, moment: datetime) -> Candidate:
        shown = sum(times for run, times in self.times.get(post.id, ()) if run < moment)
        return _with(post, shown) if shown else post


@lru_cache(maxsize=MOST)
def _with(post: Candidate, shown: int) -> Candidate:
    return replace(post, shown=shown)


def turn(post: Candidate) -> tuple[int, datetime, int]:
    """The order in which posts get their turn: seldom shown before often shown, then the older, then the lower id."""
    return post.shown, post.created_at, post.id
