"""Answers to posts: giving one, taking it back, the author's choice, and places offered to those on standby."""

from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from exchange.domain import letters, words
from exchange.domain.board import choosable, own_answer, refused_gift
from exchange.domain.errors import NotFound, NotYours, Refusal
from exchange.domain.members import acting
from exchange.domain.places import ends_at, give, pass_on, stand_by
from exchange.domain.visibility import is_hidden, sees
from exchange.storage.db import db, locked, transaction
from exchange.storage.favor import Favor
from exchange.storage.membership import Membership
from exchange.storage.post import ClosedBecause, Post, PostKind, PostState, Response, ResponseState, Rule


class Full(Refusal):
    """All places are given; one may stand by for one that becomes free."""

    def __init__(self, post: Post, sentence: object) -> None:
        super().__init__(sentence)
        self.post_id = post.id


def answer(post_id: int, *, by: Membership, text: str, at: datetime, standing_by: bool = False) -> Response:
    """A member answers a post. Where whoever comes first gets the place, the favor is agreed at once.

    With `standing_by` an answer to a full post waits for a place to become free.

    Raises NotFound, BadInput for the text, Full for a last place that was given a moment before, and Refusal for
    one's own post, a second answer, a closed post, or an event place for somebody who accepts no gifts.
    """
    text = words.text(text, field="text", name=_("Your answer"), most=1000)
    with transaction() as session:
        acting(by)
        post = _open(session, post_id, by, at, standing_by)
        response = Response(group_id=by.group_id, post_id=post.id, member=by, text=text, created_at=at)
        response.post = post
        response.state = ResponseState.WAITING
        session.add(response)
        session.flush()
        if post.closed_because is ClosedBecause.FILLED:
            stand_by(session, post, response, at)
        elif post.rule is Rule.FIRST_COME:
            give(session, post, response, at)
        else:
            _tell_author(session, post, response, at)
    return response


def _open(session: Session, post_id: int, by: Membership, at: datetime, standing_by: bool) -> Post:
    """The post, locked, if it takes this member's answer now."""
    post = locked(session, Post, post_id, group_id=by.group_id)
    if post is None or not sees(by, post.id):
        raise NotFound(_("There is no such post."))
    if post.author_id == by.id:
        raise Refusal(_("This is your own post. Others answer it."))
    if own_answer(post, by):
        raise Refusal(_("You have answered this post already."))
    if by.is_organiser and is_hidden(post):
        raise Refusal(_("This post is kept from some members, and what organisers give and take stands in clear."))
    if refused_gift(post, by):
        raise Refusal(_("Your profile says that you accept no gifts, so no place at an event."))
    if post.closed_because is ClosedBecause.FILLED and at < ends_at(post):
        if standing_by:
            return post
        raise Full(post, _("The last place was given a moment before you asked. Nothing of yours was lost or changed."))
    if post.closed_because is ClosedBecause.WITHDRAWN:
        raise Refusal(_("%(name)s has withdrawn this post.", name=post.author.name))
    if post.state is not PostState.OPEN or post.closes_at <= at:
        raise Refusal(_("Answers to this post have closed."))
    return post


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


def take_back(post_id: int, *, by: Membership, at: datetime) -> Response:
    """A member withdraws an answer that waits or stands by. Raises NotFound, or Refusal when it was decided."""
    with transaction() as session:
        acting(by)
        post = locked(session, Post, post_id, group_id=by.group_id)
        response = own_answer(post, by) if post else None
        if response is None:
            raise NotFound(_("You have not answered this post."))
        if response.state not in {ResponseState.WAITING, ResponseState.STANDBY}:
            raise Refusal(_("Your answer has been decided already."))
        response.state, response.decided_at = ResponseState.WITHDRAWN, at
    return response


def accept(post_id: int, response_id: int, *, by: Membership, at: datetime, others: str = "standby") -> Favor:
    """The author of a post chooses an answer; a favor is agreed. With the last place the others stand by or are told.

    On a need the author receives, on an offer the author gives. `others` is "standby" or "decline".

    Raises NotFound, NotYours for anybody but the author, Refusal when the places are gone or the answer is.
    """
    with transaction() as session:
        acting(by)
        post = locked(session, Post, post_id, group_id=by.group_id)
        response = locked(session, Response, response_id, group_id=by.group_id, post_id=post_id)
        if post is None or not sees(by, post.id):
            raise NotFound(_("There is no such post."))
        if post.author_id != by.id:
            raise NotYours(_("Only the person who posted it can choose."))
        if response is None:
            raise NotFound(_("There is no such answer."))
        if not choosable(post) or (post.event_at is not None and at >= post.event_at):
            raise Refusal(_("This post is closed: its places are given, or its time is over."))
        if response.state is not ResponseState.WAITING:
            raise Refusal(_("This answer does not wait any more."))
        return give(session, post, response, at, others=others)


def accept_place(response_id: int, *, by: Membership, at: datetime) -> Favor:
    """Somebody on standby takes the place that was offered. Raises NotFound, or Refusal when its time is over."""
    with transaction() as session:
        post, response = _offered(session, response_id, by, at)
        return give(session, post, response, at)


def pass_place(response_id: int, *, by: Membership, at: datetime) -> Response:
    """Somebody on standby does not want the offered place; the next is asked. Raises NotFound or Refusal."""
    with transaction() as session:
        post, response = _offered(session, response_id, by, at)
        response.state, response.decided_at, response.offered_until = ResponseState.PASSED, at, None
        session.flush()
        pass_on(session, post, at)
    return response


def _offered(session: Session, response_id: int, by: Membership, at: datetime) -> tuple[Post, Response]:
    acting(by)
    post_id = session.scalar(select(Response.post_id).filter_by(id=response_id, member_id=by.id))
    post = locked(session, Post, post_id, group_id=by.group_id) if post_id else None
    response = locked(session, Response, response_id, member_id=by.id)
    if post is None or response is None:
        raise NotFound(_("There is no such offer."))
    if response.state is ResponseState.ACCEPTED:
        raise Refusal(_("The place is yours already."))
    if response.state is not ResponseState.OFFERED or response.offered_until is None or at >= response.offered_until:
        raise Refusal(_("The time for this place is over, and the next was asked. Nothing else of yours was changed."))
    return post, response


def expire(response_id: int, *, at: datetime) -> bool:
    """An offered place that nobody took goes to the next. Returns whether it was time."""
    with transaction() as session:
        post_id = session.scalar(select(Response.post_id).filter_by(id=response_id))
        post = locked(session, Post, post_id) if post_id else None
        response = locked(session, Response, response_id)
        if post is None or response is None or response.offered_until is None or at < response.offered_until:
            return False
        response.state, response.decided_at, response.offered_until = ResponseState.EXPIRED, at, None
        session.flush()
        letters.tell(
            session,
            "offer_over",
            response.member,
            once=f"response:{response.id}:offer_over",
            at=at,
            title=post.title,
            path=letters.path(response.member.group, "posts", post.id),
        )
        pass_on(session, post, at)
    return True


def favor_of(response: Response) -> Favor | None:
    """The favor that came of an answer, if it was accepted."""
    return db.session.scalar(select(Favor).filter_by(response_id=response.id))
