"""What waits at the desk, as one organiser sees it; looking at a case, and standing aside from it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _
from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from exchange.domain import words
from exchange.domain.desk import disputed, targets
from exchange.domain.desk.opening import hand_over_if_nobody_is_free, loaded
from exchange.domain.desk.pages import Desk, Line
from exchange.domain.desk.recusal import Bond
from exchange.domain.desk.standing import Standing, organisers, said, seat, standings, waited
from exchange.domain.errors import NotYours, Refusal
from exchange.domain.invitations import organising
from exchange.storage.db import db, transaction
from exchange.storage.desk import Appeal, Aside, Case, CaseState, Decision, Proposal, Report, TargetKind
from exchange.storage.favor import Favor, FavorState
from exchange.storage.membership import Membership, MembershipState
from exchange.storage.person import Person
from exchange.storage.post import Post, PostState

CLAIMED_FOR = timedelta(minutes=30)
Waits = tuple[Case, Appeal | None]


def desk(*, seen_by: Membership, at: datetime) -> Desk:
    """What waits for the reader to decide, oldest first; and without its texts what they stand aside from.

    Raises NotYours for anybody but an organiser.
    """
    organising(seen_by)
    session = db.session()
    waits = _waits(session, seen_by.group_id)
    lines = _lines(session, waits, seen_by, at)
    lines = sorted([*lines, *disputed.lines(session, seen_by.group_id, seen_by, at)], key=lambda line: line.since)
    return Desk([line for line in lines if not line.aside], [line for line in lines if line.aside])


def count(*, seen_by: Membership, at: datetime) -> int:
    """How many things wait for the reader to decide; 0 for anybody but an organiser."""
    if not seen_by.is_organiser:
        return 0
    session = db.session()
    if not _anything(session, seen_by.group_id):
        return 0
    waiting = counts(session, seen_by.group_id, at)[seen_by.id]
    return waiting + sum(not line.aside for line in disputed.lines(session, seen_by.group_id, seen_by, at))


def _anything(session: Session, group_id: int) -> bool:
    """Whether anything may wait: asked on every page, and nearly always answered with no by one small statement."""
    asked = select(Appeal.id).join(Decision, Decision.id == Appeal.decision_id)
    some = (
        select(Case.id).filter_by(group_id=group_id, state=CaseState.OPEN),
        asked.where(Decision.group_id == group_id, Appeal.outcome.is_(None)),
        select(Favor.id).filter_by(group_id=group_id, state=FavorState.DISPUTED),
    )
    return bool(session.scalar(select(or_(*(one.exists() for one in some)))))


def counts(session: Session, group_id: int, at: datetime) -> Counter[int]:
    """By organiser how many cases and appeals wait for them, not counting disputes, which have pages of their own."""
    waits = _waits(session, group_id)
    everybody = organisers(session, group_id) if waits else []
    return Counter(
        one.id
        for (case, appeal), stand in zip(waits, standings(session, waits, at), strict=True)
        for one in everybody
        if one.id not in stand.aside or _late(case, appeal, stand, one, at)
    )


def of_group(group_id: int, *, at: datetime) -> list[Line]:
    """Everything that waits in a group, oldest first, for the operator: without a name and without a word of it."""
    session = db.session()
    waits = _waits(session, group_id)
    lines = [*_lines(session, waits, None, at), *disputed.lines(session, group_id, None, at)]
    return [replace(line, title="", name="") for line in sorted(lines, key=lambda line: line.since)]


def handed(*, by: Person, at: datetime) -> list[Line]:
    """What waits for the site's administrator because no organiser is free, oldest first, over all groups.

    In archived groups nothing waits for anybody.
    """
    if not by.is_administrator:
        raise NotYours(_("Only the site’s administrator can do this."))
    session = db.session()
    cases = session.scalars(select(Case).filter_by(state=CaseState.OPEN).where(Case.handed_at.is_not(None)))
    asked = session.scalars(select(Appeal).filter_by(outcome=None).where(Appeal.handed_at.is_not(None)))
    waits: list[Waits] = [*((case, None) for case in cases), *((one.decision.case, one) for one in asked)]
    lines = []
    for case, again in waits:
        if case.about.group.archived_at is not None:
            continue
        try:
            seat(session, case, by, at, again)
        except NotYours:
            continue
        lines += _lines(session, [(case, again)], None, at)
    return sorted([*lines, *disputed.handed(session, by, at)], key=lambda line: line.since)


def claim(case_id: int, *, by: Membership, at: datetime) -> Case:
    """An organiser looks at a case, and the others see it for half an hour.

    Raises NotFound, NotYours for whoever stands aside, Refusal while somebody else looks at it or when it is decided.
    """
    with transaction() as session:
        case = loaded(session, case_id, by)
        decided = case.state is CaseState.DECIDED
        seat(session, case, by, at, waiting_appeal(session, case) if decided else None)
        if decided:
            raise Refusal(_("Nothing waits for a decision here any more."))
        if _claimed(case, at) and case.claimed_by_id != by.id:
            raise Refusal(
                _("%(name)s looks at this case just now.", name=case.claimed_by.name if case.claimed_by else "")
            )
        case.claimed_by_id, case.claimed_until = by.id, at + CLAIMED_FOR
    return case


def leave_it(case_id: int, *, by: Membership) -> Case:
    """An organiser leaves a case that they looked at to the others."""
    with transaction() as session:
        case = loaded(session, case_id, by)
        if case.claimed_by_id == by.id:
            case.claimed_by_id = case.claimed_until = None
    return case


def stand_aside(case_id: int, *, by: Membership, at: datetime, why: str = "") -> Case:
    """An organiser stands aside by themself, whatever the rules know; why is kept for them alone.

    Raises NotFound, NotYours for members, Refusal when they stand aside already or nothing waits.
    """
    why = words.text(why, field="why", name=_("The reason"), most=words.NOTE)
    with transaction() as session:
        organising(by)
        case = loaded(session, case_id, by)
        again = waiting_appeal(session, case)
        if case.state is CaseState.DECIDED and again is None:
            raise Refusal(_("Nothing waits for a decision here any more."))
        (found,) = standings(session, [(case, again)], at)
        if by.id in found.aside:
            raise Refusal(_("You stand aside already."))
        session.add(Aside(case_id=case.id, member_id=by.id, why=why, at=at))
        if case.claimed_by_id == by.id:
            case.claimed_by_id = case.claimed_until = None
        session.flush()
        hand_over_if_nobody_is_free(session, case, at, again)
    return case


def waiting_appeal(session: Session, case: Case) -> Appeal | None:
    """The appeal that waits in a case."""
    found = select(Appeal).join(Decision, Decision.id == Appeal.decision_id)
    return session.scalar(found.where(Decision.case_id == case.id, Appeal.outcome.is_(None)).limit(1))


def _waits(session: Session, group_id: int) -> list[Waits]:
    """What waits in a group; a post that is not held any more, and somebody who asks no longer, wait for nobody."""
    held = exists().where(Post.id == Case.target_id, Post.group_id == group_id, Post.state == PostState.HELD)
    still = or_(Case.kind != TargetKind.HELD_POST, held)
    cases = session.scalars(select(Case).filter_by(group_id=group_id, state=CaseState.OPEN).where(still)).all()
    asked = select(Appeal).join(Decision, Decision.id == Appeal.decision_id)
    asked = asked.where(Decision.group_id == group_id, Appeal.outcome.is_(None))
    applied = MembershipState.APPLIED
    waiting = [case for case in cases if case.kind is not TargetKind.APPLICATION or case.about.state is applied]
    return [*((case, None) for case in waiting), *((one.decision.case, one) for one in session.scalars(asked))]


def _claimed(case: Case, at: datetime) -> bool:
    return case.claimed_until is not None and at < case.claimed_until


def _late(case: Case, again: Appeal | None, found: Standing, reader: Membership, at: datetime) -> bool:
    """Whether nobody has decided for so long that the reader may, though they ought to stand aside."""
    why = found.aside.get(reader.id)
    late = again is None and not found.free and waited(case.handed_at, at)
    return late and why is not None and why.bond is not Bond.CONCERNED


def _lines(session: Session, waits: Sequence[Waits], reader: Membership | None, at: datetime) -> list[Line]:
    """What waits in one group as a reader sees it. How many reports and which proposals there are is asked at once."""
    cases = {case.id for case, _ in waits}
    of_round = select(Report.case_id, func.count()).join(Case, Case.id == Report.case_id)
    of_round = of_round.where(Report.case_id.in_(cases), Report.round == Case.round).group_by(Report.case_id)
    reports = {case: count for case, count in session.execute(of_round)} if cases else {}  # noqa: C416 (a row is no pair for mypy)
    proposed = select(Proposal.case_id).where(Proposal.case_id.in_(cases), Proposal.ended_at.is_(None))
    halves = set(session.scalars(proposed)) if cases else set()
    return [
        _line(session, case, again, found, reader, at, reports=reports.get(case.id, 0), proposed=case.id in halves)
        for (case, again), found in zip(waits, standings(session, waits, at), strict=True)
    ]


def _line(
    session: Session,
    case: Case,
    again: Appeal | None,
    found: Standing,
    reader: Membership | None,
    at: datetime,
    *,
    reports: int,
    proposed: bool,
) -> Line:
    why = found.aside.get(reader.id) if reader else None
    conflicted = reader is not None and _late(case, again, found, reader, at)
    aside = said(session, why) if why is not None and not conflicted else ""
    target = None if aside else targets.find(session, case.kind, case.target_id, case.group_id)
    claimer = case.claimed_by if _claimed(case, at) and not aside else None
    return Line(
        case_id=case.id,
        kind=case.kind,
        target_id=0 if aside else case.target_id,
        title=target.title if target else "",
        name=case.about.name if target else "",
        reports=0 if aside else reports,
        since=again.made_at if again else case.opened_at,
        until=target.row.held_until if target and isinstance(target.row, Post) else None,
        round=case.round,
        free=len(found.free),
        asides=len(found.aside),
        appeal_id=again.id if again else None,
        aside=aside,
        claimed_by=claimer.name if claimer and (reader is None or claimer.id != reader.id) else "",
        proposed=proposed and not aside,
        conflicted=conflicted,
        group=case.about.group.name,
        group_slug=case.about.group.slug,
    )
