"""Which open posts could concern a reader: needs they could meet, offers they would love, each with its reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from exchange import matching
from exchange.domain.listing import posts_by
from exchange.domain.visibility import visible
from exchange.matching import Match
from exchange.storage.db import db
from exchange.storage.group import Category
from exchange.storage.membership import Membership
from exchange.storage.post import LIVE, Post, PostKind, PostState, Response

MOST = 3
READ = 300


@dataclass(frozen=True)
class Suggestion:
    """A post, and the reader's own words that it fits."""

    post: Post
    phrase: str


def suggestions(*, seen_by: Membership, at: datetime) -> tuple[list[Suggestion], list[Suggestion]]:
    """At most three needs and three offers among the open posts that fit the reader's profile.

    Never the reader's own posts, and none that they have answered. Of very many posts, those that close first are read.
    """
    answered = select(Response.post_id).where(Response.member_id == seen_by.id, Response.state.in_(LIVE))
    if not seen_by.can_help_with and not seen_by.would_love:
        return [], []
    others = db.session.execute(
        select(Post.id, Post.kind, Post.title, Post.text, Category.name)
        .join(Category, Category.id == Post.category_id)
        .where(
            Post.group_id == seen_by.group_id,
            Post.state == PostState.OPEN,
            Post.closes_at > at,
            Post.author_id != seen_by.id,
            visible(seen_by),
            Post.id.not_in(answered),
        )
        .order_by(Post.closes_at, Post.id)
        .limit(READ)
    ).all()
    needs = _fitting(seen_by.can_help_with, [row for row in others if row.kind is PostKind.NEED])
    offers = _fitting(seen_by.would_love, [row for row in others if row.kind is PostKind.OFFER])
    by_id = {post.id: post for post in posts_by([match.key for match in needs + offers])}
    return (
        [Suggestion(by_id[match.key], match.phrase) for match in needs],
        [Suggestion(by_id[match.key], match.phrase) for match in offers],
    )


def _fitting(said: str, rows: Sequence[Any]) -> list[Match]:
    texts = {row.id: f"{row.title}\n{row.text}\n{row.name}" for row in rows}
    return matching.matches(said, texts)[:MOST]
