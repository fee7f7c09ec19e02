"""Reading one post, with what its reader may do."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _
from sqlalchemy import func, select

from exchange.domain.errors import NotFound
from exchange.domain.favors import MAY_BE_WITHHELD
from exchange.domain.places import ends_at, standing
from exchange.domain.visibility import is_hidden, loaded, visible
from exchange.storage.db import db
from exchange.storage.favor import Favor, FavorState
from exchange.storage.group import Kind
from exchange.storage.membership import Membership
from exchange.storage.post import LIVE, ClosedBecause, Post, PostKind, PostState, Response, ResponseState, Rule

EXTENDS_WITHIN = timedelta(days=7)


@dataclass(frozen=True)
class PostPage:
    """A post with what the reader may know of it and may do about it.

    `answers` holds every live answer for the author, and only the reader's own for others; `given` the favors that
    came of it, for the author and each for its own two; `place` the reader's place on standby, from 1; `dropped` by
    member id how often, in the last twelve months, they dropped out: for the author who chooses, and nobody else.
    """

    post: Post
    answers: list[Response]
    mine: Response | None
    given: list[Favor]
    free: int | None
    open: bool
    hidden: bool
    place: int
    dropped: dict[int, int]
    may: set[str] = field(default_factory=set)


def show(post_id: int, *, seen_by: Membership, at: datetime) -> PostPage:
    """A post's page. Raises NotFound; once it is over also for whoever neither posted nor answered it.

    Who got a place, and how many are gone, is told to those inside only: the two may still stay out of the log.
    """
    found = loaded(post_id, seen_by=seen_by)
    is_author = found.author_id == seen_by.id
    mine = own_answer(found, seen_by)
    favors = list(db.session.scalars(select(Favor).filter_by(post_id=found.id).order_by(Favor.id)))
    is_open = found.state is PostState.OPEN and found.closes_at > at
    parties = {party for favor in favors for party in (favor.giver_id, favor.receiver_id)}
    inside = is_author or mine is not None or seen_by.id in parties
    if not (is_open or inside or _can_be_waited_for(found, at)):
        raise NotFound(_("There is no such post."))
    answers = _answers(found) if is_author else [mine] if mine else []
    shown = [
        favor
        for favor in favors
        if (is_author or seen_by.id in (favor.giver_id, favor.receiver_id))
        and favor.state not in {FavorState.CANCELLED, FavorState.LAPSED}
    ]
    return PostPage(
        post=found,
        answers=answers,
        mine=mine,
        given=shown,
        free=found.slots - found.taken if inside else None,
        open=is_open,
        hidden=is_author and is_hidden(found),
        place=standing(db.session(), mine) if mine and mine.state is ResponseState.STANDBY else 0,
        dropped=drop_outs([answer.member_id for answer in answers], at=at) if is_author else {},
        may=_may(found, answers, mine, seen_by, at),
    )


def _can_be_waited_for(found: Post, at: datetime) -> bool:
    """Whether others still find a full post, to stand by: not where its favors may be kept between two."""
    private = found.category.kind in MAY_BE_WITHHELD or is_hidden(found)
    return found.closed_because is ClosedBecause.FILLED and at < ends_at(found) and not private


def _may(found: Post, answers: list[Response], mine: Response | None, reader: Membership, at: datetime) -> set[str]:
    may = set()
    if found.author_id == reader.id:
        if found.closed_because is not ClosedBecause.WITHDRAWN and at < max(ends_at(found), found.closes_at):
            may.add("withdraw")
        if choosable(found) and any(answer.state is ResponseState.WAITING for answer in answers):
            may.add("choose")
        if extendable(found, at):
            may.add("extend")
        return may
    is_open = found.state is PostState.OPEN and found.closes_at > at
    if mine is None and not refused_gift(found, reader) and not (reader.is_organiser and is_hidden(found)):
        if is_open:
            may.add("answer")
        elif found.closed_because is ClosedBecause.FILLED and at < ends_at(found):
            may.add("stand_by")
    if mine and mine.state in {ResponseState.WAITING, ResponseState.STANDBY}:
        may.add("take_back")
    if mine and mine.state is ResponseState.OFFERED:
        may |= {"accept_place", "pass_place"}
    return may


def choosable(post: Post) -> bool:
    """Whether the author may still choose: after the closing time, too, until those who wait are told."""
    return post.rule is Rule.CHOICE and (post.state is PostState.OPEN or post.closed_because is ClosedBecause.TIME)


def extendable(post: Post, at: datetime) -> bool:
    """Whether the author may give it another week: its last one has begun, places are left, the event lies ahead."""
    return (
        (post.state is PostState.OPEN or post.closed_because is ClosedBecause.TIME)
        and post.taken < post.slots
        and post.closes_at <= at + EXTENDS_WITHIN
        and (post.event_at is None or at < post.event_at)
        and (post.event_at is None or post.closes_at < post.event_at)
    )


def refused_gift(post: Post, member: Membership) -> bool:
    """Whether the answer would give an event place to somebody who accepts no gifts."""
    return post.kind is PostKind.OFFER and post.category.kind is Kind.EVENT_PLACE and not member.accepts_gifts


def own_answer(found: Post, member: Membership) -> Response | None:
    """The member's live answer to the post."""
    statement = select(Response).filter_by(post_id=found.id, member_id=member.id)
    return db.session.scalar(statement.where(Response.state.in_(LIVE)))


def _answers(found: Post) -> list[Response]:
    statement = select(Response).filter_by(post_id=found.id).where(Response.state.in_(LIVE))
    return list(db.session.scalars(statement.order_by(Response.created_at, Response.id)))


def drop_outs(members: list[int], *, at: datetime) -> dict[int, int]:
    """How often members dropped out in the twelve months before `at`, for those who did."""
    if not members:
        return {}
    rows = db.session.execute(
        select(Favor.cancelled_by_id, func.count())
        .where(Favor.cancelled_by_id.in_(members), Favor.dropped_out, Favor.cancelled_at > at - timedelta(days=365))
        .group_by(Favor.cancelled_by_id)
    )
    return {member: count for member, count in rows if member is not None}


def any_ever(*, seen_by: Membership) -> bool:
    """Whether anything was ever posted in the reader's group."""
    found = select(Post.id).where(Post.group_id == seen_by.group_id, visible(seen_by))
    return db.session.scalar(found.limit(1)) is not None
