"""Which open posts could concern a reader: needs they could meet, offers they would love, each with its reason."""

from collections.abc import Sequence
from dataclasses import dataclass

from exchange import matching
from exchange.domain.posts import Board
from exchange.storage.db import db
from exchange.storage.membership import Membership
from exchange.storage.post import Post, PostKind, Response, ResponseState

MOST = 3


@dataclass(frozen=True)
class Suggestion:
    """A post, and the reader's own words that it fits."""

    post: Post
    phrase: str


def suggestions(board: Board, *, seen_by: Membership) -> tuple[list[Suggestion], list[Suggestion]]:
    """At most three needs and three offers of this page of the board that fit the reader's profile.

    Never the reader's own posts, and none that they have answered.
    """
    answered = set(
        db.session.scalars(
            db.select(Response.post_id).where(
                Response.member_id == seen_by.id,
                Response.state != ResponseState.WITHDRAWN,
                Response.post_id.in_([post.id for post in board.posts]),
            )
        )
        if board.posts
        else ()
    )
    others = [post for post in board.posts if post.author_id != seen_by.id and post.id not in answered]
    return (
        _fitting(seen_by.can_help_with, [post for post in others if post.kind is PostKind.NEED]),
        _fitting(seen_by.would_love, [post for post in others if post.kind is PostKind.OFFER]),
    )


def _fitting(said: str, posts: Sequence[Post]) -> list[Suggestion]:
    by_id = {post.id: post for post in posts}
    texts = {post.id: f"{post.title}\n{post.text}\n{post.category.name}" for post in posts}
    return [Suggestion(by_id[match.key], match.phrase) for match in matching.matches(said, texts)[:MOST]]
