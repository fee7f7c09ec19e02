"""Favors: the life between the handshake and the thank-you."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from exchange import log
from exchange.domain import letters, words
from exchange.domain.errors import NotFound, NotYours, Refusal
from exchange.domain.members import acting
from exchange.storage.db import db, locked, transaction
from exchange.storage.favor import Favor, FavorState, How
from exchange.storage.membership import Membership

OPEN = {FavorState.AGREED, FavorState.DELIVERED}
CONTACTS_LAST = timedelta(days=30)
THANKS = 1_000


@dataclass(frozen=True)
class FavorPage:
    """A favor with what the reader may know of it and may do about it.

    `contact` is the line that the other side chose to show, while the reader may see it.
    """

    favor: Favor
    part: str
    other: Membership | None
    contact: str
    may: set[str] = field(default_factory=set)


def show(favor_id: int, *, seen_by: Membership, at: datetime) -> FavorPage:
    """A favor's page: whole for its two parties; others see it once it stands in the log.

    Raises NotFound for anything else.
    """
    favor = db.session.scalar(select(Favor).filter_by(id=favor_id, group_id=seen_by.group_id))
    part = _part(favor, seen_by) if favor else ""
    if favor is None or (not part and favor.state is not FavorState.CONFIRMED):
        raise NotFound(_("There is no such favor."))
    if not part:
        return FavorPage(favor, part, None, "")
    other = favor.receiver if part == "giver" else favor.giver
    ended = favor.confirmed_at or favor.cancelled_at
    contact = other.contact if ended is None or at < ended + CONTACTS_LAST else ""
    may = set()
    if favor.state in OPEN:
        may = {"confirm"} if part == "receiver" else set()
        if favor.state is FavorState.AGREED:
            may |= {"cancel"} | ({"deliver"} if part == "giver" else set())
    return FavorPage(favor, part, other, contact, may)


def _part(favor: Favor, member: Membership) -> str:
    return {favor.giver_id: "giver", favor.receiver_id: "receiver"}.get(member.id, "")


def _theirs(session: Session, favor_id: int, by: Membership) -> Favor:
    """The favor, locked. Raises NotFound unless the member is one of its two parties."""
    acting(by)
    favor = locked(session, Favor, favor_id, group_id=by.group_id)
    if favor is None or not _part(favor, by):
        raise NotFound(_("There is no such favor."))
    return favor


def deliver(favor_id: int, *, by: Membership, at: datetime) -> Favor:
    """The giver says that it happened; the receiver is asked to confirm.

    Raises NotFound, NotYours for the receiver, Refusal when it is past that.
    """
    with transaction() as session:
        favor = _theirs(session, favor_id, by)
        if by.id != favor.giver_id:
            raise NotYours(_("Only the person who helps can say that it was delivered."))
        if favor.state is not FavorState.AGREED:
            raise Refusal(_("This favor was delivered or closed already."))
        favor.state, favor.delivered_at = FavorState.DELIVERED, at
        letters.tell(
            session,
            "please_confirm",
            favor.receiver,
            once=f"favor:{favor.id}:please_confirm",
            at=at,
            giver=favor.giver.name,
            title=favor.title,
            path=letters.path(favor.receiver.group, "favors", favor.id),
        )
    return favor


def confirm(favor_id: int, *, by: Membership, at: datetime, thanks: str = "") -> Favor:
    """The receiver says that it happened; the log records it in the same breath.

    Raises NotFound, NotYours for the giver, BadInput for the thanks, Refusal when the favor is already closed.
    """
    thanks = words.text(thanks, field="thanks", name=_("The thanks"), most=THANKS)
    with transaction() as session:
        favor = _theirs(session, favor_id, by)
        if by.id != favor.receiver_id:
            raise NotYours(_("Only the person who was helped can confirm a favor."))
        if favor.state not in OPEN:
            raise Refusal(_("This favor is already closed."))
        favor.entry = log.record_favor(session, favor, how=How.RECEIVER, at=at)
        favor.state, favor.confirmed_at, favor.thanks = FavorState.CONFIRMED, at, thanks
        letters.tell(
            session,
            "confirmed",
            favor.giver,
            once=f"favor:{favor.id}:confirmed",
            at=at,
            receiver=favor.receiver.name,
            title=favor.title,
            thanks=thanks,
            entry=favor.entry,
            counts=not favor.category.neutral,
            path=letters.path(favor.giver.group, "favors", favor.id),
        )
    return favor


def cancel(favor_id: int, *, by: Membership, at: datetime, why: str = "") -> Favor:
    """Either side calls off what was agreed; who and why is kept, and the other is told.

    Raises NotFound, BadInput for the reason, Refusal after it was delivered or closed.
    """
    why = words.text(why, field="why", name=_("The reason"), most=words.NOTE)
    with transaction() as session:
        favor = _theirs(session, favor_id, by)
        if favor.state is not FavorState.AGREED:
            raise Refusal(_("Only what is agreed and not yet delivered can be cancelled."))
        favor.state, favor.cancelled_at, favor.cancelled_by_id, favor.cancelled_why = (
            FavorState.CANCELLED,
            at,
            by.id,
            why,
        )
        other = favor.receiver if by.id == favor.giver_id else favor.giver
        letters.tell(
            session,
            "cancelled",
            other,
            once=f"favor:{favor.id}:cancelled",
            at=at,
            name=by.name,
            title=favor.title,
            why=why,
            path=letters.path(other.group, "favors", favor.id),
        )
    return favor


def running(*, seen_by: Membership) -> list[Favor]:
    """The reader's favors that are agreed or delivered, oldest first."""
    return list(
        db.session.scalars(
            select(Favor)
            .where(or_(Favor.giver_id == seen_by.id, Favor.receiver_id == seen_by.id), Favor.state.in_(OPEN))
            .order_by(Favor.agreed_at, Favor.id)
        )
    )
