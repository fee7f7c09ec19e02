"""One case with everything needed to decide on it, for whoever may."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from exchange import log
from exchange.domain.desk import effects, questions, rules, seconds, targets, telling
from exchange.domain.desk.cases import waiting_appeal
from exchange.domain.desk.opening import proposed
from exchange.domain.desk.pages import Again, Before, CaseView, Objected, Proposed, Said
from exchange.domain.desk.standing import Seat, open_notes, seat
from exchange.domain.errors import NotFound, NotYours
from exchange.storage.db import db
from exchange.storage.desk import (
    Act,
    Appeal,
    Case,
    CaseState,
    Decision,
    DecisionNote,
    Objection,
    Proposal,
    Report,
    TargetKind,
)
from exchange.storage.membership import Membership
from exchange.storage.person import Person
from exchange.storage.post import Post

YEAR = timedelta(days=365)
LIKE = 5
SIMPLE = {TargetKind.HELD_POST: "release", TargetKind.APPLICATION: "admit"}


def show(case_id: int, *, seen_by: Membership | Person, at: datetime) -> CaseView:
    """A case for a free organiser, or for the administrator when it was handed over.

    Raises NotFound, NotYours with the reason for whoever stands aside.
    """
    session = db.session()
    where = {"group_id": seen_by.group_id} if isinstance(seen_by, Membership) else {}
    case = session.scalar(select(Case).filter_by(id=case_id, **where))
    if case is None:
        raise NotFound(_("There is no such case."))
    again = waiting_appeal(session, case)
    sits = seat(session, case, seen_by, at, again if case.state is CaseState.DECIDED else None)
    if again is not None and case.state is CaseState.OPEN and not _may_answer(session, case, seen_by, at, again):
        again = None
    return _view(session, case, sits, seen_by, again, at)


def _may_answer(session: Session, case: Case, reader: Membership | Person, at: datetime, again: Appeal) -> bool:
    try:
        seat(session, case, reader, at, again)
    except (NotFound, NotYours):
        return False
    return True


def _view(
    session: Session, case: Case, sits: Seat, reader: Membership | Person, again: Appeal | None, at: datetime
) -> CaseView:
    target = targets.find(session, case.kind, case.target_id, case.group_id)
    notes = not sits.conflicted and sits.close is None
    mine = select(Decision).filter_by(case_id=case.id)
    others = select(Decision).join(Case).where(Case.about_id == case.about_id, Case.id != case.id)
    earlier = session.scalars(others.order_by(Decision.id.desc())).all()
    reported = session.scalars(select(Report).filter_by(case_id=case.id).order_by(Report.id)).all()
    said_rules = {one.rule for one in reported}
    like = select(Decision).where(
        Decision.group_id == case.group_id, Decision.case_id != case.id, Decision.rule.in_(said_rules)
    )
    posts = select(func.count()).select_from(Post).filter_by(author_id=case.about_id)
    claimed = case.claimed_until is not None and at < case.claimed_until
    return CaseView(
        id=case.id,
        kind=case.kind,
        target_id=case.target_id,
        state=case.state,
        round=case.round,
        since=again.made_at if again else case.opened_at,
        until=target.row.held_until if target and isinstance(target.row, Post) else None,
        title=target.title if target else "",
        texts=targets.texts(session, case.kind, target, case.id) if target else [],
        linked=target is not None and isinstance(reader, Membership) and targets.known_to(target, case.kind, reader),
        written_at=target.written_at if target else None,
        member=case.about,
        year=log.balances_since(session, [case.about_id], (at - YEAR).date())[case.about_id],
        posts=session.scalar(posts) or 0,
        reports=_said([one for one in reported if one.round == case.round], notes=notes),
        history=_before(session, session.scalars(mine.order_by(Decision.id)), {case.id} if notes else ()),
        earlier=_before(session, earlier, _open_notes(session, earlier, reader, at)),
        like=_before(session, session.scalars(like.order_by(Decision.id.desc()).limit(LIKE))),
        rules=rules.of(session, case.group_id),
        free=len(sits.standing.free),
        asides=len(sits.standing.aside),
        claimed_by=case.claimed_by.name if claimed and case.claimed_by else "",
        claimed_until=case.claimed_until if claimed else None,
        proposal=_proposal(session, case, reader, sits),
        objection=_objection(session, case, sits),
        appeal=_again(session, again) if again else None,
        conflicted=sits.conflicted,
        may=_may(case, sits, again),
        takes_two=frozenset(act.value for act in Act if effects.takes_two(case, act) and _second_is_there(sits)),
    )


def _open_notes(
    session: Session, decisions: Sequence[Decision], reader: Membership | Person, at: datetime
) -> Collection[int]:
    """The cases whose notes the reader may read, among those in which there are any."""
    noted = select(DecisionNote.decision_id).where(DecisionNote.decision_id.in_(one.id for one in decisions))
    found = set(session.scalars(noted)) if decisions else set()
    return open_notes(session, {one.case for one in decisions if one.id in found}, reader, at)


def _said(reported: Sequence[Report], *, notes: bool) -> list[Said]:
    asked = questions.of_reports([one.id for one in reported]) if notes else {}
    return [Said(one.id, one.rule, one.note if notes else "", one.made_at, asked.get(one.id, ())) for one in reported]


def _second_is_there(sits: Seat) -> bool:
    return bool(sits.standing.free) and not sits.conflicted


def _may(case: Case, sits: Seat, again: Appeal | None) -> frozenset[str]:
    may: set[str] = set()
    if case.state is CaseState.OPEN:
        acts = effects.possible(case, conflicted=sits.conflicted)
        may |= {act.value for act in acts if sits.close is None or act not in effects.ABOUT_THE_MEMBER}
        may |= {SIMPLE[case.kind]} if case.kind in SIMPLE and not sits.conflicted else set()
        may |= {"claim", "stand_aside"} if sits.by and not sits.conflicted else set()
    elif again is None and not sits.conflicted and sits.close is None:
        may |= {"reverse"}
    if again is not None:
        may |= {"answer_appeal"} | ({"stand_aside"} if sits.by else set())
    if not sits.conflicted and (case.state is CaseState.OPEN or again is not None):
        may |= {"ask"}
    return frozenset(may)


def _before(session: Session, decisions: Iterable[Decision], notes: Collection[int] = ()) -> list[Before]:
    """Decisions with the notes of these cases, which the reader may read."""
    found = list(decisions)
    ids = [one.id for one in found]
    outcomes = {
        one.decision_id: one.outcome for one in session.scalars(select(Appeal).where(Appeal.decision_id.in_(ids)))
    }
    noted = select(DecisionNote).where(DecisionNote.decision_id.in_(o.id for o in found if o.case_id in notes))
    words = {one.decision_id: one.text for one in session.scalars(noted)} if notes else {}
    return [
        Before(
            decision_id=one.id,
            act=one.act,
            rule=one.rule,
            why=one.why,
            by=", ".join(telling.names(one)),
            at=one.at,
            until=one.until,
            outcome=outcomes.get(one.id),
            note=words.get(one.id, ""),
            round=one.round,
        )
        for one in found
    ]


def _proposal(session: Session, case: Case, reader: Membership | Person, sits: Seat) -> Proposed | None:
    found = session.scalar(select(Proposal).filter_by(case_id=case.id, ended_at=None))
    if found is None:
        return None
    return Proposed(
        id=found.id,
        act=found.act,
        rule=found.rule,
        why=found.why,
        note="" if sits.conflicted or sits.close else found.note,
        until=found.until,
        by=found.by.name if found.by else str(_("The site’s administrator")),
        at=found.made_at,
        mine=proposed(found, reader),
        may_answer=not proposed(found, reader) and seconds.may_answer(found, sits),
    )


def _objection(session: Session, case: Case, sits: Seat) -> Objected | None:
    found = session.scalar(select(Objection).filter_by(case_id=case.id, upheld=None))
    if found is None:
        return None
    organiser = session.get_one(Membership, found.organiser_id)
    return Objected(found.id, organiser.name, found.why, found.made_at, not sits.conflicted)


def _again(session: Session, again: Appeal) -> Again:
    (before,) = _before(session, [again.decision], {again.decision.case_id})
    return Again(again.id, before, again.why, again.made_at, again.by_id is None)
