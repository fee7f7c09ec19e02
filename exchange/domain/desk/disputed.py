"""Disputes at the desk: two disagree about a favor, whose own page settles it."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from exchange.domain import disputes
from exchange.domain.archived import asleep
from exchange.domain.desk.pages import Line
from exchange.domain.desk.recusal import People, Reason, links, reason
from exchange.domain.desk.standing import organisers, said
from exchange.domain.disputes import UNDECIDED_FOR
from exchange.domain.errors import NotYours
from exchange.storage.desk import TargetKind
from exchange.storage.favor import Favor, FavorState
from exchange.storage.membership import Membership
from exchange.storage.person import Person


def lines(session: Session, group_id: int, reader: Membership | None, at: datetime) -> list[Line]:
    """The disputes that wait in a group, as one organiser sees them, or without a reader the operator."""
    waiting = session.scalars(select(Favor).filter_by(group_id=group_id, state=FavorState.DISPUTED)).all()
    everybody = organisers(session, group_id) if waiting else []
    parts = [People(favor.giver_id, named=frozenset({favor.receiver_id})) for favor in waiting]
    close = links(session, {one.id for one in everybody}, set().union(*(part.sides for part in parts)), at)
    return [
        _dispute(session, favor, {one.id: reason(one.id, part, close) for one in everybody}, reader)
        for favor, part in zip(waiting, parts, strict=True)
    ]


def handed(session: Session, by: Person, at: datetime) -> list[Line]:
    """The disputes that the site's administrator may settle, because no organiser is free; none while archived."""
    waiting = select(Favor).filter_by(state=FavorState.DISPUTED).where(Favor.handed_at.is_not(None))
    waiting = waiting.where(Favor.group_id.not_in(asleep()))
    found = []
    for favor in session.scalars(waiting).all():
        try:
            disputes.handed(favor.id, by=by, at=at)
        except NotYours:
            continue
        found.append(_dispute(session, favor, {}, None))
    return found


def _dispute(session: Session, favor: Favor, reasons: dict[int, Reason | None], reader: Membership | None) -> Line:
    why = reasons.get(reader.id) if reader else None
    asides = sum(one is not None for one in reasons.values())
    return Line(
        case_id=None,
        kind=TargetKind.DISPUTE,
        target_id=favor.id if why is None else 0,
        title=favor.title if why is None else "",
        name=", ".join((favor.giver.name, favor.receiver.name)) if why is None else "",
        reports=0,
        since=favor.disputed_at or favor.agreed_at,
        until=favor.clock_from + UNDECIDED_FOR,
        round=1,
        free=len(reasons) - asides,
        asides=asides,
        aside=said(session, why) if why is not None else "",
        group=favor.giver.group.name,
        group_slug=favor.giver.group.slug,
    )
