"""Favors: the life between the handshake and the thank-you."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import compress

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from exchange import log
from exchange.domain import letters, words
from exchange.domain.desk import recusal
from exchange.domain.errors import NotFound, NotYours, Refusal
from exchange.domain.members import acting
from exchange.domain.places import drop_out
from exchange.storage.db import db, locked, transaction
from exchange.storage.favor import Began, CancelledBecause, Favor, FavorState, How
from exchange.storage.group import Kind
from exchange.storage.membership import Membership
from exchange.storage.post import Post, Response

OPEN = frozenset({FavorState.AGREED, FavorState.DELIVERED, FavorState.DISPUTED})
NOT_ME_FOR = timedelta(days=30)
BY_ITSELF = timedelta(days=14)
THANKS = 1_000
MAY_BE_WITHHELD = frozenset({Kind.ADVICE, Kind.MENTORING, Kind.REVIEW})


def part_of(favor: Favor, member: Membership) -> str:
    """giver, receiver, or nothing."""
    return {favor.giver_id: "giver", favor.receiver_id: "receiver"}.get(member.id, "")


def free_of_both(favor: Favor, member: Membership, at: datetime) -> bool:
    """Whether the member is an organiser whom nothing links to either side."""
    return bool(free_of([favor], member, at))


def free_of(some: Sequence[Favor], member: Membership, at: datetime) -> list[Favor]:
    """The same of several favors at once: those of which the member is free."""
    parts = [recusal.People(favor.giver_id, named=frozenset({favor.receiver_id})) for favor in some]
    return list(compress(some, recusal.free_of(db.session(), member, parts, at)))


def by_itself(favor: Favor) -> datetime | None:
    """When silence confirms a delivered favor; never one that began with the giver's word alone."""
    if favor.state is FavorState.DELIVERED and favor.began is Began.ANSWER and favor.paused_at is None:
        return favor.clock_from + BY_ITSELF
    return None


def withholdable(favor: Favor) -> bool:
    """Whether the parties may stay out of what others read: by kind, and never with an organiser."""
    allowed = favor.category.kind in MAY_BE_WITHHELD and favor.giver.group.withholding
    return allowed and not favor.giver.is_organiser and not favor.receiver.is_organiser


def theirs(session: Session, favor_id: int, by: Membership) -> Favor:
    """The favor, locked. Raises NotFound unless the member is one of its two parties."""
    acting(by)
    favor = locked(session, Favor, favor_id, group_id=by.group_id)
    if favor is None or not part_of(favor, by):
        raise NotFound(_("There is no such favor."))
    return favor


def deliver(favor_id: int, *, by: Membership, at: datetime) -> Favor:
    """The giver says that it happened; the receiver is asked to confirm, and silence confirms 14 days later.

    Raises NotFound, NotYours for the receiver, Refusal when it is past that.
    """
    with transaction() as session:
        favor = theirs(session, favor_id, by)
        if by.id != favor.giver_id:
            raise NotYours(_("Only the person who helps can say that it was delivered."))
        if favor.state is not FavorState.AGREED:
            raise Refusal(_("This favor was delivered or closed already."))
        favor.state, favor.delivered_at, favor.clock_from, favor.asked = FavorState.DELIVERED, at, at, 1
        session.flush()
        please_confirm(session, favor, at)
    return favor


def please_confirm(session: Session, favor: Favor, at: datetime) -> None:
    """Inside a running verb: ask the receiver whether it happened."""
    letters.tell(
        session,
        "please_confirm",
        favor.receiver,
        once=f"favor:{favor.id}:please_confirm:{favor.asked}",
        at=at,
        acts=[("confirm", favor.id)],
        giver=favor.giver.name,
        title=favor.title,
        unasked=favor.began is Began.HELPED,
        by_itself=by_itself(favor),
        path=letters.path(favor.receiver.group, "favors", favor.id),
    )


def confirm(favor_id: int, *, by: Membership, at: datetime, thanks: str = "") -> Favor:
    """The receiver says that it happened; the log records it in the same breath.

    Raises NotFound, NotYours for the giver, BadInput for the thanks, Refusal when the favor is already closed.
    """
    thanks = words.text(thanks, field="thanks", name=_("The thanks"), most=THANKS)
    with transaction() as session:
        favor = theirs(session, favor_id, by)
        if by.id != favor.receiver_id:
            raise NotYours(_("Only the person who was helped can confirm a favor."))
        if favor.state is FavorState.DISPUTED and favor.disputed_by_id != by.id:
            raise Refusal(_("This favor is in dispute. An organiser settles it."))
        if favor.state not in OPEN:
            raise Refusal(_("This favor is already closed."))
        record(session, favor, How.RECEIVER, at, thanks=thanks)
        for party in (favor.giver, favor.receiver):
            tell_confirmed(session, favor, party, at)
    return favor


def record(session: Session, favor: Favor, how: How, at: datetime, *, thanks: str = "") -> None:
    """Inside a running verb: the favor is confirmed and stands in the log."""
    favor.thanks = thanks
    favor.entry = log.record_favor(session, favor, how=how, at=at)
    favor.state, favor.confirmed_at, favor.how = FavorState.CONFIRMED, at, how
    session.flush()


def tell_confirmed(session: Session, favor: Favor, to: Membership, at: datetime) -> None:
    """Inside a running verb: tell one side that the favor stands in the log. The letter brings the receipt."""
    gave = to.id == favor.giver_id
    letters.tell(
        session,
        "confirmed",
        to,
        once=f"favor:{favor.id}:confirmed",
        at=at,
        receiver=favor.receiver.name,
        giver=favor.giver.name,
        gave=gave,
        title=favor.title,
        thanks=favor.thanks if gave else "",
        entry=favor.entry,
        counts=not favor.category.neutral,
        by_itself=favor.how is How.TIME,
        withheld=favor.withheld_by_id is not None,
        path=letters.path(to.group, "favors", favor.id),
    )


def withhold(favor_id: int, *, by: Membership) -> Favor:
    """Either side keeps both names out of what others read. Only before it is confirmed, and for good.

    Raises NotFound, or Refusal for a kind or a party that may not, or when it stands in the log already.
    """
    with transaction() as session:
        favor = theirs(session, favor_id, by)
        if favor.state not in OPEN:
            raise Refusal(_("This can be asked for only before the favor stands in the log."))
        if not withholdable(favor):
            raise Refusal(_("Only advice, mentoring and review can be kept between two, and never with an organiser."))
        favor.withheld_by_id = favor.withheld_by_id or by.id
    return favor


def cancel(favor_id: int, *, by: Membership, at: datetime, why: str = "") -> Favor:
    """Either side calls off what was agreed; who and why is kept, the other is told, and the place goes on.

    Raises NotFound, BadInput for the reason, Refusal after it was delivered or closed.
    """
    why = words.text(why, field="why", name=_("The reason"), most=words.NOTE)
    with transaction() as session:
        acting(by)
        # The post first, then the favor: everybody takes the locks in this order.
        post_id = session.scalar(select(Favor.post_id).filter_by(id=favor_id, group_id=by.group_id))
        post = locked(session, Post, post_id) if post_id else None
        favor = theirs(session, favor_id, by)
        if favor.state is not FavorState.AGREED:
            raise Refusal(_("Only what is agreed and not yet delivered can be cancelled."))
        called_off(favor, CancelledBecause.CALLED_OFF, at, by=by, why=why)
        response = locked(session, Response, favor.response_id) if favor.response_id else None
        if post and response:
            drop_out(session, post, response, favor, by, at)
        if post is None or by.id == post.author_id:
            _tell_cancelled(session, favor, by, at)
    return favor


def called_off(
    favor: Favor, because: CancelledBecause, at: datetime, *, by: Membership | None = None, why: str = ""
) -> None:
    """Inside a running verb: the favor comes to nothing."""
    favor.state, favor.cancelled_at, favor.cancelled_because = FavorState.CANCELLED, at, because
    favor.cancelled_by_id, favor.cancelled_why = by.id if by else None, why


def _tell_cancelled(session: Session, favor: Favor, by: Membership, at: datetime) -> None:
    other = favor.receiver if by.id == favor.giver_id else favor.giver
    letters.tell(
        session,
        "cancelled",
        other,
        once=f"favor:{favor.id}:cancelled",
        at=at,
        name=by.name,
        title=favor.title,
        why=favor.cancelled_why,
        path=letters.path(other.group, "favors", favor.id),
    )
