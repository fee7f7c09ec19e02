"""Which open posts could concern a reader: needs they could meet, offers they would love, each with its reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from exchange import matching
from exchange.domain.visibility import visible
from exchange.storage.db import db
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
    others = db.session.scalars(
        select(Post)
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
    return (
        _fitting(seen_by.can_help_with, [post for post in others if post.kind is PostKind.NEED]),
        _fitting(seen_by.would_love, [post for post in others if post.kind is PostKind.OFFER]),
    )


def _fitting(said: str, posts: Sequence[Post]) -> list[Suggestion]:
    by_id = {post.id: post for post in posts}
    texts = {post.id: f"{post.title}\n{post.text}\n{post.category.name}" for post in posts}
    return [Suggestion(by_id[match.key], match.phrase) for match in matching.matches(said, texts)[:MOST]]
