"""What waits for a member, and what is under way: the first thing that the board says."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from exchange.domain import corrections, disputes, favor_page
from exchange.domain.board import choosable, extendable
from exchange.storage.db import db
from exchange.storage.favor import Correction, Favor, FavorState
from exchange.storage.membership import Membership
from exchange.storage.post import LIVE, ClosedBecause, Post, PostState, Response, ResponseState

ASK_AFTER = timedelta(days=14)


@dataclass(frozen=True)
class Waiting:
    """What only the reader can move on.

    `confirm`: delivered favors whose receiver they are. `happened`: agreed ones whose day has passed.
    `choose`: their posts with answers, and how many. `offers`: places offered to them. `corrections` to agree to,
    `disputes` to settle, `closing`: posts of theirs that close unanswered within a day. Nothing to do for now:
    `under_way`, agreed or given, and `standing`, where they stand by.
    """

    confirm: list[Favor]
    happened: list[Favor]
    choose: list[tuple[Post, int]]
    offers: list[Response]
    corrections: list[Correction]
    disputes: list[Favor]
    closing: list[Post]
    under_way: list[Favor]
    standing: list[Response]

    def __len__(self) -> int:
        mine = (self.confirm, self.happened, self.choose, self.offers, self.corrections, self.disputes, self.closing)
        return sum(len(some) for some in mine)


def waiting(*, seen_by: Membership, at: datetime) -> Waiting:
    """What waits for the reader in their group."""
    confirm, happened, under_way = [], [], []
    for favor in favor_page.running(seen_by=seen_by):
        due = favor.event_at or favor.agreed_at + ASK_AFTER
        if favor.state is FavorState.DELIVERED and favor.receiver_id == seen_by.id:
            confirm.append(favor)
        elif favor.state is FavorState.AGREED and due <= at:
            happened.append(favor)
        else:
            under_way.append(favor)
    hoping = _hoping(seen_by)
    mine = _mine(seen_by, at)
    return Waiting(
        confirm=confirm,
        happened=happened,
        choose=[(post, asking) for post, asking, _live in mine if asking and choosable(post)],
        offers=[response for response in hoping if response.state is ResponseState.OFFERED],
        corrections=corrections.waiting_for(seen_by=seen_by),
        disputes=disputes.waiting_for(seen_by=seen_by, at=at),
        closing=[post for post, _asking, live in mine if not live and _closes(post, at)],
        under_way=under_way,
        standing=[response for response in hoping if response.state is ResponseState.STANDBY],
    )


def _hoping(member: Membership) -> list[Response]:
    states = (ResponseState.OFFERED, ResponseState.STANDBY)
    statement = select(Response).where(Response.member_id == member.id, Response.state.in_(states))
    statement = statement.where(Response.post.has(Post.state != PostState.HIDDEN))
    return list(db.session.scalars(statement.options(joinedload(Response.post)).order_by(Response.id)))


def _mine(member: Membership, at: datetime) -> list[tuple[Post, int, int]]:
    """The reader's posts that answers wait at or that close within a day; how many answers wait, and how many live."""
    asking = func.count().filter(Response.state == ResponseState.WAITING)
    live = func.count().filter(Response.state.in_(LIVE))
    counted = (
        select(Response.post_id, asking.label("asking"), live.label("live"))
        .join(Post, Post.id == Response.post_id)
        .where(Post.author_id == member.id)
        .group_by(Response.post_id)
        .subquery()
    )
    found = (
        select(Post, func.coalesce(counted.c.asking, 0), func.coalesce(counted.c.live, 0))
        .outerjoin(counted, counted.c.post_id == Post.id)
        .where(
            Post.author_id == member.id,
            or_(Post.state == PostState.OPEN, Post.closed_because == ClosedBecause.TIME),
            or_(counted.c.asking > 0, Post.closes_at.between(at, at + timedelta(days=1))),
        )
    )
    return [(post, asking, live) for post, asking, live in db.session.execute(found.order_by(Post.closes_at))]


def _closes(post: Post, at: datetime) -> bool:
    return post.state is PostState.OPEN and at < post.closes_at and extendable(post, at)
