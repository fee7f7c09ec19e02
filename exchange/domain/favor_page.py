"""Reading favors: one with what its reader may do, and those that are under way."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from exchange import log
from exchange.domain.errors import NotFound
from exchange.domain.favors import NOT_ME_FOR, OPEN, by_itself, free_of_both, part_of, withholdable
from exchange.storage.db import db
from exchange.storage.favor import Began, Correction, CorrectionState, Favor, FavorState
from exchange.storage.membership import Membership, MembershipState

CONTACTS_LAST = timedelta(days=30)


@dataclass(frozen=True)
class FavorPage:
    """A favor with what the reader may know of it and may do about it.

    `contact` is the line that the other side chose to show, while the reader may see it; `by_itself` when it will be
    confirmed without another word; `correction` one that waits for somebody's agreement.
    """

    favor: Favor
    part: str
    other: Membership | None
    contact: str
    by_itself: datetime | None = None
    correction: Correction | None = None
    may: set[str] = field(default_factory=set)


def show(favor_id: int, *, seen_by: Membership, at: datetime) -> FavorPage:
    """A favor's page: whole for its two parties; an organiser who settles a dispute sees it meanwhile; others see it
    once it stands in the log, unless it is withheld.

    Raises NotFound for anything else.
    """
    favor = db.session.scalar(select(Favor).filter_by(id=favor_id, group_id=seen_by.group_id))
    if favor is None:
        raise NotFound(_("There is no such favor."))
    part = part_of(favor, seen_by)
    if not part:
        if favor.state is FavorState.DISPUTED and free_of_both(favor, seen_by, at):
            return FavorPage(favor, "organiser", None, "", may={"settle"})
        if favor.state is not FavorState.CONFIRMED or favor.withheld_by_id is not None:
            raise NotFound(_("There is no such favor."))
        may = _organiser_may(favor, seen_by) if free_of_both(favor, seen_by, at) else set()
        return FavorPage(favor, part, None, "", may=may)
    other = favor.receiver if part == "giver" else favor.giver
    waiting = select(Correction).filter_by(favor_id=favor.id, state=CorrectionState.PROPOSED)
    return FavorPage(
        favor=favor,
        part=part,
        other=other,
        contact=other.contact if _may_reach(favor, at) else "",
        by_itself=by_itself(favor),
        correction=db.session.scalar(waiting),
        may=_may(favor, part, at),
    )


def _organiser_may(favor: Favor, organiser: Membership) -> set[str]:
    entry = log.entry(db.session(), favor.group_id, favor.entry or 0, seen_by_id=organiser.id)
    may = {"correct"} if favor.voided_by is None else set()
    return may | ({"take_out"} if entry is not None and entry.what else set())


def _may_reach(favor: Favor, at: datetime) -> bool:
    """Contact lines are for what was agreed by an answer, until 30 days after it ended."""
    if favor.began is not Began.ANSWER or favor.state is FavorState.LAPSED:
        return False
    ended = favor.confirmed_at or favor.cancelled_at
    return ended is None or at < ended + CONTACTS_LAST


def _may(favor: Favor, part: str, at: datetime) -> set[str]:
    may = set()
    if favor.state in OPEN:
        contested = favor.state is FavorState.DISPUTED and favor.disputed_by_id != favor.receiver_id
        may |= {"confirm"} if part == "receiver" and not contested else set()
        may |= {"withhold"} if withholdable(favor) and favor.withheld_by_id is None else set()
    if favor.state is FavorState.AGREED:
        may |= {"cancel"} | ({"deliver"} if part == "giver" else set())
    if favor.state is FavorState.DELIVERED:
        if favor.began is not Began.HELPED:
            may |= {"dispute"}
        elif part == "receiver":
            may |= {"deny"}
    if favor.state is FavorState.CONFIRMED and favor.voided_by is None:
        other = favor.receiver if part == "giver" else favor.giver
        may |= {"propose"} if other.state is MembershipState.ACTIVE else set()
        if _not_me_until(favor, at) and part == "giver":
            may |= {"not_me"}
    return may


def _not_me_until(favor: Favor, at: datetime) -> bool:
    began_so = favor.began is Began.HELPED_BY and favor.confirmed_at is not None
    return began_so and at < favor.clock_from + NOT_ME_FOR


def oldest_first(ids: Collection[int]) -> list[Favor]:
    """Favors by id, those that were agreed first in front."""
    statement = select(Favor).where(Favor.id.in_(ids)).order_by(Favor.agreed_at, Favor.id)
    return list(db.session.scalars(statement)) if ids else []
