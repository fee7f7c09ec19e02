"""Leaving, suspension, ending and being forgotten: what happens to everything that somebody has a part in.

The table of states and events stands in docs/lives.md; a test checks each of its cells.
"""

from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from exchange import log
from exchange.domain import roles
from exchange.domain.errors import NotYours, Refusal
from exchange.domain.forgetting import forget_person, forget_words
from exchange.domain.parting import part_ways
from exchange.storage import search
from exchange.storage.db import locked, transaction
from exchange.storage.favor import Began, Favor, FavorState
from exchange.storage.membership import Membership, MembershipState, Role


def leave(*, by: Membership, at: datetime) -> Membership:
    """A member leaves. Rejoining later continues the same membership.

    Raises NotYours unless active, Refusal for the last organiser while there are other members.
    """
    with transaction() as session:
        if by.state is not MembershipState.ACTIVE:
            raise NotYours(_("You are not an active member of this group."))
        if last_organiser(session, by):
            raise Refusal(_("You are the last organiser. Somebody else has to become one before you leave."))
        organised = roles.organises(by)
        part_ways(session, by, MembershipState.LEFT, at)
        roles.changed(session, by, before=organised, by=by, at=at)
    return by


def suspend(member_id: int, *, at: datetime) -> Membership:
    """A membership rests: nothing of it can be seen or done, and the clocks that wait for this person stand still.

    Called by the verb that decides so. Raises Refusal unless the membership is active.
    """
    with transaction() as session:
        member = _member(session, member_id)
        rest(session, member, at)
    return member


def rest(session: Session, member: Membership, at: datetime) -> None:
    """Inside a running verb: suspend a member."""
    if member.state is not MembershipState.ACTIVE:
        raise Refusal(_("Only an active membership can be suspended."))
    member.suspended_at = at
    part_ways(session, member, MembershipState.SUSPENDED, at)
    for favor in _waiting_for(session, member):
        favor.paused_at = at


def reinstate(member_id: int, *, at: datetime) -> Membership:
    """A suspended membership goes on, and so do its clocks, where they stood. Raises Refusal unless suspended."""
    with transaction() as session:
        member = _member(session, member_id)
        go_on(session, member, at)
    return member


def go_on(session: Session, member: Membership, at: datetime) -> None:
    """Inside a running verb: reinstate a member."""
    if member.state is not MembershipState.SUSPENDED:
        raise Refusal(_("This membership is not suspended."))
    member.state, member.suspended_at = MembershipState.ACTIVE, None
    for favor in _waiting_for(session, member):
        _go_on(favor, at)


def end(member_id: int, *, at: datetime) -> Membership:
    """A membership is over and may not be taken up again unasked. Called by the verb that decides so."""
    with transaction() as session:
        member = _member(session, member_id)
        put_out(session, member, at)
    return member


def put_out(session: Session, member: Membership, at: datetime) -> None:
    """Inside a running verb: end a membership."""
    if member.state in {MembershipState.ENDED, MembershipState.APPLIED}:
        raise Refusal(_("This membership is over already."))
    for favor in _waiting_for(session, member):
        _go_on(favor, at)
    organised = roles.organises(member)
    part_ways(session, member, MembershipState.ENDED, at)
    member.role = Role.MEMBER  # whoever is asked back is asked back as a member
    roles.changed(session, member, before=organised, by=None, at=at)


def erase(member_id: int, *, at: datetime) -> Membership:
    """Somebody is forgotten in a group: openings, words and the directory row go, and an `erase` entry says so.

    What stays is the kind and the day of each entry and one nameless person in the counts of others. Never refused.
    """
    with transaction() as session:
        member = _member(session, member_id)
        if member.erased_by_entry is None:
            forget(session, member, at)
    return member


def forget(session: Session, member: Membership, at: datetime) -> int:
    """The part of `erase` inside a running verb. Returns the index of the `erase` entry."""
    for favor in _waiting_for(session, member):
        _go_on(favor, at)
    organised = roles.organises(member)
    part_ways(session, member, MembershipState.ENDED, at)
    forget_words(session, member)
    forget_person(session, member, at)
    session.flush()
    roles.changed(session, member, before=organised, by=None, at=at)
    member.erased_by_entry = erased = log.record_erasure(session, member, at=at)
    session.flush()
    search.forget(session)
    return erased


def _member(session: Session, member_id: int) -> Membership:
    found = locked(session, Membership, member_id)
    if found is None:
        raise Refusal(_("There is no such member."))
    return found


def last_organiser(session: Session, member: Membership) -> bool:
    """Whether others are there and nobody else organises."""
    if not member.is_organiser:
        return False
    others = select(Membership.role).where(
        Membership.group_id == member.group_id,
        Membership.state == MembershipState.ACTIVE,
        Membership.id != member.id,
    )
    roles = set(session.scalars(others))
    return bool(roles) and Role.ORGANISER not in roles


def _waiting_for(session: Session, member: Membership) -> list[Favor]:
    """The favors whose clock waits for this member: delivered and theirs to confirm, or said to be their help."""
    delivered = and_(Favor.receiver_id == member.id, Favor.state == FavorState.DELIVERED)
    named = and_(Favor.giver_id == member.id, Favor.state == FavorState.CONFIRMED, Favor.began == Began.HELPED_BY)
    statement = select(Favor).where(or_(delivered, named)).order_by(Favor.id)
    return list(session.scalars(statement.with_for_update(of=Favor).execution_options(populate_existing=True)))


def _go_on(favor: Favor, at: datetime) -> None:
    """A clock that stood still goes on where it stood."""
    if favor.paused_at is not None:
        favor.clock_from += at - favor.paused_at
        favor.paused_at = None
