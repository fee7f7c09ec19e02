"""Posts as lists: those that a reader may open, filtered, in order, page by page."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, exists, func, literal, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, joinedload, load_only

from exchange.domain.favors import MAY_BE_WITHHELD
from exchange.domain.visibility import visible
from exchange.storage import search, stems
from exchange.storage.db import db
from exchange.storage.favor import Favor
from exchange.storage.group import Category
from exchange.storage.membership import Membership, briefly
from exchange.storage.post import LIVE, ClosedBecause, Post, PostHidden, PostKind, PostState, Response
from exchange.storage.search import OPEN, PostWords, Query

PAGE = 30
MOST = 1_000
ORDERS: dict[str, tuple[InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None], bool]] = {
    "closing": (Post.closes_at, False),
    "newest": (Post.created_at, True),
    "event": (Post.event_at, False),
}
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
STATES = ("open", "closed", "all")


@dataclass(frozen=True)
class Wanted:
    """What of the board a reader wants to see; all that is open where it says nothing.

    `since` and `until` are about the day of the event, `until` not included; `words` about everything written.
    """

    kind: PostKind | None = None
    category: str = ""
    state: str = "open"
    since: datetime | None = None
    until: datetime | None = None
    place: str = ""
    words: Query = ()
    sort: str = "closing"


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
    some = _conditions(seen_by, at, wanted)
    found, counts = _asked(some, wanted, page)
    total = sum(counts.values())
    pages = max(1, -(-min(total, MOST) // PAGE))
    if not 1 <= page <= pages:
        page = min(max(page, 1), pages)
        found, counts = _asked(some, wanted, page)
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


def _asked(some: Sequence[ColumnElement[bool]], wanted: Wanted, page: int) -> tuple[list[int], Counter[str]]:
    """The ids of the posts of one page, and how many there are of each kind, asked at once."""
    first = max(page - 1, 0) * PAGE
    cut = select(Post.id).where(*some).order_by(*_order(wanted)).offset(first).limit(PAGE).subquery()
    counted = select(Post.kind).where(*some).limit(MOST + 1).subquery()
    kinds = select(cast(counted.c.kind, String).label("kind"), func.count().label("id")).group_by(counted.c.kind)
    found, counts = [], Counter[str]()
    for kind, number in db.session.execute(union_all(select(literal("").label("kind"), cut.c.id), kinds)):
        if kind:
            counts[kind] = number
        else:
            found.append(number)
    return found, counts


def ids(seen_by: Membership, at: datetime, wanted: Wanted) -> Select[int]:
    """The ids of the same posts in their order, to be cut."""
    return select(Post.id).where(*_conditions(seen_by, at, wanted)).order_by(*_order(wanted))


def posts_by(ids: Sequence[int]) -> list[Post]:
    """Posts by id, in the order given."""
    if not ids:
        return []
    found = {post.id: post for post in db.session.scalars(select(Post).options(*BRIEFLY).where(Post.id.in_(ids)))}
    return [found[one] for one in ids if one in found]


def _order(wanted: Wanted) -> tuple[Any, ...]:
    by, down = ORDERS.get(wanted.sort, ORDERS["closing"])
    if by is Post.event_at:
        return Post.event_at.is_(None), Post.event_at, Post.id
    return (by.desc(), Post.id.desc()) if down else (by, Post.id)


def _conditions(reader: Membership, at: datetime, wanted: Wanted) -> list[ColumnElement[bool]]:
    """Which posts: of the group, of those that the reader may open, and wanted.

    Posts that are over are those that the reader has a part in, or that all of the group may open. Asked for the group
    once more, SQLite would look through everything that the group has ever posted.
    """
    of_group, found = Post.group_id == reader.group_id, [visible(reader)]
    if wanted.kind:
        found.append(Post.kind == wanted.kind)
    if wanted.category:
        found.append(Post.category.has(Category.slug == wanted.category))
    if wanted.since:
        found.append(Post.event_at >= wanted.since)
    if wanted.until:
        found.append(Post.event_at < wanted.until)
    words = [*wanted.words, *([f"a{stem}" for stem in stems.stems(word)] for word in stems.asked(wanted.place))]
    is_open = [of_group, Post.state == PostState.OPEN, Post.closes_at > at, *_by_engine(words)]
    if wanted.state == "open":
        return found + is_open
    is_over = [~and_(Post.state == PostState.OPEN, Post.closes_at > at), _inside(reader, at), *_by_row(words)]
    if wanted.state == "closed":
        return found + is_over
    both = union_all(*(select(Post.id).where(*some) for some in (is_open, is_over)))
    return [*found, Post.id.in_(both)]


def _by_engine(words: Query) -> list[ColumnElement[bool]]:
    if not words:
        return []
    return [Post.id.in_(search.matches(db.session(), PostWords, [*words, [OPEN]]))]


def _by_row(words: Query) -> list[ColumnElement[bool]]:
    """A member has a part in few posts: their words are read one by one."""
    if not words:
        return []
    return [exists().where(PostWords.post_id == Post.id, *search.stand(PostWords.words, words))]


def _inside(reader: Membership, at: datetime) -> ColumnElement[bool]:
    """Posts that the reader may open when they are over, as `board.show` does: their own, those that they answered or
    that a favor of theirs came of, and full ones that anybody may still stand by for."""
    group, over = Post.group_id == reader.group_id, Post.state == PostState.CLOSED
    ahead = (Post.event_at > at, and_(Post.event_at.is_(None), Post.closes_at > at))
    to_all = [
        Post.closed_because == ClosedBecause.FILLED,
        Post.hidden_from_firm.is_(False),
        Post.category.has(Category.kind.not_in(MAY_BE_WITHHELD)),
        Post.id.not_in(select(PostHidden.post_id)),
    ]
    return Post.id.in_(
        union_all(
            select(Post.id).where(Post.author_id == reader.id),
            select(Response.post_id).where(Response.member_id == reader.id, Response.state.in_(LIVE)),
            *(
                select(Favor.post_id).where(side == reader.id, Favor.post_id.is_not(None))
                for side in (Favor.giver_id, Favor.receiver_id)
            ),
            *(select(Post.id).where(group, over, when, *to_all) for when in ahead),
        )
    )
