"""Posts as lists: those that a reader may open, filtered, in order, page by page."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from exchange.domain import listed
from exchange.domain.listed import Shape, Wanted
from exchange.storage.among import among
from exchange.storage.db import db
from exchange.storage.group import Category
from exchange.storage.membership import Membership, MembershipState, called
from exchange.storage.person import Person
from exchange.storage.post import Post, PostKind, PostState, Rule

PAGE = 30
MOST = 1_000
STATES = ("open", "closed", "all")


class Author(NamedTuple):
    """Who has posted: of the member what a line about it says."""

    id: int
    group_id: int
    number: int
    state: MembershipState
    erased_by_entry: int | None
    firm: str
    name: str


class Line(NamedTuple):
    """A post in a list: what a line says of it. Loading posts with their authors takes nearly three times as long."""

    id: int
    kind: PostKind
    title: str
    place: str
    rule: Rule
    event_at: datetime | None
    closes_at: datetime
    state: PostState
    category: str
    author: Author


OF_LINE = len(Line._fields) - 1
BY_ID = (
    select(
        *(getattr(Post, name) for name in Line._fields[:-2]),
        Category.name,
        *(getattr(Membership, name) for name in Author._fields[:-1]),
        Person.name,
    )
    .join(Post.category)
    .join(Post.author)
    .join(Membership.person)
    .where(among(Post.id, "of_posts"))
)


@dataclass(frozen=True)
class Board:
    """One page of posts, and how many there are of each kind; `more` where there are more than `MOST`, and those are
    not counted. `beside` are posts by id that were asked for with them."""

    posts: list[Line]
    needs: int
    offers: int
    page: int
    pages: int
    more: bool = False
    wanted: Wanted = field(default_factory=Wanted)
    beside: dict[int, Line] = field(default_factory=dict)


def board(
    *,
    seen_by: Membership,
    at: datetime,
    kind: PostKind | None = None,
    category: str = "",
    page: int = 1,
    wanted: Wanted | None = None,
    beside: Sequence[int] = (),
) -> Board:
    """The posts that the reader may know of, `PAGE` at a time: `wanted` ones, else open ones of a kind or category.

    `beside` are ids of posts to load at the same time.
    """
    wanted = wanted or Wanted(kind, category)
    shape, said = listed.shape(wanted, seen_by), listed.said(wanted, seen_by, at)
    found, counts = _asked(shape, said, page)
    total = sum(counts.values())
    pages = max(1, -(-min(total, MOST) // PAGE))
    if not 1 <= page <= pages:
        page = min(max(page, 1), pages)
        found, counts = _asked(shape, said, page)
    loaded = {post.id: post for post in posts_by([*found, *beside])}
    return Board(
        posts=[loaded[one] for one in found if one in loaded],
        needs=counts[PostKind.NEED],
        offers=counts[PostKind.OFFER],
        page=page,
        pages=pages,
        more=total > MOST,
        wanted=wanted,
        beside={one: loaded[one] for one in beside if one in loaded},
    )


def _asked(shape: Shape, said: dict[str, Any], page: int) -> tuple[list[int], Counter[str]]:
    """The ids of the posts of one page, and how many there are of each kind, asked at once."""
    later = {"first": (page - 1) * PAGE} if page > 1 else {}
    found, counts = [], Counter[str]()
    for kind, number in db.session.execute(listed.page(shape, PAGE, MOST + 1, later=bool(later)), said | later):
        if kind:
            counts[kind] = number
        else:
            found.append(number)
    return found, counts


def posts_by(ids: Sequence[int]) -> list[Line]:
    """Posts by id, in the order given."""
    if not ids:
        return []
    found = {row[0]: _line(row) for row in db.session.execute(BY_ID, {"of_posts": list(ids)})}
    return [found[one] for one in ids if one in found]


def _line(row: Sequence[Any]) -> Line:
    post, author = row[:OF_LINE], row[OF_LINE:]
    return Line._make((*post, Author._make((*author[:-1], called(author[-1])))))
