"""What time does. Every step is its own short transaction that looks again whether it is due, so that any number of
workers may do this at once and none of it happens twice.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from exchange.domain import disputes, letters, posts, responses
from exchange.domain.archived import asleep
from exchange.domain.desk import held, suspensions
from exchange.domain.favors import BY_ITSELF, please_confirm, record, tell_confirmed
from exchange.storage.db import db, locked, transaction
from exchange.storage.favor import Began, Favor, FavorState, How
from exchange.storage.membership import Membership
from exchange.storage.post import LIVE, Post, PostState, Response, ResponseState

ASK_AFTER_EVENT = timedelta(days=1)
ASK_UNDATED = timedelta(days=14)
ASK_AGAIN = timedelta(days=7)
LAPSES = timedelta(days=30)
AT_ONCE = 1_000


def due(*, at: datetime) -> int:
    """Do everything that is due at a moment; returns how many things happened.

    Offers pass on and posts close first, so that nobody is asked about what is over. What fails holds nothing else up.

    Raises:
        ExceptionGroup: after everything else was done, what could not be.
    """
    steps: tuple[tuple[Select[int], type[Any], Callable[..., bool]], ...] = (
        (_offers(at), Response, responses.expire),
        (_closing(at), Post, posts.warn),
        (_over(at), Post, posts.end),
        (_silent(at), Favor, confirm_by_itself),
        (_forgotten(at), Favor, lapse),
        (_undecided(at), Favor, disputes.undecided),
        (_to_ask(at), Favor, ask),
        (_held(at), Post, held.by_itself),
        (_suspended(at), Membership, suspensions.over),
    )
    done, failed = 0, []
    for found, table, step in steps:
        awake = found.where(table.group_id.not_in(asleep()))
        for row_id in db.session.scalars(awake.limit(AT_ONCE)).all():
            try:
                done += step(row_id, at=at)
            except Exception as error:
                failed.append(error)
    if failed:
        raise ExceptionGroup("Some of what was due could not be done.", failed)
    return done


def _offers(at: datetime) -> Select[int]:
    return select(Response.id).where(Response.state == ResponseState.OFFERED, Response.offered_until <= at)


def _closing(at: datetime) -> Select[int]:
    return select(Post.id).where(
        Post.state == PostState.OPEN,
        Post.warned_at.is_(None),
        Post.closes_at > at,
        Post.closes_at <= at + posts.WARN_BEFORE,
        Post.id.not_in(select(Response.post_id).where(Response.state.in_(LIVE))),
    )


def _over(at: datetime) -> Select[int]:
    standing = Post.id.in_(select(Response.post_id).where(Response.state == ResponseState.STANDBY))
    waiting = Post.id.in_(select(Response.post_id).where(Response.state == ResponseState.WAITING))
    begun = Post.event_at <= at
    undated = Post.event_at.is_(None)
    return select(Post.id).where(
        Post.closes_at <= at,
        or_(
            Post.state == PostState.OPEN,
            and_(standing, or_(begun, undated)),
            and_(waiting, or_(begun, and_(undated, Post.closes_at <= at - posts.CHOOSE_WITHIN))),
        ),
    )


def _held(at: datetime) -> Select[int]:
    return select(Post.id).where(Post.state == PostState.HELD, Post.held_until <= at)


def _suspended(at: datetime) -> Select[int]:
    return suspensions.ending(at)


def _delivered(began: Began, span: timedelta, at: datetime) -> Select[int]:
    return select(Favor.id).where(
        Favor.state == FavorState.DELIVERED,
        Favor.began == began,
        Favor.paused_at.is_(None),
        Favor.clock_from <= at - span,
    )


def _silent(at: datetime) -> Select[int]:
    return _delivered(Began.ANSWER, BY_ITSELF, at)


def _forgotten(at: datetime) -> Select[int]:
    agreed = and_(Favor.state == FavorState.AGREED, Favor.clock_from <= at - LAPSES)
    unasked = Favor.id.in_(_delivered(Began.HELPED, LAPSES, at))
    return select(Favor.id).where(or_(agreed, unasked))


def _undecided(at: datetime) -> Select[int]:
    return select(Favor.id).where(Favor.state == FavorState.DISPUTED, Favor.clock_from <= at - disputes.UNDECIDED_FOR)


def _to_ask(at: datetime) -> Select[int]:
    dated = and_(
        Favor.event_at.is_not(None),
        or_(
            and_(Favor.asked == 0, Favor.clock_from <= at - ASK_AFTER_EVENT),
            and_(Favor.asked == 1, Favor.clock_from <= at - ASK_AFTER_EVENT - ASK_AGAIN),
        ),
    )
    undated = and_(
        Favor.event_at.is_(None),
        or_(
            and_(Favor.asked == 0, Favor.clock_from <= at - ASK_UNDATED),
            and_(Favor.asked == 1, Favor.clock_from <= at - ASK_UNDATED - ASK_AGAIN),
        ),
    )
    delivered = and_(Favor.asked == 1, Favor.clock_from <= at - ASK_AGAIN, Favor.paused_at.is_(None))
    return select(Favor.id).where(
        or_(
            and_(Favor.state == FavorState.AGREED, or_(dated, undated)),
            and_(Favor.state == FavorState.DELIVERED, delivered),
        )
    )


def asks_at(favor: Favor) -> datetime | None:
    """When the two are asked next whether it happened; None after the second time, or while a clock stands still."""
    if favor.asked > 1 or favor.paused_at is not None:
        return None
    if favor.state is FavorState.DELIVERED:
        return favor.clock_from + ASK_AGAIN if favor.asked == 1 else None
    first = ASK_AFTER_EVENT if favor.event_at else ASK_UNDATED
    return favor.clock_from + first + ASK_AGAIN * favor.asked


def ask(favor_id: int, *, at: datetime) -> bool:
    """Ask whether it happened: both sides while it is agreed, the receiver once it was delivered. Twice at most."""
    with transaction() as session:
        favor = locked(session, Favor, favor_id)
        if favor is None or favor.state not in {FavorState.AGREED, FavorState.DELIVERED}:
            return False
        moment = asks_at(favor)
        if moment is None or at < moment:
            return False
        favor.asked += 1
        session.flush()
        if favor.state is FavorState.DELIVERED:
            please_confirm(session, favor, at)
        else:
            _ask_both(session, favor, at)
    return True


def _ask_both(session: Session, favor: Favor, at: datetime) -> None:
    for reader, other, verb in (
        (favor.receiver, favor.giver, "confirm"),
        (favor.giver, favor.receiver, "deliver"),
    ):
        letters.tell(
            session,
            "did_it_happen",
            reader,
            once=f"favor:{favor.id}:did_it_happen:{favor.asked}",
            at=at,
            acts=[(verb, favor.id)],
            other=other.name,
            title=favor.title,
            gives=verb == "deliver",
            again=favor.asked > 1,
            path=letters.path(reader.group, "favors", favor.id),
        )


def confirm_by_itself(favor_id: int, *, at: datetime) -> bool:
    """Fourteen days after the giver's word, silence confirms what began with an accepted answer; the entry says so."""
    with transaction() as session:
        favor = locked(session, Favor, favor_id)
        if (
            favor is None
            or favor.state is not FavorState.DELIVERED
            or favor.began is not Began.ANSWER
            or favor.paused_at is not None
            or at < favor.clock_from + BY_ITSELF
        ):
            return False
        record(session, favor, How.TIME, at)
        for party in (favor.giver, favor.receiver):
            tell_confirmed(session, favor, party, at)
    return True


def lapse(favor_id: int, *, at: datetime) -> bool:
    """Nobody said anything for 30 days: the favor ends without an entry, and both are told."""
    with transaction() as session:
        favor = locked(session, Favor, favor_id)
        unsaid = favor is not None and (
            favor.state is FavorState.AGREED
            or (favor.state is FavorState.DELIVERED and favor.began is Began.HELPED and favor.paused_at is None)
        )
        if favor is None or not unsaid or at < favor.clock_from + LAPSES:
            return False
        favor.state = FavorState.LAPSED
        for reader, other in ((favor.giver, favor.receiver), (favor.receiver, favor.giver)):
            letters.tell(
                session,
                "lapsed",
                reader,
                once=f"favor:{favor.id}:lapsed",
                at=at,
                other=other.name,
                title=favor.title,
                gives=reader is favor.giver,
                path=letters.path(reader.group, "favors", favor.id),
            )
    return True
