"""Answers to posts: giving one, taking it back, and the author's choice."""

from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from exchange.domain import letters, words
from exchange.domain.errors import NotFound, NotYours, Refusal
from exchange.domain.members import acting
from exchange.domain.posts import decline
from exchange.storage.db import db, locked, transaction
from exchange.storage.favor import Favor, FavorState
from exchange.storage.membership import Membership
from exchange.storage.post import ClosedBecause, Post, PostKind, PostState, Response, ResponseState, Rule


def answer(post_id: int, *, by: Membership, text: str, at: datetime) -> Response:
    """A member answers a post. Where whoever comes first gets the place, the favor is agreed at once.

    Raises NotFound, BadInput for the text, and Refusal: for one's own post, a second answer, a closed post or a
    last place that was given a moment before.
    """
    text = words.text(text, field="text", name=_("Your answer"), most=1000)
    with transaction() as session:
        acting(by)
        post = locked(session, Post, post_id, group_id=by.group_id)
        _check_open(session, post, by, at)
        assert post is not None  # noqa: S101 (checked a line above)
        response = Response(group_id=by.group_id, post_id=post.id, member=by, text=text, created_at=at)
        response.post = post
        response.state = ResponseState.WAITING
        session.add(response)
        session.flush()
        if post.rule is Rule.FIRST_COME:
            _give(session, post, response, at)
        else:
            _tell_author(session, post, response, at)
    return response


def _check_open(session: Session, post: Post | None, by: Membership, at: datetime) -> None:
    if post is None:
        raise NotFound(_("There is no such post."))
    if post.author_id == by.id:
        raise Refusal(_("This is your own post. Others answer it."))
    if session.scalar(
        select(Response.id).filter_by(post_id=post.id, member_id=by.id).where(Response.state != ResponseState.WITHDRAWN)
    ):
        raise Refusal(_("You have answered this post already."))
    if post.closed_because is ClosedBecause.FILLED:
        raise Refusal(_("The last place was given a moment before you asked. Nothing of yours was lost or changed."))
    if post.closed_because is ClosedBecause.WITHDRAWN:
        raise Refusal(_("%(name)s has withdrawn this post.", name=post.author.name))
    if post.state is not PostState.OPEN or post.closes_at <= at:
        raise Refusal(_("Answers to this post have closed."))


def take_back(post_id: int, *, by: Membership, at: datetime) -> Response:
    """A member withdraws an answer that still waits. Raises NotFound, or Refusal when it was decided already."""
    with transaction() as session:
        acting(by)
        post = locked(session, Post, post_id, group_id=by.group_id)
        response = post and session.scalar(
            select(Response)
            .filter_by(post_id=post.id, member_id=by.id)
            .where(Response.state != ResponseState.WITHDRAWN)
        )
        if response is None:
            raise NotFound(_("You have not answered this post."))
        if response.state is not ResponseState.WAITING:
            raise Refusal(_("Your answer has been decided already."))
        response.state, response.decided_at = ResponseState.WITHDRAWN, at
    return response


def accept(post_id: int, response_id: int, *, by: Membership, at: datetime) -> Favor:
    """The author of a post chooses an answer; a favor is agreed. With the last place the others are told.

    On a need the author receives, on an offer the author gives.

    Raises NotFound, NotYours for anybody but the author, Refusal when the places are gone or the answer is.
    """
    with transaction() as session:
        acting(by)
        post = locked(session, Post, post_id, group_id=by.group_id)
        response = locked(session, Response, response_id, group_id=by.group_id, post_id=post_id)
        if post is None or response is None:
            raise NotFound(_("There is no such answer."))
        if post.author_id != by.id:
            raise NotYours(_("Only the person who posted it can choose."))
        if post.state is not PostState.OPEN:
            raise Refusal(_("This post is closed: its places are given, or it was withdrawn."))
        if response.state is not ResponseState.WAITING:
            raise Refusal(_("This answer does not wait any more."))
        return _give(session, post, response, at)


def _give(session: Session, post: Post, response: Response, at: datetime) -> Favor:
    """One place goes to one answer. The caller holds the post's lock."""
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
        agreed_at=at,
    )
    session.add(favor)
    response.state, response.decided_at = ResponseState.ACCEPTED, at
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
        post.state, post.closed_because = PostState.CLOSED, ClosedBecause.FILLED
        waiting = session.scalars(
            select(Response).filter_by(post_id=post.id, state=ResponseState.WAITING).with_for_update(of=Response)
        ).all()
        decline(waiting, at=at)
    return favor


def _tell_author(session: Session, post: Post, response: Response, at: datetime) -> None:
    letters.tell(
        session,
        "answer",
        post.author,
        once=f"response:{response.id}",
        at=at,
        name=response.member.name,
        title=post.title,
        need=post.kind is PostKind.NEED,
        text=response.text,
        closes_at=post.closes_at,
        path=letters.path(post.author.group, "posts", post.id),
    )


def favor_of(response: Response) -> Favor | None:
    """The favor that came of an answer, if it was accepted."""
    return db.session.scalar(select(Favor).filter_by(response_id=response.id))
