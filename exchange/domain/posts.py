"""Needs and offers: putting one up, giving it more time, taking it down."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from exchange.domain import letters, words
from exchange.domain.board import choosable, extendable
from exchange.domain.desk import held, settings
from exchange.domain.errors import BadInput, NotFound, NotYours, Refusal
from exchange.domain.members import acting
from exchange.domain.places import call_up, close, decline, ends_at, of_post
from exchange.domain.visibility import sees
from exchange.storage.db import locked, transaction
from exchange.storage.group import Category, Kind
from exchange.storage.membership import Membership, MembershipState
from exchange.storage.post import LIVE, ClosedBecause, Post, PostHidden, PostState, Response, ResponseState
from exchange.storage.post import PostKind as PostKind
from exchange.storage.post import Rule as Rule

LONGEST = timedelta(days=365)
ANOTHER_WEEK = timedelta(days=7)
WARN_BEFORE = timedelta(days=1)
CHOOSE_WITHIN = timedelta(days=14)


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
    place: str = "",
    hidden_from_firm: bool = False,
    hidden_from: Sequence[int] = (),
) -> Post:
    """A member puts a need or an offer on the board; where it is held, the organisers are asked first.

    Without a `rule` places go as usual: at events to whoever answers first, with all else by the author's choice.
    `hidden_from` holds numbers of members who shall not know of it, `hidden_from_firm` hides it from one's own firm.

    Raises BadInput, naming the field, for anything that cannot be taken.
    """
    title = words.line(title, field="title", name=_("The title"))
    text = words.text(text, field="text", name=_("The text"))
    place = words.line(place, field="place", name=_("The place"), required=False)
    _check_times(closes_at, event_at, at)
    if not 1 <= slots <= 99:
        raise BadInput(_("There can be 1 to 99 places."), field="slots")
    with transaction() as session:
        acting(by)
        chosen = _category(session, by, kind, category)
        named = _named(session, by, hidden_from_firm, hidden_from)
        new = Post(
            group_id=by.group_id,
            author_id=by.id,
            category=chosen,
            kind=kind,
            title=title,
            text=text,
            slots=slots,
            rule=_rule(session, by, rule, chosen),
            taken=0,
            event_at=event_at,
            place=place,
            closes_at=closes_at,
            hidden_from_firm=hidden_from_firm,
            created_at=at,
        )
        first = held.waits_for_a_yes(session, by, at)
        session.add(new)
        session.flush()
        session.add_all(PostHidden(post_id=new.id, member_id=member_id) for member_id in named)
        if first:
            held.hold(session, new, at)
    return new


def _rule(session: Session, by: Membership, rule: Rule | None, chosen: Category) -> Rule:
    """How places go, among the ways that the group allows. Raises BadInput."""
    allowed = settings.allowed(session, by.group_id)
    if rule is not None and rule not in allowed:
        raise BadInput(_("Places do not go like this in your group. Choose another way."), field="rule")
    usual = Rule.FIRST_COME if chosen.kind is Kind.EVENT_PLACE else Rule.CHOICE
    return rule or (usual if usual in allowed else allowed[0])


def _category(session: Session, by: Membership, kind: PostKind, slug: str) -> Category:
    """The category in which this member may post. Raises BadInput."""
    chosen = session.scalar(select(Category).filter_by(group_id=by.group_id, slug=slug, enabled=True))
    if chosen is None:
        raise BadInput(_("Choose one of the categories of this group."), field="category")
    if kind is PostKind.NEED and chosen.kind is Kind.EVENT_PLACE and not by.accepts_gifts:
        raise BadInput(_("Your profile says that you accept no gifts, so no place at an event."), field="category")
    return chosen


def _named(session: Session, by: Membership, from_firm: bool, numbers: Sequence[int]) -> list[int]:
    """The members whom the post is hidden from by name. Raises BadInput where hiding makes no sense."""
    if (from_firm or numbers) and by.is_organiser:
        raise BadInput(
            _("What organisers give and take stands in clear, so their posts are hidden from nobody."),
            field="hidden_from",
        )
    if from_firm and not by.firm:
        raise BadInput(_("Your profile names no firm. Name it there first."), field="hidden_from_firm")
    others = session.execute(
        select(Membership.id, Membership.number, Membership.firm).where(
            Membership.group_id == by.group_id, Membership.id != by.id
        )
    ).all()
    chosen = {other.id for other in others if other.number in numbers}
    if len(chosen) < len(set(numbers)):
        raise BadInput(_("Choose among the other members of this group."), field="hidden_from")
    # Today's colleagues by name, too: moving on, or writing the firm otherwise, opens nothing to them.
    colleagues = {other.id for other in others if from_firm and other.firm.casefold() == by.firm.casefold()}
    return sorted(chosen | colleagues)


def _check_times(closes_at: datetime, event_at: datetime | None, at: datetime) -> None:
    if closes_at <= at:
        raise BadInput(_("Answers would close in the past. Choose a later moment."), field="closes_at")
    if closes_at > at + LONGEST:
        raise BadInput(_("Answers can stay open for a year at most."), field="closes_at")
    if event_at is not None and event_at <= at:
        raise BadInput(_("The event would lie in the past. Choose a later moment."), field="event_at")
    if event_at is not None and closes_at > event_at:
        raise BadInput(_("Answers have to close before the event begins."), field="closes_at")


def own(session: Session, post_id: int, by: Membership) -> Post:
    """The author's post, locked. Raises NotFound or NotYours."""
    acting(by)
    found = locked(session, Post, post_id, group_id=by.group_id)
    if found is None or not sees(by, found.id):
        raise NotFound(_("There is no such post."))
    if found.author_id != by.id:
        raise NotYours(_("Only the person who posted it can do this."))
    return found


def withdraw(post_id: int, *, by: Membership, at: datetime) -> Post:
    """The author takes a post off the board; whoever waits or stands by is told.

    Favors that were agreed already stay. Raises NotFound, NotYours, or Refusal when it is over already.
    """
    with transaction() as session:
        found = own(session, post_id, by)
        if ClosedBecause.WITHDRAWN in {found.closed_because, found.was} or at >= max(ends_at(found), found.closes_at):
            raise Refusal(_("This post is closed already."))
        close(session, found, ClosedBecause.WITHDRAWN, at)
    return found


def extend(post_id: int, *, by: Membership, at: datetime) -> Post:
    """The author gives the post another week, though never past its event; a closed one opens again.

    Raises NotFound, NotYours, or Refusal when its places are gone or its time is over.
    """
    with transaction() as session:
        found = own(session, post_id, by)
        if not extendable(found, at):
            raise Refusal(_("This post cannot be given more time."))
        later = max(found.closes_at, at) + ANOTHER_WEEK
        found.closes_at = min(later, found.event_at) if found.event_at else later
        found.state, found.closed_because, found.warned_at = PostState.OPEN, None, None
        call_up(session, found, at)
    return found


def warns_at(found: Post) -> datetime:
    """When the author of an unanswered post is told that it closes: a day before, or at half of a shorter time."""
    return found.closes_at - min(WARN_BEFORE, (found.closes_at - found.created_at) / 2)


def warn(post_id: int, *, at: datetime) -> bool:
    """Before it closes the author of an unanswered post is told, once. Returns whether it was time."""
    with transaction() as session:
        found = locked(session, Post, post_id)
        due = (
            found is not None
            and found.state is PostState.OPEN
            and found.warned_at is None
            and found.author.state is MembershipState.ACTIVE
            and warns_at(found) <= at < found.closes_at
            and session.scalar(select(Response.id).where(Response.post_id == found.id, Response.state.in_(LIVE)))
            is None
        )
        if found is None or not due:
            return False
        found.warned_at = at
        letters.tell(
            session,
            "closing_soon",
            found.author,
            once=f"post:{found.id}:closing_soon:{found.closes_at.isoformat()}",
            at=at,
            acts=[("extend", found.id)] if extendable(found, at) else [],
            title=found.title,
            need=found.kind is PostKind.NEED,
            closes_at=found.closes_at,
            path=letters.path(found.author.group, "posts", found.id),
        )
    return True


def end(post_id: int, *, at: datetime) -> bool:
    """What time does to a post: it closes, and later those who still hope are told. Returns whether it was time.

    The author of a choice may choose until the event, or for 14 days; standby goes on until the event.
    """
    with transaction() as session:
        found = locked(session, Post, post_id)
        if found is None:
            return False
        closed = found.state is PostState.OPEN and found.closes_at <= at
        if closed:
            close(session, found, ClosedBecause.TIME, at)
        hoping: list[Response] = []
        if at >= ends_at(found):
            hoping += of_post(session, found, ResponseState.STANDBY)
        over = found.event_at or found.closes_at + CHOOSE_WITHIN
        stuck = found.state is PostState.CLOSED and not choosable(found)
        if at >= over or stuck:
            hoping += of_post(session, found, ResponseState.WAITING)
        decline(session, found, hoping, at)
    return closed or bool(hoping)
