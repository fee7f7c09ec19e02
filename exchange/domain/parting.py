"""What happens to everything that somebody has a part in when they part ways with a group, or rest.

The table of states and events stands in docs/lives.md; a test checks each of its cells.
"""

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from exchange.domain import letters, sign_ins
from exchange.domain.favors import called_off
from exchange.domain.places import close, ends_at, of_post, pass_on
from exchange.storage.db import locked
from exchange.storage.favor import CancelledBecause, Correction, CorrectionState, Favor, FavorState
from exchange.storage.membership import Membership, MembershipState
from exchange.storage.post import ClosedBecause, Post, PostState, Response, ResponseState

HOPING = (ResponseState.WAITING, ResponseState.STANDBY, ResponseState.OFFERED)


def part_ways(session: Session, member: Membership, state: MembershipState, at: datetime) -> None:
    """The common part: posts close, hopes end, places go on, what was agreed is called off without its cause.

    What was delivered resolves as usual.
    """
    member.state, member.ended_at = state, at
    session.flush()
    if state is not MembershipState.LEFT:  # who leaves may still want the file with what is theirs
        sign_ins.ended_with(session, member)
    posts = _posts(session, member)
    _close_posts(session, member, posts, at)
    _end_hopes(session, member, posts, at)
    _call_off_agreed(session, member, posts, at)
    _drop_corrections(session, member, at)


def _close_posts(session: Session, member: Membership, posts: dict[int, Post], at: datetime) -> None:
    for post in posts.values():
        alive = post.state is PostState.OPEN or at < ends_at(post) or of_post(session, post, *HOPING)
        if post.author_id == member.id and post.closed_because is not ClosedBecause.WITHDRAWN and alive:
            close(session, post, ClosedBecause.WITHDRAWN, at)


def _end_hopes(session: Session, member: Membership, posts: dict[int, Post], at: datetime) -> None:
    for response in session.scalars(
        select(Response).where(Response.member_id == member.id, Response.state.in_(HOPING))
    ).all():
        offered = response.state is ResponseState.OFFERED
        response.state, response.decided_at, response.offered_until = ResponseState.WITHDRAWN, at, None
        session.flush()
        if offered:
            pass_on(session, posts[response.post_id], at)


def _call_off_agreed(session: Session, member: Membership, posts: dict[int, Post], at: datetime) -> None:
    agreed = session.scalars(
        select(Favor)
        .where(or_(Favor.giver_id == member.id, Favor.receiver_id == member.id), Favor.state == FavorState.AGREED)
        .order_by(Favor.id)
        .with_for_update(of=Favor)
    ).all()
    for favor in agreed:
        _call_off(session, favor, member, posts, at)


def _drop_corrections(session: Session, member: Membership, at: datetime) -> None:
    """Proposals that wait for nobody any more are off."""
    party = or_(Favor.giver_id == member.id, Favor.receiver_id == member.id)
    proposed = (
        select(Correction)
        .join(Favor)
        .where(
            Correction.state == CorrectionState.PROPOSED,
            # Somebody who is suspended can still answer later; what they have proposed themselves is off.
            Correction.by_id == member.id if member.state is MembershipState.SUSPENDED else party,
        )
    )
    for correction in session.scalars(proposed).all():
        correction.state, correction.decided_at = CorrectionState.REFUSED, at


def _posts(session: Session, member: Membership) -> dict[int, Post]:
    """Every post that this touches, locked in the order of their ids, as all verbs lock posts before favors."""
    ids = set(session.scalars(select(Post.id).filter_by(author_id=member.id)))
    ids |= set(
        session.scalars(
            select(Response.post_id).where(
                Response.member_id == member.id, Response.state.in_((*HOPING, ResponseState.ACCEPTED))
            )
        )
    )
    found = select(Post).where(Post.id.in_(ids)).order_by(Post.id).with_for_update(of=Post)
    return {post.id: post for post in session.scalars(found.execution_options(populate_existing=True))}


def _call_off(session: Session, favor: Favor, member: Membership, posts: dict[int, Post], at: datetime) -> None:
    called_off(favor, CancelledBecause.LEFT, at)
    response = locked(session, Response, favor.response_id) if favor.response_id else None
    if response is not None:
        response.state, response.decided_at = ResponseState.DROPPED_OUT, at
        post = posts.get(response.post_id)
        if post is not None and post.author_id != member.id:
            pass_on(session, post, at)
        elif post is not None:
            post.taken -= 1
    other = favor.receiver if favor.giver_id == member.id else favor.giver
    letters.tell(
        session,
        "no_longer",
        other,
        once=f"favor:{favor.id}:no_longer",
        at=at,
        name=member.name,
        title=favor.title,
        path=letters.path(other.group, "favors", favor.id),
    )
