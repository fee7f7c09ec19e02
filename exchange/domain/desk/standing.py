"""Who may sit over a case: the organisers who are free, and those who stand aside with their reasons."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from exchange.domain.desk import parties
from exchange.domain.desk.recusal import Bond, Link, People, Reason, links, reason, sentence
from exchange.domain.errors import NotFound, NotYours, Refusal
from exchange.domain.invitations import organising
from exchange.storage.desk import Appeal, Case
from exchange.storage.membership import Membership, MembershipState, Role
from exchange.storage.person import Person

WAITS_FOR_THE_ADMINISTRATOR = timedelta(hours=48)


@dataclass(frozen=True)
class Standing:
    """The free organisers of a case, and by id why each of the others stands aside."""

    people: People
    free: Sequence[Membership]
    aside: dict[int, Reason]


@dataclass(frozen=True)
class Seat:
    """Somebody who may decide: an organiser or the administrator; `conflicted` only what can be undone.

    `close` is why they would stand aside from a report: they may say whether a post that waits goes onto the board, and
    decide nothing about its author.
    """

    standing: Standing
    by: Membership | None = None
    administrator: Person | None = None
    conflicted: bool = False
    close: Reason | None = None


def organisers(session: Session, group_id: int) -> Sequence[Membership]:
    """The active organisers of a group, first come first."""
    found = select(Membership).filter_by(group_id=group_id, role=Role.ORGANISER, state=MembershipState.ACTIVE)
    return session.scalars(found.order_by(Membership.number)).all()


def people(session: Session, case: Case, appeal: Appeal | None = None) -> People:
    """Everybody who has a part in a case, or in an appeal against a decision of it."""
    return parties.people(session, [(case, appeal)])[0]


def standing(session: Session, case: Case, at: datetime, appeal: Appeal | None = None) -> Standing:
    """Who is free to decide a case, or an appeal, and who stands aside."""
    return standings(session, [(case, appeal)], at)[0]


def standings(session: Session, cases: Sequence[tuple[Case, Appeal | None]], at: datetime) -> list[Standing]:
    """The same for several cases of one group, whose links are asked for at once."""
    if not cases:
        return []
    all_of_them = organisers(session, cases[0][0].group_id)
    parts = parties.people(session, cases)
    wide = set().union(*(part.sides for part in parts if not part.narrow))
    found = links(session, {one.id for one in all_of_them}, wide, at)
    return [_stand(all_of_them, part, found) for part in parts]


def _stand(all_of_them: Sequence[Membership], part: People, found: list[Link]) -> Standing:
    reasons = {one.id: reason(one.id, part, found) for one in all_of_them}
    aside = {number: why for number, why in reasons.items() if why is not None}
    return Standing(part, [one for one in all_of_them if one.id not in aside], aside)


def waited(handed_at: datetime | None, at: datetime) -> bool:
    """Whether the administrator has had 48 hours."""
    return handed_at is not None and at >= handed_at + WAITS_FOR_THE_ADMINISTRATOR


def seat(session: Session, case: Case, by: Membership | Person, at: datetime, appeal: Appeal | None = None) -> Seat:
    """The seat that somebody takes over a case. Everything that reads or decides asks here.

    Raises NotYours for members and whoever stands aside, NotFound for an administrator to whom it was not handed over.
    """
    found = standing(session, case, at, appeal)
    handed_at = appeal.handed_at if appeal else case.handed_at
    if isinstance(by, Person):
        mine = _administers(session, case, by, found, handed_at, appeal, at)
        return Seat(found, administrator=by, close=_close(session, found.people, mine, at) if mine else None)
    organising(by)
    why = found.aside.get(by.id)
    if why is None:
        return Seat(found, by=by, close=_close(session, found.people, by, at))
    if not found.free and appeal is None and waited(handed_at, at) and why.bond is not Bond.CONCERNED:
        return Seat(found, by=by, conflicted=True)
    raise NotYours(_("You stand aside. %(why)s", why=said(session, why)))


def not_close(session: Session, sits: Seat) -> None:
    """What goes beyond a post that waits. Raises NotYours for whoever is close to its author."""
    if sits.close is not None:
        raise NotYours(_("You stand aside. %(why)s", why=said(session, sits.close)))


def _close(session: Session, part: People, member: Membership, at: datetime) -> Reason | None:
    """Why somebody free in a case that ignores closeness would not be so otherwise."""
    if not part.narrow:
        return None
    wide = replace(part, narrow=False)
    return reason(member.id, wide, links(session, {member.id}, wide.sides, at))


def open_notes(session: Session, cases: Collection[Case], reader: Membership | Person, at: datetime) -> set[int]:
    """Of some cases those whose notes somebody may read: the ones from which they do not stand aside."""
    found = set()
    for case in cases:
        try:
            sits = seat(session, case, reader, at)
        except Refusal:
            continue
        if not sits.conflicted and sits.close is None:
            found.add(case.id)
    return found


def said(session: Session, why: Reason) -> str:
    """The reason in words for the organiser concerned."""
    other = session.get(Membership, why.other) if why.other is not None else None
    return str(sentence(why, {other.id: other.name} if other else {}))


def _administers(
    session: Session,
    case: Case,
    by: Person,
    found: Standing,
    handed_at: datetime | None,
    appeal: Appeal | None,
    at: datetime,
) -> Membership | None:
    """An administrator who is a member, whose membership is returned, is a party like anybody."""
    if not by.is_administrator or handed_at is None:
        raise NotFound(_("There is no such case."))
    if appeal is not None and appeal.decision.administrator_id == by.id:
        raise NotYours(_("You stand aside. %(why)s", why=said(session, Reason(Bond.DECIDED))))
    mine: Membership | None = session.scalar(select(Membership).filter_by(person_id=by.id, group_id=case.group_id))
    if mine is None:
        return None
    why = reason(mine.id, found.people, links(session, {mine.id}, found.people.sides, at))
    if why is not None:
        raise NotYours(_("You stand aside. %(why)s", why=said(session, why)))
    return mine
