"""The statements behind lists of posts: which a reader may open, what of these is wanted, and in which order.

Each is made once for what it is about: that takes longer than asking it, and nearly every page asks one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    String,
    Text,
    and_,
    bindparam,
    cast,
    exists,
    func,
    literal,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute

from exchange.domain import visibility
from exchange.domain.favors import MAY_BE_WITHHELD
from exchange.storage import search, stems
from exchange.storage.db import Key, Moment, db
from exchange.storage.favor import Favor
from exchange.storage.fixed import at_most, word, words
from exchange.storage.group import Category
from exchange.storage.membership import Membership
from exchange.storage.post import LIVE, ClosedBecause, Post, PostHidden, PostKind, PostState, Response
from exchange.storage.search import OPEN, PostWords, Query

ORDERS: dict[str, tuple[InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None], bool]] = {
    "closing": (Post.closes_at, False),
    "newest": (Post.created_at, True),
    "event": (Post.event_at, False),
}
READER: BindParameter[int] = bindparam("reader", type_=Key)
AT: BindParameter[datetime] = bindparam("at", type_=Moment)
OF_GROUP = Post.group_id == bindparam("of_group", type_=Key)
IS_OPEN = and_(Post.state == word(PostState.OPEN), Post.closes_at > AT)


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


class Shape(NamedTuple):
    """What a statement is about, whatever exactly is asked with it: `filters` are the names of what is wanted."""

    filters: frozenset[str]
    state: str
    sort: str
    firm: bool
    sqlite: bool


def shape(wanted: Wanted, reader: Membership) -> Shape:
    """Which statement lists what is wanted."""
    filters = {name for name in ("kind", "category", "since", "until") if getattr(wanted, name)}
    words = {"words"} if _words(wanted) else set()
    sort = wanted.sort if wanted.sort in ORDERS else "closing"
    return Shape(frozenset(filters | words), wanted.state, sort, bool(reader.firm), search.on_sqlite(db.session()))


def said(wanted: Wanted, reader: Membership, at: datetime) -> dict[str, Any]:
    """What is asked with it."""
    asked = {name: getattr(wanted, name) for name in ("kind", "category", "since", "until") if getattr(wanted, name)}
    words, session = _words(wanted), db.session()
    if words and wanted.state != "closed":
        asked["words"] = search.said(session, [*words, [OPEN]])
    if words and wanted.state != "open":
        asked["words_of_few"] = search.told(session, words)
    return asked | visibility.one(reader) | {"at": at}


def _words(wanted: Wanted) -> Query:
    return [*wanted.words, *([f"a{stem}" for stem in stems.stems(word)] for word in stems.asked(wanted.place))]


@cache
def ids(about: Shape) -> Select[int]:
    """The ids of the posts in their order, to be cut."""
    return select(Post.id).where(*_conditions(about)).order_by(*_order(about.sort))


@cache
def page(about: Shape, size: int, counted: int, *, later: bool) -> Any:
    """The ids of one page beside nothing, and beside each kind how many there are, up to so many that are counted.
    A `later` page than the first is asked with where its `first` post stands.
    """
    every = ids(about).offset(bindparam("first", type_=Key)) if later else ids(about)
    cut = every.limit(at_most(size)).subquery()
    some = select(Post.kind).where(*_conditions(about)).limit(at_most(counted)).subquery()
    kinds = select(cast(some.c.kind, String).label("kind"), func.count().label("id")).group_by(some.c.kind)
    return union_all(select(literal("").label("kind"), cut.c.id), kinds)


def _order(sort: str) -> tuple[Any, ...]:
    by, down = ORDERS[sort]
    if by is Post.event_at:
        return Post.event_at.is_(None), Post.event_at, Post.id
    return (by.desc(), Post.id.desc()) if down else (by, Post.id)


def _conditions(about: Shape) -> Sequence[ColumnElement[bool]]:
    """Which posts: of the group, of those that the reader may open, and wanted.

    Posts that are over are those that the reader has a part in, or that all of the group may open. Asked for the group
    once more, SQLite would look through everything that the group has ever posted.
    """
    filters = {
        "kind": Post.kind == bindparam("kind"),
        "category": Post.category.has(Category.slug == bindparam("category")),
        "since": Post.event_at >= bindparam("since"),
        "until": Post.event_at < bindparam("until"),
    }
    found = [visibility.visible_to_one(firm=about.firm), *(filters[name] for name in filters if name in about.filters)]
    is_open, is_over = [OF_GROUP, IS_OPEN], [~IS_OPEN, _inside()]
    if "words" in about.filters:
        words, few = bindparam("words", type_=Text), bindparam("words_of_few", type_=Text)
        fitting = search.matching(PostWords, words, sqlite=about.sqlite)
        # PostgreSQL would read the words of each open post, which for a name means those of hundreds of members.
        is_open.append(Post.id.in_(fitting if about.sqlite else fitting.offset(literal_column("0"))))
        # A member has a part in few posts: their words are read one by one.
        stand = search.standing(PostWords.words, few, sqlite=about.sqlite)
        is_over.append(exists().where(PostWords.post_id == Post.id, stand))
    if about.state == "open":
        return found + is_open
    if about.state == "closed":
        return found + is_over
    both = union_all(*(select(Post.id).where(*some) for some in (is_open, is_over)))
    return [*found, Post.id.in_(both)]


@cache
def _inside() -> ColumnElement[bool]:
    """Posts that the reader may open when they are over, as `board.show` does: their own, those that they answered or
    that a favor of theirs came of, and full ones that anybody may still stand by for."""
    over = Post.state == word(PostState.CLOSED)
    ahead = (Post.event_at > AT, and_(Post.event_at.is_(None), Post.closes_at > AT))
    to_all = [
        Post.closed_because == word(ClosedBecause.FILLED),
        Post.hidden_from_firm.is_(False),
        Post.category.has(Category.kind.not_in(words(MAY_BE_WITHHELD))),
        Post.id.not_in(select(PostHidden.post_id)),
    ]
    return Post.id.in_(
        union_all(
            select(Post.id).where(Post.author_id == READER),
            select(Response.post_id).where(Response.member_id == READER, Response.state.in_(words(LIVE))),
            *(
                select(Favor.post_id).where(side == READER, Favor.post_id.is_not(None))
                for side in (Favor.giver_id, Favor.receiver_id)
            ),
            *(select(Post.id).where(OF_GROUP, over, when, *to_all) for when in ahead),
        )
    )
