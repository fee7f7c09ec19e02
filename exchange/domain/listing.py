"""Posts as lists: those that a reader may open, filtered, in order, page by page."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, load_only

from exchange.domain import listed
from exchange.domain.listed import Shape, Wanted
from exchange.storage.among import among
from exchange.storage.db import db
from exchange.storage.membership import Membership, briefly
from exchange.storage.post import Post, PostKind

PAGE = 30
MOST = 1_000
# What lists say of a post; the rest is at hand when it is asked for.
BRIEFLY = (
    load_only(
        Post.group_id,
        Post.author_id,
        Post.category_id,
        Post.kind,
        Post.title,
        Post.place,
        Post.rule,
        Post.event_at,
        Post.closes_at,
        Post.state,
    ),
    joinedload(Post.author, innerjoin=True).options(*briefly()),
)
BY_ID = select(Post).options(*BRIEFLY).where(among(Post.id, "of_posts"))
STATES = ("open", "closed", "all")


@dataclass(frozen=True)
class Board:
    """One page of posts, and how many there are of each kind; `more` where there are more than `MOST`, and those are
    not counted. `beside` are posts by id that were asked for with them."""

    posts: list[Post]
    needs: int
    offers: int
    page: int
    pages: int
    more: bool = False
    wanted: Wanted = field(default_factory=Wanted)
    beside: dict[int, Post] = field(default_factory=dict)


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


def posts_by(ids: Sequence[int]) -> list[Post]:
    """Posts by id, in the order given."""
    if not ids:
        return []
    found = {post.id: post for post in db.session.scalars(BY_ID, {"of_posts": list(ids)})}
    return [found[one] for one in ids if one in found]
