"""What waits for a member, and what is under way: the first thing that the board says."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from exchange.domain import favors
from exchange.storage.db import db
from exchange.storage.favor import Favor, FavorState
from exchange.storage.membership import Membership
from exchange.storage.post import Post, PostState, Response, ResponseState, Rule

ASK_AFTER = timedelta(days=14)


@dataclass(frozen=True)
class Waiting:
    """What only the reader can move on.

    `confirm`: delivered favors whose receiver they are. `happened`: agreed ones whose day has passed.
    `choose`: their posts with answers, and how many. `under_way`: agreed or given, and for now nothing to do.
    """

    confirm: list[Favor]
    happened: list[Favor]
    choose: list[tuple[Post, int]]
    under_way: list[Favor]

    def __len__(self) -> int:
        return len(self.confirm) + len(self.happened) + len(self.choose)


def waiting(*, seen_by: Membership, at: datetime) -> Waiting:
    """What waits for the reader in their group."""
    confirm, happened, under_way = [], [], []
    running = favors.running(seen_by=seen_by)
    events = _events([favor.post_id for favor in running if favor.post_id])
    for favor in running:
        due = events.get(favor.post_id or 0) or favor.agreed_at + ASK_AFTER
        if favor.state is FavorState.DELIVERED and favor.receiver_id == seen_by.id:
            confirm.append(favor)
        elif favor.state is FavorState.AGREED and due <= at:
            happened.append(favor)
        else:
            under_way.append(favor)
    return Waiting(confirm, happened, _to_choose(seen_by), under_way)


def _events(post_ids: list[int]) -> dict[int, datetime | None]:
    if not post_ids:
        return {}
    rows = db.session.execute(select(Post.id, Post.event_at).where(Post.id.in_(post_ids)))
    return {post_id: event_at for post_id, event_at in rows}  # noqa: C416 (rows are no pairs to mypy)


def _to_choose(member: Membership) -> list[tuple[Post, int]]:
    counted = (
        select(Response.post_id, func.count().label("answers"))
        .where(Response.state == ResponseState.WAITING)
        .group_by(Response.post_id)
        .subquery()
    )
    rows = db.session.execute(
        select(Post, counted.c.answers)
        .join(counted, counted.c.post_id == Post.id)
        .where(Post.author_id == member.id, Post.state == PostState.OPEN, Post.rule == Rule.CHOICE)
        .order_by(Post.closes_at)
    )
    return [(post, answers) for post, answers in rows]
