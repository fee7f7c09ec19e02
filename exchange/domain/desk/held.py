"""Held posts: what newcomers post first, and what the group's policy says, waits for a yes, for 48 hours at most."""

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from exchange.domain import letters
from exchange.domain.desk import targets
from exchange.domain.desk.decisions import still_open
from exchange.domain.desk.opening import loaded, open_case, tell_free
from exchange.domain.desk.standing import seat, standing
from exchange.domain.errors import NotFound, Refusal
from exchange.storage.db import locked, transaction
from exchange.storage.desk import Case, CaseState, TargetKind
from exchange.storage.membership import Membership
from exchange.storage.person import Person
from exchange.storage.policy import GroupPolicy, Holding
from exchange.storage.post import Post, PostState

RELEASED_AFTER = timedelta(hours=48)
NEW_FOR = timedelta(days=30)
FIRST = 2


def waits_for_a_yes(session: Session, by: Membership, at: datetime) -> bool:
    """Whether what the member posts now is held. Organisers' posts never are.

    A newcomer joined within 30 days; in a group that is as young nobody is one, for everybody would be.
    """
    if by.is_organiser:
        return False
    policy = session.get(GroupPolicy, by.group_id)
    holding = policy.holding if policy else Holding.NEWCOMERS
    if holding is not Holding.NEWCOMERS:
        return holding is Holding.EVERYBODY
    if by.joined_at <= at - NEW_FOR or by.group.created_at > at - NEW_FOR:
        return False
    posted = select(func.count()).select_from(Post).filter_by(author_id=by.id)
    return (session.scalar(posted) or 0) < FIRST


def hold(session: Session, post: Post, at: datetime) -> Case:
    """Inside a running verb: the post waits, and the organisers are told."""
    post.state, post.held_until = PostState.HELD, at + RELEASED_AFTER
    session.flush()
    target = targets.find(session, TargetKind.HELD_POST, post.id, post.group_id)
    assert target is not None  # noqa: S101 (it was put up a moment before)
    case, _new = open_case(session, TargetKind.HELD_POST, target, at)
    tell_free(session, case, standing(session, case, at), of="held", once=f"case:{case.id}:{case.round}", at=at)
    return case


def release(case_id: int, *, by: Membership | Person, at: datetime) -> Post:
    """An organiser lets a held post onto the board; its author hears of it.

    Raises NotFound, NotYours for members and the author, Refusal when it waits no more.
    """
    with transaction() as session:
        case = loaded(session, case_id, by)
        if case.kind is not TargetKind.HELD_POST:
            raise NotFound(_("There is no such case."))
        seat(session, case, by, at)
        still_open(session, case, by)
        post = locked(session, Post, case.target_id)
        if post is None or post.state is not PostState.HELD:
            raise Refusal(_("This post does not wait any more."))
        _let_go(session, post, case, at, by_itself=False)
    return post


def by_itself(post_id: int, *, at: datetime) -> bool:
    """After 48 hours nobody has to say yes any more. Returns whether it was time."""
    with transaction() as session:
        found = session.scalar(select(Case.id).filter_by(kind=TargetKind.HELD_POST, target_id=post_id))
        case = locked(session, Case, found) if found else None
        post = locked(session, Post, post_id)
        if post is None or post.state is not PostState.HELD or post.held_until is None or at < post.held_until:
            return False
        _let_go(session, post, case, at, by_itself=True)
    return True


def _let_go(session: Session, post: Post, case: Case | None, at: datetime, *, by_itself: bool) -> None:
    targets.show_again(session, post, at)
    if case is not None and case.state is CaseState.OPEN:
        case.state, case.decided_at, case.claimed_by_id, case.claimed_until = CaseState.DECIDED, at, None, None
    session.flush()
    letters.tell(
        session,
        "released",
        post.author,
        once=f"post:{post.id}:released",
        at=at,
        title=post.title,
        by_itself=by_itself,
        open=post.state is PostState.OPEN,
        path=letters.path(post.author.group, "posts", post.id),
    )
