"""Objections: somebody with a part in a case says that one organiser should not decide it. One per case."""

from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from exchange.domain import words
from exchange.domain.desk.cases import waiting_appeal
from exchange.domain.desk.opening import hand_over_if_nobody_is_free, loaded, tell_free
from exchange.domain.desk.standing import Standing, organisers, seat, standing
from exchange.domain.errors import BadInput, NotFound, Refusal
from exchange.storage.db import db, locked, transaction
from exchange.storage.desk import Appeal, Case, CaseState, Decision, Objection
from exchange.storage.membership import Membership
from exchange.storage.person import Person


def object_to(case_id: int, number: int, *, by: Membership, why: str, at: datetime) -> Objection:
    """A reporter, or the member who appealed, objects to an organiser, by number; who it was is told to nobody.

    Until it is answered that organiser stands aside. Raises NotFound for whoever has no part in the case, BadInput
    for the organiser or the reason, Refusal for a second one or when nothing waits.
    """
    why = words.text(why, field="why", name=_("The reason"), most=words.NOTE, required=True)
    with transaction() as session:
        case = loaded(session, case_id, by)
        again = waiting_appeal(session, case)
        found = standing(session, case, at, again)
        appealed = again is not None and by.id == case.about_id
        if not (appealed or by.id in found.people.reporters):
            raise NotFound(_("There is no such case."))
        if case.state is CaseState.DECIDED and again is None:
            raise Refusal(_("Nothing waits for a decision here any more."))
        if session.scalar(select(Objection.id).filter_by(case_id=case.id)) is not None:
            raise Refusal(_("There was an objection in this case already. There can be one."))
        chosen = next((one for one in organisers(session, case.group_id) if one.number == number), None)
        if chosen is None:
            raise BadInput(_("Choose one of the organisers."), field="organiser")
        made = Objection(case_id=case.id, by_id=by.id, organiser_id=chosen.id, why=why, made_at=at)
        session.add(made)
        session.flush()
        _ask(session, case, again, made, found, at)
    return made


def _ask(session: Session, case: Case, again: Appeal | None, made: Objection, found: Standing, at: datetime) -> None:
    tell_free(session, case, found, of="objection", once=f"objection:{made.id}", at=at, but=made.organiser_id)
    hand_over_if_nobody_is_free(session, case, at, again)


def answer(objection_id: int, *, by: Membership | Person, upheld: bool, at: datetime) -> Objection:
    """Another free organiser, or the administrator, says whether the organiser stands aside for good.

    Raises NotFound, NotYours for whoever stands aside (the one objected to among them), Refusal when it was answered.
    """
    with transaction() as session:
        found = session.get(Objection, objection_id)
        if found is None:
            raise NotFound(_("There is no such objection."))
        case = loaded(session, found.case_id, by)
        objection = locked(session, Objection, objection_id)
        assert objection is not None  # noqa: S101 (objections are never deleted)
        again = waiting_appeal(session, case)
        of_appeal = case.state is CaseState.DECIDED or objection.by_id == case.about_id
        sits = seat(session, case, by, at, again if of_appeal else None)
        if sits.conflicted:
            raise Refusal(_("You are close to somebody in this case. The site’s administrator answers this."))
        if objection.upheld is not None:
            raise Refusal(_("This was answered a moment before you."))
        objection.upheld, objection.decided_at = upheld, at
        objection.decided_by_id = by.id if isinstance(by, Membership) else None
        session.flush()
        hand_over_if_nobody_is_free(session, case, at, again)
    return objection


def open_to(decision_id: int, *, seen_by: Membership) -> list[Membership]:
    """The organisers to whom the member who appealed may still object."""
    session = db.session()
    decision = session.get(Decision, decision_id)
    if decision is None or decision.case.about_id != seen_by.id:
        return []
    if session.scalar(select(Objection.id).filter_by(case_id=decision.case_id)) is not None:
        return []
    return [one for one in organisers(session, decision.group_id) if one.id != seen_by.id]
