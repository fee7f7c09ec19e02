"""Which open posts could concern a reader: needs they could meet, offers they would love, each with its reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, bindparam, select

from exchange import matching
from exchange.domain import visibility
from exchange.domain.listing import Line, posts_by
from exchange.matching import Match
from exchange.storage.db import Key, Moment, db
from exchange.storage.fixed import at_most, word, words
from exchange.storage.group import Category
from exchange.storage.membership import Membership
from exchange.storage.post import LIVE, Post, PostKind, PostState, Response

MOST = 3
READ = 200
Fitting = tuple[list[Match], list[Match]]


@dataclass(frozen=True)
class Suggestion:
    """A post, and the reader's own words that it fits."""

    post: Line
    phrase: str


def suggestions(*, seen_by: Membership, at: datetime) -> tuple[list[Suggestion], list[Suggestion]]:
    """At most three needs and three offers among the open posts that fit the reader's profile."""
    found = fitting(seen_by=seen_by, at=at)
    return shown(found, {post.id: post for post in posts_by(keys(found))})


def keys(found: Fitting) -> list[int]:
    """The ids of the posts that fit."""
    return [match.key for some in found for match in some]


def shown(found: Fitting, posts: Mapping[int, Line]) -> tuple[list[Suggestion], list[Suggestion]]:
    """The same with their posts, which were loaded meanwhile."""
    needs, offers = ([Suggestion(posts[match.key], match.phrase) for match in some] for some in found)
    return needs, offers


def fitting(*, seen_by: Membership, at: datetime) -> Fitting:
    """Which needs and offers these are, without their posts.

    Never the reader's own posts, and none that they have answered. Of very many posts, those that close first are read.
    """
    if not seen_by.can_help_with and not seen_by.would_love:
        return [], []
    others = db.session.execute(_others(firm=bool(seen_by.firm)), visibility.one(seen_by) | {"at": at}).all()
    needs = _fitting(seen_by.can_help_with, [row for row in others if row.kind is PostKind.NEED])
    offers = _fitting(seen_by.would_love, [row for row in others if row.kind is PostKind.OFFER])
    return needs, offers


@cache
def _others(*, firm: bool) -> Any:
    """The open posts that these are among; made once."""
    reader: BindParameter[int] = bindparam("reader", type_=Key)
    answered = select(Response.post_id).where(Response.member_id == reader, Response.state.in_(words(LIVE)))
    return (
        select(Post.id, Post.kind, Post.title, Post.text, Category.name)
        .join(Category, Category.id == Post.category_id)
        .where(
            Post.group_id == bindparam("of_group", type_=Key),
            Post.state == word(PostState.OPEN),
            Post.closes_at > bindparam("at", type_=Moment),
            Post.author_id != reader,
            visibility.visible_to_one(firm=firm),
            Post.id.not_in(answered),
        )
        .order_by(Post.closes_at, Post.id)
        .limit(at_most(READ))
    )


def _fitting(said: str, rows: Sequence[Any]) -> list[Match]:
    texts = {row.id: f"{row.title}\n{row.text}\n{row.name}" for row in rows}
    return matching.matches(said, texts)[:MOST]
