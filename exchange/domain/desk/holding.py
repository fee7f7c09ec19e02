"""Which decision holds where several were made about the same thing or member, one after the other."""

from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from exchange.domain.desk.targets import POSTS
from exchange.storage.desk import Act, Case, Decision

TAKE_OFF = frozenset({Act.HIDE, Act.ASK_EDIT, Act.REMOVE})


def takes_off(session: Session, case: Case) -> Decision | None:
    """The last decision that takes the thing of a case off the pages and was not taken back."""
    return session.scalar(_taking_off(case).order_by(Decision.id.desc()).limit(1))


def another_holds(session: Session, decision: Decision, at: datetime) -> bool:
    """Whether something else holds the same thing off the pages, or keeps the same member out, whatever becomes of it.

    What was decided before does so no more: it had ended, or nothing new could have been decided.
    """
    if decision.act in TAKE_OFF:
        others = _taking_off(decision.case).where(Decision.id > decision.id)
    else:
        others = _standing().where(Case.about_id == decision.case.about_id, Decision.act == decision.act)
        later = Decision.until > at if decision.act is Act.SUSPEND else Decision.id > decision.id
        others = others.where(Decision.id != decision.id, later)
    return session.scalar(others.limit(1)) is not None


def _taking_off(case: Case) -> Select[Decision]:
    """A post may have two cases: one as it waited for a yes, one as it was reported."""
    kinds = POSTS if case.kind in POSTS else {case.kind}
    same = Case.kind.in_(kinds), Case.target_id == case.target_id
    return _standing().where(*same, Decision.act.in_(TAKE_OFF))


def _standing() -> Select[Decision]:
    """Decisions that nobody has taken back or changed."""
    replaced = select(Decision.replaces_id).where(Decision.replaces_id.is_not(None))
    return select(Decision).join(Case, Case.id == Decision.case_id).where(Decision.id.not_in(replaced))
