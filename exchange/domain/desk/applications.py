"""Asking to join: somebody applies, and an organiser says yes or no."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from exchange.domain import invitations, letters, words
from exchange.domain.desk import rules, settings, targets
from exchange.domain.desk.decisions import still_open
from exchange.domain.desk.opening import loaded, open_case, tell_free
from exchange.domain.desk.standing import seat, standing
from exchange.domain.errors import NotFound, NotYours, Refusal
from exchange.storage.db import db, locked, transaction
from exchange.storage.desk import Case, CaseState, TargetKind
from exchange.storage.group import Group
from exchange.storage.membership import Membership, MembershipState, Role
from exchange.storage.person import Person
from exchange.storage.policy import Asking, GroupPolicy, GroupRule, Joining


@dataclass(frozen=True)
class Front:
    """What a group that may be asked shows to whoever asks. `state` is that of their membership, if any."""

    group: Group
    settled: settings.Settled
    rules: Sequence[GroupRule]
    state: MembershipState | None


def front(slug: str, *, seen_by: Person | None) -> Front:
    """A group that may be asked. Raises NotFound for any other: nobody learns that it exists."""
    group = listed_group(db.session(), slug)
    mine = select(Membership.state).filter_by(group_id=group.id, person_id=seen_by.id if seen_by else 0)
    return Front(group, settings.of(group), rules.of(db.session(), group.id), db.session.scalar(mine))


def listed() -> list[Group]:
    """The groups that may be asked, by name."""
    found = select(Group).join(GroupPolicy, GroupPolicy.group_id == Group.id)
    return list(
        db.session.scalars(
            found.where(GroupPolicy.joining == Joining.ASKING, Group.archived_at.is_(None)).order_by(Group.name)
        )
    )


def is_listed(slug: str) -> int | None:
    """The id of the group with this address, if it may be asked: its checkpoint and its key are open to everybody."""
    try:
        return listed_group(db.session(), slug).id
    except NotFound:
        return None


def listed_group(session: Session, slug: str) -> Group:
    """A group that may be asked, by its address. Raises NotFound for any other."""
    group = session.scalar(select(Group).filter_by(slug=slug))
    policy = session.get(GroupPolicy, group.id) if group else None
    if group is None or group.archived_at or policy is None or policy.joining is not Joining.ASKING:
        raise NotFound(_("There is no such page."))
    return group


def apply(slug: str, *, by: Person, at: datetime, answer: str = "") -> Membership:
    """A person with an account asks to join a group that may be asked, and answers what it asks.

    Raises NotFound where it may not, BadInput without an answer, NotYours for who was removed, Refusal for members
    and a second request.
    """
    with transaction() as session:
        group = listed_group(session, slug)
        return asked(session, group, by, answer, at)


def asked(session: Session, group: Group, by: Person, answer: str, at: datetime) -> Membership:
    """Inside a running verb, last: the request waits, and the organisers are told."""
    question = settings.of(group).question
    answer = words.text(answer, field="answer", name=_("The answer"), most=words.NOTE, required=bool(question))
    member = _applicant(session, group, by, at)
    session.merge(Asking(membership_id=member.id, question=question, answer=answer))
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
            group_id=group.id,
            person_id=by.id,
            number=invitations.next_number(session, group.id),
            contact=by.email[:200],
            joined_at=at,
        )
        session.add(member)
    elif member.state is MembershipState.APPLIED:
        raise Refusal(_("You have asked already. An organiser answers you by letter."))
    elif member.state is not MembershipState.LEFT:
        raise NotYours(_("You cannot ask to join this group."))
    member.state = MembershipState.APPLIED
    session.flush()
    return member


def take_back(slug: str, *, by: Person) -> Membership:
    """Who has asked does not want to join any more. Raises NotFound when nothing of theirs waits."""
    with transaction() as session:
        group = listed_group(session, slug)
        mine = select(Membership).filter_by(group_id=group.id, person_id=by.id, state=MembershipState.APPLIED)
        member = session.scalar(mine.with_for_update(of=Membership))
        if member is None:
            raise NotFound(_("Nothing of yours waits here."))
        member.state = MembershipState.LEFT
        session.execute(delete(Asking).where(Asking.membership_id == member.id))
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
    still_open(session, case, by)
    member = locked(session, Membership, case.target_id)
    if member is None or member.state is not MembershipState.APPLIED:
        raise Refusal(_("This request does not wait any more."))
    return case, member


def _close(session: Session, case: Case, at: datetime) -> None:
    case.state, case.decided_at, case.claimed_by_id, case.claimed_until = CaseState.DECIDED, at, None, None
    session.execute(delete(Asking).where(Asking.membership_id == case.target_id))
    session.flush()
