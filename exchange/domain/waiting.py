"""What waits for a member, and what is under way: the first thing that the board says."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from exchange.domain import corrections, disputes, favor_page
from exchange.domain.board import extendable
from exchange.storage.db import db
from exchange.storage.favor import Correction, Favor, FavorState
from exchange.storage.membership import Membership
from exchange.storage.post import LIVE, ClosedBecause, Post, PostState, Response, ResponseState, Rule

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
    return Waiting(
        confirm=confirm,
        happened=happened,
        choose=_to_choose(seen_by),
        offers=[response for response in hoping if response.state is ResponseState.OFFERED],
        corrections=corrections.waiting_for(seen_by=seen_by),
        disputes=disputes.waiting_for(seen_by=seen_by, at=at),
        closing=_closing(seen_by, at),
        under_way=under_way,
        standing=[response for response in hoping if response.state is ResponseState.STANDBY],
    )


def _hoping(member: Membership) -> list[Response]:
    states = (ResponseState.OFFERED, ResponseState.STANDBY)
    statement = select(Response).where(Response.member_id == member.id, Response.state.in_(states))
    statement = statement.where(Response.post.has(Post.state != PostState.HIDDEN))
    return list(db.session.scalars(statement.options(joinedload(Response.post)).order_by(Response.id)))


def _closing(member: Membership, at: datetime) -> list[Post]:
    answered = select(Response.post_id).where(Response.state.in_(LIVE))
    found = db.session.scalars(
        select(Post)
        .where(
            Post.author_id == member.id,
            Post.state == PostState.OPEN,
            Post.closes_at > at,
            Post.closes_at <= at + timedelta(days=1),
            Post.id.not_in(answered),
        )
        .order_by(Post.closes_at)
    )
    return [post for post in found if extendable(post, at)]


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
        .where(
            Post.author_id == member.id,
            or_(Post.state == PostState.OPEN, Post.closed_because == ClosedBecause.TIME),
            Post.rule == Rule.CHOICE,
        )
        .order_by(Post.closes_at)
    )
    return [(post, answers) for post, answers in rows]
