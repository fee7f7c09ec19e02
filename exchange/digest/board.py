"""The open posts of a group, as the letters of all its readers share them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from exchange.matching import Index

NEW_HERE = timedelta(days=42)


@dataclass(frozen=True)
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


@dataclass(frozen=True)
class Board:
    """The open posts of one group, shared by the letters of all its readers."""

    posts: Sequence[Candidate] = ()

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


def turn(post: Candidate) -> tuple[int, datetime, int]:
    """The order in which posts get their turn: seldom shown before often shown, then the older, then the lower id."""
    return post.shown, post.created_at, post.id
