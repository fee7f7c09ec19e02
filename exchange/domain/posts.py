"""Needs and offers: posting, finding, withdrawing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _
from sqlalchemy import func, select

from exchange.domain import letters, words
from exchange.domain.errors import BadInput, NotFound, NotYours, Refusal
from exchange.domain.members import acting
from exchange.storage.db import db, locked, transaction
from exchange.storage.favor import Favor
from exchange.storage.group import Category, Kind
from exchange.storage.membership import Membership
from exchange.storage.post import ClosedBecause, Post, PostState, Response, ResponseState
from exchange.storage.post import PostKind as PostKind
from exchange.storage.post import Rule as Rule

LONGEST = timedelta(days=365)
PAGE = 30


@dataclass(frozen=True)
class Board:
    """One page of open posts, those that close first coming first, and how many there are of each kind."""

    posts: list[Post]
    needs: int
    offers: int
    page: int
    pages: int


@dataclass(frozen=True)
class PostPage:
    """A post with what the reader may know of it and may do about it.

    `answers` holds every live answer for the author, and only the reader's own for others; `given` the favors that
    came of it so far, with the name of who got a place.
    """

    post: Post
    answers: list[Response]
    mine: Response | None
    given: list[Favor]
    free: int
    open: bool
    may: set[str] = field(default_factory=set)


def post(
    *,
    by: Membership,
    kind: PostKind,
    category: str,
    title: str,
    text: str,
    slots: int,
    rule: Rule | None,
    closes_at: datetime,
    at: datetime,
    event_at: datetime | None = None,
) -> Post:
    """A member puts a need or an offer on the board.

    Without a `rule` places go as usual: at events to whoever answers first, with all else by the author's choice.

    Raises BadInput, naming the field, for anything that cannot be taken.
    """
    title = words.line(title, field="title", name=_("The title"))
    text = words.text(text, field="text", name=_("The text"))
    _check_times(closes_at, event_at, at)
    if not 1 <= slots <= 99:
        raise BadInput(_("There can be 1 to 99 places."), field="slots")
    with transaction() as session:
        acting(by)
        chosen = session.scalar(select(Category).filter_by(group_id=by.group_id, slug=category, enabled=True))
        if chosen is None:
            raise BadInput(_("Choose one of the categories of this group."), field="category")
        new = Post(
            group_id=by.group_id,
            author_id=by.id,
            category=chosen,
            kind=kind,
            title=title,
            text=text,
            slots=slots,
            rule=rule or (Rule.FIRST_COME if chosen.kind is Kind.EVENT_PLACE else Rule.CHOICE),
            taken=0,
            event_at=event_at,
            closes_at=closes_at,
            created_at=at,
        )
        session.add(new)
    return new


def _check_times(closes_at: datetime, event_at: datetime | None, at: datetime) -> None:
    if closes_at <= at:
        raise BadInput(_("Answers would close in the past. Choose a later moment."), field="closes_at")
    if closes_at > at + LONGEST:
        raise BadInput(_("Answers can stay open for a year at most."), field="closes_at")
    if event_at is not None and event_at <= at:
        raise BadInput(_("The event would lie in the past. Choose a later moment."), field="event_at")
    if event_at is not None and closes_at > event_at:
        raise BadInput(_("Answers have to close before the event begins."), field="closes_at")


def loaded(post_id: int, *, seen_by: Membership) -> Post:
    """The one way to a post. Raises NotFound for what the reader's group does not have."""
    found = db.session.scalar(select(Post).filter_by(id=post_id, group_id=seen_by.group_id))
    if found is None:
        raise NotFound(_("There is no such post."))
    return found


def board(
    *, seen_by: Membership, at: datetime, kind: PostKind | None = None, category: str = "", page: int = 1
) -> Board:
    """The open posts of the reader's group, `PAGE` at a time, filtered by kind and category."""
    conditions = [Post.group_id == seen_by.group_id, Post.state == PostState.OPEN, Post.closes_at > at]
    if kind:
        conditions.append(Post.kind == kind)
    if category:
        conditions.append(Post.category.has(Category.slug == category))
    by_kind = select(Post.kind, func.count()).where(*conditions).group_by(Post.kind)
    counts = {found: count for found, count in db.session.execute(by_kind)}  # noqa: C416 (rows are no pairs to mypy)
    pages = max(1, -(-sum(counts.values()) // PAGE))
    page = min(max(page, 1), pages)
    found = db.session.scalars(
        select(Post).where(*conditions).order_by(Post.closes_at, Post.id).offset((page - 1) * PAGE).limit(PAGE)
    )
    return Board(list(found), counts.get(PostKind.NEED, 0), counts.get(PostKind.OFFER, 0), page, pages)


def show(post_id: int, *, seen_by: Membership, at: datetime) -> PostPage:
    """A post's page. Raises NotFound."""
    found = loaded(post_id, seen_by=seen_by)
    is_open = found.state is PostState.OPEN and found.closes_at > at
    mine = own_answer(found, seen_by)
    is_author = found.author_id == seen_by.id
    answers = _answers(found) if is_author else [mine] if mine else []
    may = set()
    if is_author and found.state is PostState.OPEN:
        may |= {"withdraw"}
        if found.rule is Rule.CHOICE and any(answer.state is ResponseState.WAITING for answer in answers):
            may |= {"choose"}
    if not is_author and is_open and mine is None:
        may |= {"answer"}
    if mine and mine.state is ResponseState.WAITING:
        may |= {"take_back"}
    given = list(db.session.scalars(select(Favor).filter_by(post_id=found.id).order_by(Favor.id)))
    return PostPage(found, answers, mine, given, found.slots - found.taken, is_open, may)


def own_answer(found: Post, member: Membership) -> Response | None:
    """The member's live answer to the post."""
    return db.session.scalar(
        select(Response)
        .filter_by(post_id=found.id, member_id=member.id)
        .where(Response.state != ResponseState.WITHDRAWN)
    )


def _answers(found: Post) -> list[Response]:
    return list(
        db.session.scalars(
            select(Response)
            .filter_by(post_id=found.id)
            .where(Response.state != ResponseState.WITHDRAWN)
            .order_by(Response.created_at, Response.id)
        )
    )


def withdraw(post_id: int, *, by: Membership, at: datetime) -> Post:
    """The author takes an open post off the board; who still waited for an answer is told.

    Favors that were agreed already stay. Raises NotFound, NotYours, or Refusal when it is closed already.
    """
    with transaction() as session:
        acting(by)
        found = locked(session, Post, post_id, group_id=by.group_id)
        if found is None:
            raise NotFound(_("There is no such post."))
        if found.author_id != by.id:
            raise NotYours(_("Only the person who posted it can withdraw it."))
        if found.state is not PostState.OPEN:
            raise Refusal(_("This post is closed already."))
        found.state, found.closed_because = PostState.CLOSED, ClosedBecause.WITHDRAWN
        waiting = session.scalars(
            select(Response).filter_by(post_id=found.id, state=ResponseState.WAITING).with_for_update(of=Response)
        ).all()
        decline(waiting, at=at)
    return found


def decline(responses: Sequence[Response], *, at: datetime) -> None:
    """Inside a running verb: these answers were in vain, and their authors are told so."""
    session = db.session()
    for response in responses:
        response.state, response.decided_at = ResponseState.DECLINED, at
        letters.tell(
            session,
            "declined",
            response.member,
            once=f"response:{response.id}:declined",
            at=at,
            author=response.post.author.name,
            title=response.post.title,
            need=response.post.kind is PostKind.NEED,
            withdrawn=response.post.closed_because is ClosedBecause.WITHDRAWN,
            path=letters.path(response.post.author.group),
        )


def any_ever(*, seen_by: Membership) -> bool:
    """Whether anything was ever posted in the reader's group."""
    return db.session.scalar(select(Post.id).filter_by(group_id=seen_by.group_id).limit(1)) is not None
