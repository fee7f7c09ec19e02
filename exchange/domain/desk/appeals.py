"""Appeals: the member concerned asks, once, that somebody else looks again."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from exchange.domain import words
from exchange.domain.desk import effects, telling
from exchange.domain.desk.decisions import Before, Made, carry_out, needs_second, propose, worded
from exchange.domain.desk.opening import hand_over, loaded, tell_free
from exchange.domain.desk.standing import seat, standing
from exchange.domain.errors import BadInput, NotFound, Refusal
from exchange.storage.db import locked, transaction
from exchange.storage.desk import Act, Appeal, Case, Decision
from exchange.storage.desk import Outcome as Outcome
from exchange.storage.membership import Membership
from exchange.storage.person import Person


def appeal(decision_id: int, *, by: Membership, why: str, at: datetime) -> Appeal:
    """The member concerned, also one who is suspended or was removed, asks for another look; within 20 days, once.

    Raises NotFound for anybody else's, BadInput without a reason, Refusal when it is too late, was asked before, or
    was itself decided on an appeal.
    """
    why = words.text(why, field="why", name=_("Your reason"), most=words.NOTE, required=True)
    with transaction() as session:
        found = session.get(Decision, decision_id)
        if found is None or found.case.about_id != by.id or by.erased_by_entry is not None:
            raise NotFound(_("There is no such decision."))
        case = loaded(session, found.case_id, by)
        _may_still(session, found, at)
        made = Appeal(decision=found, by_id=by.id, why=why, made_at=at)
        session.add(made)
        session.flush()
        who = standing(session, case, at, made)
        tell_free(session, case, who, of="appeal", once=f"appeal:{made.id}", at=at)
        if not who.free:
            hand_over(session, case, at, made)
    return made


def _may_still(session: Session, decision: Decision, at: datetime) -> None:
    if session.scalar(select(Appeal.id).filter_by(decision_id=decision.id)) is not None:
        raise Refusal(_("Another look was asked for already. It can be asked for once."))
    on_appeal = session.scalar(select(Appeal.id).filter_by(result_id=decision.id)) is not None
    if decision.act not in telling.APPEALABLE or on_appeal:
        raise Refusal(_("This decision is final."))
    if at > decision.at + telling.APPEAL_WITHIN:
        raise Refusal(_("Another look can be asked for within 20 days. They are over."))
    replaced = session.scalar(select(Decision).filter_by(replaces_id=decision.id))
    if replaced is not None:
        raise Refusal(_("This decision does not hold any more."))


def answer(
    appeal_id: int,
    outcome: Outcome,
    *,
    by: Membership | Person,
    why: str,
    at: datetime,
    rule: int | None = None,
    act: Act | None = None,
    until: datetime | None = None,
    note: str = "",
) -> Decision | None:
    """Somebody who did not decide before answers an appeal: upheld, overturned, or changed into another act.

    Without a `rule` it stays the one of the first decision. None: a second person has to agree.

    Raises NotFound, NotYours for whoever stands aside, BadInput without reason, act or date, Before when it was
    answered.
    """
    why = words.text(why, field="why", name=_("The reason"), most=words.NOTE, required=True)
    note = words.text(note, field="note", name=_("The note"), most=words.NOTE)
    with transaction() as session:
        asked = session.get(Appeal, appeal_id)
        if asked is None:
            raise NotFound(_("There is no such appeal."))
        case = loaded(session, asked.decision.case_id, by)
        found = locked(session, Appeal, appeal_id)
        assert found is not None  # noqa: S101 (appeals are never deleted)
        sits = seat(session, case, by, at, found)
        if found.result_id is not None:
            raise Before(session.get_one(Decision, found.result_id), by)
        if outcome is Outcome.CHANGED:
            made = _changed(session, case, found, act, rule=rule, why=why, note=note, until=until, at=at)
        else:
            kind, replaces = (Act.UPHOLD, None) if outcome is Outcome.UPHELD else (Act.RESTORE, found.decision)
            made = Made(kind, found.decision.rule, why, note, replaces=replaces, appeal=found)
        if needs_second(case, made.act, sits):
            propose(session, case, made, sits, at)
            return None
        return carry_out(session, case, made, sits, at)


def _changed(session: Session, case: Case, found: Appeal, act: Act | None, *, at: datetime, **said: Any) -> Made:
    """Another act in place of the first one. Raises BadInput or Refusal for what cannot be done."""
    if act is None:
        raise BadInput(_("Choose what shall be done instead."), field="act")
    made = worded(session, case, act, **said)
    effects.check(case, act, said["until"], at, conflicted=False, again=True)
    return replace(made, replaces=found.decision, appeal=found)
