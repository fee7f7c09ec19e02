"""How places go from one answer to the next. Everything here runs inside a verb that holds the post's lock.

A post counts as taken what is accepted and what is offered to somebody on standby; so it is never overbooked.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from exchange.domain import letters
from exchange.domain.visibility import is_hidden
from exchange.storage.favor import Began, Favor, FavorState
from exchange.storage.membership import Membership
from exchange.storage.post import ClosedBecause, Post, PostKind, PostState, Response, ResponseState

HOLD = timedelta(hours=24)
SHORTEST_HOLD = timedelta(minutes=30)
QUEUE = (Response.created_at, Response.id)


def ends_at(post: Post) -> datetime:
    """Until when places can change hands: the event, or the closing time where there is none."""
    return post.event_at or post.closes_at


def hold(post: Post, at: datetime) -> timedelta:
    """How long an offered place is kept: 24 hours or a quarter of the time left, never under 30 minutes."""
    return max(SHORTEST_HOLD, min(HOLD, (ends_at(post) - at) / 4))


def of_post(session: Session, post: Post, *states: ResponseState) -> Sequence[Response]:
    """The post's answers in these states, locked, in the order in which they came."""
    return session.scalars(
        select(Response)
        .where(Response.post_id == post.id, Response.state.in_(states))
        .order_by(*QUEUE)
        .with_for_update(of=Response)
        .execution_options(populate_existing=True)
    ).all()


def give(session: Session, post: Post, response: Response, at: datetime, *, others: str = "standby") -> Favor:
    """One place goes to one answer and a favor is agreed. With the last place the others stand by, or are told."""
    offered = response.state is ResponseState.OFFERED
    favor = _agreed(session, post, response, at)
    response.state, response.decided_at, response.offered_until = ResponseState.ACCEPTED, at, None
    if not offered:
        post.taken += 1
    session.flush()
    for reader, other in ((favor.giver, favor.receiver), (favor.receiver, favor.giver)):
        letters.tell(
            session,
            "agreed",
            reader,
            once=f"favor:{favor.id}:agreed",
            at=at,
            other=other.name,
            contact=other.contact,
            title=favor.title,
            gives=reader is favor.giver,
            posted=reader.id == post.author_id,
            event_at=post.event_at,
            path=letters.path(reader.group, "favors", favor.id),
        )
    if post.taken == post.slots:
        _fill(session, post, at, others)
    return favor


def _agreed(session: Session, post: Post, response: Response, at: datetime) -> Favor:
    needs = post.kind is PostKind.NEED
    favor = Favor(
        group_id=post.group_id,
        giver=response.member if needs else post.author,
        receiver=post.author if needs else response.member,
        category=post.category,
        post_id=post.id,
        response_id=response.id,
        title=post.title,
        state=FavorState.AGREED,
        began=Began.ANSWER,
        agreed_at=at,
        event_at=post.event_at,
        clock_from=post.event_at or at,
        asked=0,
        # What came of a hidden post must not be read in the log by those whom it was hidden from.
        withheld_by_id=post.author_id if is_hidden(post) else None,
    )
    session.add(favor)
    return favor


def _fill(session: Session, post: Post, at: datetime, others: str) -> None:
    if post.state is PostState.OPEN or post.closed_because is ClosedBecause.TIME:
        post.state, post.closed_because = PostState.CLOSED, ClosedBecause.FILLED
    waiting = of_post(session, post, ResponseState.WAITING)
    if others == "standby" and at < ends_at(post):
        for response in waiting:
            stand_by(session, post, response, at)
    else:
        decline(session, post, waiting, at)


def stand_by(session: Session, post: Post, response: Response, at: datetime) -> None:
    """The answer waits for a place to become free, behind those who stand by already."""
    response.state, response.decided_at = ResponseState.STANDBY, at
    session.flush()
    letters.tell(
        session,
        "standby",
        response.member,
        once=f"response:{response.id}:standby",
        at=at,
        author=post.author.name,
        title=post.title,
        need=post.kind is PostKind.NEED,
        place=standing(session, response),
        path=letters.path(post.author.group, "posts", post.id),
    )


def standing(session: Session, response: Response) -> int:
    """Which one the answer is among those on standby, from 1."""
    queue = session.scalars(
        select(Response.id).filter_by(post_id=response.post_id, state=ResponseState.STANDBY).order_by(*QUEUE)
    ).all()
    return queue.index(response.id) + 1


def decline(session: Session, post: Post, responses: Sequence[Response], at: datetime) -> None:
    """These answers were in vain, and their authors are told so."""
    for response in responses:
        response.state, response.decided_at, response.offered_until = ResponseState.DECLINED, at, None
        letters.tell(
            session,
            "declined",
            response.member,
            once=f"response:{response.id}:declined",
            at=at,
            author=post.author.name,
            title="" if post.state is PostState.HIDDEN else post.title,
            need=post.kind is PostKind.NEED,
            because=(post.closed_because or ClosedBecause.TIME).value,
            path=letters.path(post.author.group),
        )


def pass_on(session: Session, post: Post, at: datetime) -> bool:
    """A place is free again: the next on standby is offered it; with nobody there the post opens by itself.

    Returns whether somebody was asked.
    """
    queue = of_post(session, post, ResponseState.STANDBY)
    if queue and at < ends_at(post) and post.state is not PostState.HIDDEN:
        _offer(session, post, queue[0], at)
        return True
    post.taken -= 1
    if post.closed_because is ClosedBecause.FILLED:
        if at < post.closes_at:
            post.state, post.closed_because = PostState.OPEN, None
        else:
            post.closed_because = ClosedBecause.TIME
    return False


def call_up(session: Session, post: Post, at: datetime) -> None:
    """The post has been given more time: who still stands by is offered the free places before anybody else."""
    for response in of_post(session, post, ResponseState.STANDBY)[: post.slots - post.taken]:
        post.taken += 1
        _offer(session, post, response, at)
    if post.taken == post.slots:
        post.state, post.closed_because = PostState.CLOSED, ClosedBecause.FILLED


def _offer(session: Session, post: Post, response: Response, at: datetime) -> None:
    until = min(at + hold(post, at), max(ends_at(post), at + SHORTEST_HOLD))
    response.state, response.decided_at, response.offered_until = ResponseState.OFFERED, at, until
    session.flush()
    letters.tell(
        session,
        "offered",
        response.member,
        once=f"response:{response.id}:offered",
        at=at,
        acts=[("accept_place", response.id), ("pass_place", response.id)],
        author=post.author.name,
        title=post.title,
        need=post.kind is PostKind.NEED,
        until=until,
        event_at=post.event_at,
        path=letters.path(post.author.group, "posts", post.id),
    )


def close(session: Session, post: Post, because: ClosedBecause, at: datetime) -> None:
    """The post takes no more answers. Withdrawn, everybody who still hopes is told; offered places are free."""
    if post.state is PostState.HIDDEN:
        post.was = because  # what a decision took off the pages does not come back by being withdrawn
    else:
        post.state, post.closed_because = PostState.CLOSED, because
    if because is ClosedBecause.WITHDRAWN:
        offered = of_post(session, post, ResponseState.OFFERED)
        post.taken -= len(offered)
        hoping = of_post(session, post, ResponseState.WAITING, ResponseState.STANDBY, ResponseState.OFFERED)
        decline(session, post, hoping, at)


def drop_out(session: Session, post: Post, response: Response, favor: Favor, by: Membership, at: datetime) -> None:
    """Somebody cannot come after all. The author's own calling off takes the place away with it."""
    response.state, response.decided_at = ResponseState.DROPPED_OUT, at
    favor.dropped_out = by.id == post.author_id or at >= post.closes_at
    if by.id != post.author_id:
        asked = pass_on(session, post, at)
        letters.tell(
            session,
            "dropped_out",
            post.author,
            once=f"favor:{favor.id}:dropped_out",
            at=at,
            name=by.name,
            title=post.title,
            why=favor.cancelled_why,
            next=asked,
            path=letters.path(post.author.group, "posts", post.id),
        )
        return
    post.taken -= 1
    if post.slots > 1:
        post.slots -= 1
    else:
        close(session, post, ClosedBecause.WITHDRAWN, at)
