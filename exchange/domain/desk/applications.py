"""Asking to join: somebody applies, and an organiser says yes or no."""

from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from exchange.domain import invitations, letters
from exchange.domain.desk import targets
from exchange.domain.desk.decisions import still_open
from exchange.domain.desk.opening import loaded, open_case, tell_free
from exchange.domain.desk.standing import seat, standing
from exchange.domain.errors import NotFound, NotYours, Refusal
from exchange.storage.db import locked, transaction
from exchange.storage.desk import Case, CaseState, TargetKind
from exchange.storage.group import Group
from exchange.storage.membership import Membership, MembershipState, Role
from exchange.storage.person import Person
from exchange.storage.policy import GroupPolicy, Joining


def apply(slug: str, *, by: Person, at: datetime) -> Membership:
    """A person with an account asks to join a group that may be asked.

    Raises NotFound where it may not, NotYours for who was removed, Refusal for members and a second request.
    """
    with transaction() as session:
        group = session.scalar(select(Group).filter_by(slug=slug))
        policy = session.get(GroupPolicy, group.id) if group else None
        if group is None or policy is None or policy.joining is not Joining.ASKING:
            raise NotFound(_("There is no such page."))
        member = _applicant(session, group, by, at)
        target = targets.find(session, TargetKind.APPLICATION, member.id, group.id)
        assert target is not None  # noqa: S101 (it was made a moment before)
        case, _new = open_case(session, TargetKind.APPLICATION, target, at)
        once = f"case:{case.id}:{case.round}"
        tell_free(session, case, standing(session, case, at), of="application", once=once, at=at)
    return member


def _applicant(session: Session, group: Group, by: Person, at: datetime) -> Membership:
    member = session.scalar(select(Membership).filter_by(group_id=group.id, person_id=by.id).with_for_update())
    if member is None:
        member = Membership(
            group_id=group.id, person_id=by.id, number=invitations.next_number(session, group.id), joined_at=at
        )
        session.add(member)
    elif member.state is MembershipState.APPLIED:
        raise Refusal(_("You have asked already. An organiser answers you by letter."))
    elif member.state is not MembershipState.LEFT:
        raise NotYours(_("You cannot ask to join this group."))
    member.state = MembershipState.APPLIED
    session.flush()
    return member


def admit(case_id: int, *, by: Membership | Person, at: datetime) -> Membership:
    """An organiser says yes; the applicant is a member from now on. Raises NotFound, NotYours or Refusal."""
    with transaction() as session:
        case, member = _waiting(session, case_id, by, at)
        _close(session, case, at)
        inviter = by if isinstance(by, Membership) else None
        member.joined_at = at
        invitations.admit(session, member.group, member.person, role=Role.MEMBER, at=at, by=inviter)
        letters.tell(
            session,
            "admitted",
            member,
            once=f"case:{case.id}:{case.round}:answer",
            at=at,
            path=letters.path(member.group),
        )
    return member


def turn_down(case_id: int, *, by: Membership | Person, at: datetime) -> Membership:
    """An organiser says no; who asked may ask again. Raises NotFound, NotYours or Refusal."""
    with transaction() as session:
        case, member = _waiting(session, case_id, by, at)
        _close(session, case, at)
        member.state = MembershipState.LEFT
        session.flush()
        letters.tell(session, "turned_down", member, once=f"case:{case.id}:{case.round}:answer", at=at, path="/")
    return member


def _waiting(session: Session, case_id: int, by: Membership | Person, at: datetime) -> tuple[Case, Membership]:
    case = loaded(session, case_id, by)
    if case.kind is not TargetKind.APPLICATION:
        raise NotFound(_("There is no such case."))
    seat(session, case, by, at)
    still_open(session, case)
    member = locked(session, Membership, case.target_id)
    if member is None or member.state is not MembershipState.APPLIED:
        raise Refusal(_("This request does not wait any more."))
    return case, member


def _close(session: Session, case: Case, at: datetime) -> None:
    case.state, case.decided_at, case.claimed_by_id, case.claimed_until = CaseState.DECIDED, at, None, None
    session.flush()
