"""Disputes: one side says that a delivered favor was not so, and a free organiser settles it, or the administrator."""

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from exchange import log
from exchange.domain import archived, letters, words
from exchange.domain.desk import recusal
from exchange.domain.desk.opening import tell_administrators
from exchange.domain.errors import NotFound, NotYours, Refusal
from exchange.domain.favors import called_off, free_of_both, part_of, record, theirs
from exchange.domain.members import acting
from exchange.storage.db import db, locked, transaction
from exchange.storage.favor import Began, CancelledBecause, Favor, FavorState, How
from exchange.storage.membership import Membership, MembershipState, Role
from exchange.storage.person import Person

UNDECIDED_FOR = timedelta(days=30)


def dispute(favor_id: int, *, by: Membership, why: str, at: datetime) -> Favor:
    """Either side says that it was not so; the other and the free organisers are told.

    Raises NotFound, BadInput without a reason, Refusal unless it was delivered and not yet confirmed.
    """
    why = words.text(why, field="why", name=_("The reason"), most=words.NOTE, required=True)
    with transaction() as session:
        favor = theirs(session, favor_id, by)
        if favor.state is not FavorState.DELIVERED or favor.began is Began.HELPED:
            raise Refusal(_("Only a favor that was delivered and is not confirmed can be disputed."))
        favor.state, favor.disputed_at, favor.disputed_by_id, favor.disputed_why = FavorState.DISPUTED, at, by.id, why
        favor.clock_from, favor.paused_at = at, None
        other = favor.receiver if by.id == favor.giver_id else favor.giver
        path = letters.path(by.group, "favors", favor.id)
        letters.tell(
            session,
            "disputed",
            other,
            once=f"favor:{favor.id}:disputed",
            at=at,
            name=by.name,
            title=favor.title,
            why=why,
            path=path,
        )
        free = _free(session, favor, at)
        for organiser in free:
            once = f"favor:{favor.id}:dispute_opened"
            letters.tell(session, "dispute_opened", organiser, once=once, at=at, title=favor.title, path=path)
        if not free:
            favor.handed_at = at
            session.flush()
            both, once = [favor.giver, favor.receiver], f"favor:{favor.id}:handed"
            withheld = log.ALL_OF_IT if favor.withheld_by_id is not None else {"target"}
            tell_administrators(session, both, once=once, at=at, dispute=True, withheld=withheld)
    return favor


def _free(session: Session, favor: Favor, at: datetime) -> list[Membership]:
    organisers = session.scalars(
        select(Membership).filter_by(group_id=favor.group_id, role=Role.ORGANISER, state=MembershipState.ACTIVE)
    )
    return [organiser for organiser in organisers if free_of_both(favor, organiser, at)]


def handed(favor_id: int, *, by: Person, at: datetime) -> Favor:
    """A dispute that was handed over to the site's administrator, who is a party like anybody.

    Raises NotFound for any other, NotYours for who is close to one of the two.
    """
    favor = db.session.get(Favor, favor_id) if by.is_administrator else None
    if favor is None or favor.handed_at is None or favor.state is not FavorState.DISPUTED:
        raise NotFound(_("There is no such favor."))
    mine = select(Membership.id).filter_by(person_id=by.id, group_id=favor.group_id)
    member, both = db.session.scalar(mine), recusal.People(favor.giver_id, named=frozenset({favor.receiver_id}))
    if member is not None and recusal.reason(member, both, recusal.links(db.session(), {member}, both.sides, at)):
        raise NotYours(_("A dispute is settled by somebody who is no party and close to neither."))
    return favor


def _to_settle(session: Session, favor_id: int, by: Membership | Person, at: datetime) -> Favor:
    """The dispute, locked, for whoever may settle it."""
    if isinstance(by, Person):
        locked(session, Favor, favor_id)
        waits = handed(favor_id, by=by, at=at)
        archived.awake(waits.giver.group)
        return waits
    acting(by)
    favor = locked(session, Favor, favor_id, group_id=by.group_id)
    free = favor is not None and favor.state is FavorState.DISPUTED and free_of_both(favor, by, at)
    if favor is None or not (free or part_of(favor, by)):
        raise NotFound(_("There is no such favor."))
    if not free:
        raise NotYours(_("A dispute is settled by an organiser who is no party and close to neither."))
    return favor


def settle(favor_id: int, *, by: Membership | Person, happened: bool, why: str, at: datetime) -> Favor:
    """An organiser who is no party and tied to neither decides; a `Person` is the administrator, where none is free.

    What happened stands in the log as settled. Raises NotFound, NotYours for anybody else, BadInput without a reason,
    Refusal where the group is archived.
    """
    why = words.text(why, field="why", name=_("The reason"), most=words.NOTE, required=True)
    with transaction() as session:
        favor = _to_settle(session, favor_id, by, at)
        organiser = by if isinstance(by, Membership) else None
        favor.settled_by_id, favor.settled_why = organiser.id if organiser else None, why
        if happened:
            record(session, favor, How.SETTLED, at)
        else:
            called_off(favor, CancelledBecause.SETTLED, at, by=organiser, why="")
        _tell(session, favor, at, happened=happened, not_settled=False)
        # Whose dispute it was and what they read about it stays with the two. Where the favor is withheld even who
        # decided is: it would tell who of the group is close to neither.
        log.record_decision(
            session,
            act="settled",
            by=[organiser] if organiser else [],
            group_id=favor.group_id,
            rule="dispute",
            why=why,
            at=at,
            about=[favor.giver, favor.receiver],
            withheld=log.ALL_OF_IT if favor.withheld_by_id is not None else log.SETTLED,
        )
    return favor


def undecided(favor_id: int, *, at: datetime) -> bool:
    """A dispute that nobody settled for 30 days ends without an entry. Returns whether it was time."""
    with transaction() as session:
        favor = locked(session, Favor, favor_id)
        if favor is None or favor.state is not FavorState.DISPUTED or at < favor.clock_from + UNDECIDED_FOR:
            return False
        called_off(favor, CancelledBecause.NOT_SETTLED, at)
        _tell(session, favor, at, happened=False, not_settled=True)
    return True


def _tell(session: Session, favor: Favor, at: datetime, *, happened: bool, not_settled: bool) -> None:
    for party in (favor.giver, favor.receiver):
        letters.tell(
            session,
            "settled",
            party,
            once=f"favor:{favor.id}:settled",
            at=at,
            title=favor.title,
            happened=happened,
            why=favor.settled_why,
            not_settled=not_settled,
            entry=favor.entry,
            path=letters.path(party.group, "favors", favor.id),
        )
