"""Opening a case, and telling those who may decide. Everything here runs inside a verb."""

from collections.abc import Collection, Sequence
from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from exchange import log
from exchange.domain import archived, letters
from exchange.domain.desk.standing import Standing, standing
from exchange.domain.desk.targets import Target
from exchange.domain.errors import NotFound
from exchange.sentences import NOBODY_FREE
from exchange.storage.db import locked
from exchange.storage.desk import Appeal, Case, CaseState, Decision, Proposal, Report, TargetKind
from exchange.storage.insert import insert_new
from exchange.storage.letter import Letter
from exchange.storage.membership import Membership
from exchange.storage.person import Person


def open_case(session: Session, kind: TargetKind, target: Target, at: datetime) -> tuple[Case, bool]:
    """The case of a thing, locked, and whether it or its round is new. A decided one goes into the next round."""
    place = {"kind": kind, "target_id": target.row.id}
    fresh = {"group_id": target.about.group_id, "about_id": target.about.id, "state": CaseState.OPEN, "round": 1}
    if session.scalar(select(Case.id).filter_by(**place)) is None:
        insert_new(session, Case, [place | fresh | {"opened_at": at}])
    case = locked(session, Case, session.scalars(select(Case.id).filter_by(**place)).one())
    assert case is not None  # noqa: S101 (it was found a line before)
    if case.state is CaseState.DECIDED:
        case.state, case.round, case.opened_at, case.decided_at = CaseState.OPEN, case.round + 1, at, None
        case.handed_at = case.claimed_by_id = case.claimed_until = None
        session.flush()
        return case, True
    # Somebody else may have put the row there a moment before: whoever holds the lock first is the first to report.
    found = select(Report.id).filter_by(case_id=case.id, round=case.round)
    return case, session.scalar(found.limit(1)) is None


def loaded(session: Session, case_id: int, by: Membership | Person) -> Case:
    """The one way to a case for whoever does something about it, locked.

    Raises NotFound for another group's, Refusal while the group is archived.
    """
    where = {"group_id": by.group_id} if isinstance(by, Membership) else {}
    case = locked(session, Case, case_id, **where)
    if case is None:
        raise NotFound(_("There is no such case."))
    archived.awake(case.about.group)
    return case


def latest(session: Session, case: Case) -> Decision | None:
    """The decision that holds now."""
    replaced = select(Decision.replaces_id).where(Decision.replaces_id.is_not(None))
    found = select(Decision).filter_by(case_id=case.id).where(Decision.id.not_in(replaced))
    return session.scalar(found.order_by(Decision.id.desc()).limit(1))


def proposed(proposal: Proposal, by: Membership | Person) -> bool:
    """Whether somebody proposed it, as an organiser or as the site's administrator: one person is never two."""
    person = proposal.by.person_id if proposal.by else proposal.administrator_id
    return person == (by.id if isinstance(by, Person) else by.person_id)


def tell_free(session: Session, case: Case, found: Standing, *, of: str, once: str, at: datetime, but: int = 0) -> None:
    """Something waits for the free organisers.

    `of` says what: report, held, application, appeal, second, objection, told.
    """
    for organiser in found.free:
        if organiser.id != but:
            letters.tell(
                session,
                "at_desk",
                organiser,
                once=once,
                at=at,
                of=of,
                path=letters.path(organiser.group, "desk", case.id),
            )


def hand_over(session: Session, case: Case, at: datetime, appeal: Appeal | None = None) -> None:
    """Nobody is free: the site's administrator sees the case from now on, and the log says so. Call it last."""
    item, once = (appeal, f"appeal:{appeal.id}:handed") if appeal else (case, f"case:{case.id}:{case.round}:handed")
    if item.handed_at is not None:
        return
    item.handed_at = at
    session.flush()
    tell_administrators(session, [case.about], once=once, at=at, appeal=appeal is not None)


def tell_administrators(
    session: Session,
    about: Sequence[Membership],
    *,
    once: str,
    at: datetime,
    appeal: bool = False,
    dispute: bool = False,
    withheld: Collection[str] = ("target",),
) -> None:
    """Something about these members waits for the administrator from now on, and the log says so. Call it last."""
    group = about[0].group
    for person in session.scalars(select(Person).filter_by(is_administrator=True, active=True).order_by(Person.id)):
        session.add(
            Letter(
                kind="handed_over",
                email=person.email,
                person_id=person.id,
                group_id=None,
                once=once,
                facts={"name": group.name, "appeal": appeal, "dispute": dispute, "path": "/admin/desk"},
                due_at=at,
                created_at=at,
            )
        )
    log.record_decision(
        session,
        act="handed_over",
        by=[],
        rule="nobody_free",
        why=NOBODY_FREE,
        at=at,
        about=about,
        withheld=withheld,
        group_id=group.id,
    )


def hand_over_if_nobody_is_free(session: Session, case: Case, at: datetime, appeal: Appeal | None = None) -> None:
    """Look again who is free, for the case and for an appeal that waits in it. Call it last."""
    if appeal is not None and not standing(session, case, at, appeal).free:
        hand_over(session, case, at, appeal)
    if case.state is CaseState.OPEN and not standing(session, case, at).free:
        hand_over(session, case, at)
