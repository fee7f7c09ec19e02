"""Reports: a member tells the organisers that something is wrong, and is named to nobody."""

from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from exchange.domain import words
from exchange.domain.desk import questions, rules, targets
from exchange.domain.desk.opening import hand_over_if_nobody_is_free, open_case, tell_free
from exchange.domain.desk.rows import MyReport
from exchange.domain.desk.standing import standing
from exchange.domain.errors import NotFound, Refusal
from exchange.domain.members import acting
from exchange.storage.db import db, transaction
from exchange.storage.desk import Case, CaseState, Objection, Report
from exchange.storage.desk import TargetKind as TargetKind
from exchange.storage.favor import Favor, FavorState
from exchange.storage.membership import Membership

REPORTABLE = frozenset({TargetKind.POST, TargetKind.ANSWER, TargetKind.THANKS, TargetKind.PROFILE, TargetKind.FAVOR})


def report(kind: TargetKind, target_id: int, *, by: Membership, rule: int | None, note: str = "", at: datetime) -> Case:
    """A member reports a thing under one of the group's rules; the free organisers are told, once for each round.

    `target_id` is the row's id; that of a profile is the membership's, of thanks the favor's.

    Raises NotFound for what the member may not know of, BadInput without a rule, Refusal for one's own words and for
    a second report while the first one waits.
    """
    note = words.text(note, field="note", name=_("The note"), most=words.NOTE)
    with transaction() as session:
        acting(by)
        target = reportable(kind, target_id, by=by)
        text = rules.chosen(session, by.group_id, rule)
        case, new = open_case(session, kind, target, at)
        if session.scalar(select(Report.id).filter_by(case_id=case.id, round=case.round, by_id=by.id)) is not None:
            raise Refusal(_("You have reported this already. The organisers look at it."))
        session.add(Report(case_id=case.id, round=case.round, by_id=by.id, rule=text, note=note, made_at=at))
        session.flush()
        if new:
            once = f"case:{case.id}:{case.round}"
            tell_free(session, case, standing(session, case, at), of="report", once=once, at=at)
        hand_over_if_nobody_is_free(session, case, at)
    return case


def reportable(kind: TargetKind, target_id: int, *, by: Membership) -> targets.Target:
    """What a member may report. Raises NotFound for what they may not know of, Refusal for their own words."""
    target = targets.find(db.session(), kind, target_id, by.group_id) if kind in REPORTABLE else None
    if target is None or not (target.about.id == by.id or targets.known_to(target, kind, by)):
        raise NotFound(_("There is no such thing to report."))
    if target.about.id == by.id:
        raise Refusal(_("This is your own. You can change it, or take it back."))
    return target


def tells_itself(kind: TargetKind, target: targets.Target) -> bool:
    """Whether only the reporter and one other can read the thing, so that a report tells by itself who made it."""
    row = target.row
    if isinstance(row, Favor):
        return row.state is not FavorState.CONFIRMED or row.withheld_by_id is not None
    return kind is TargetKind.ANSWER


def of_favor(favor_id: int, *, seen_by: Membership) -> set[str]:
    """Whether the reader may report the words of a favor, and the thanks for it."""
    found = set()
    for kind in (TargetKind.FAVOR, TargetKind.THANKS):
        target = targets.find(db.session(), kind, favor_id, seen_by.group_id)
        if target and target.about.id != seen_by.id and targets.known_to(target, kind, seen_by):
            found.add(kind.value)
    return found


def _looked_at(found: Report, case: Case) -> bool:
    return case.state is CaseState.OPEN and case.round == found.round


def mine(*, seen_by: Membership) -> list[MyReport]:
    """The reader's own reports, newest first, for their eyes only."""
    rows = db.session.execute(
        select(Report, Case).join(Case).where(Report.by_id == seen_by.id).order_by(Report.id.desc())
    ).all()
    waits = {found.id for found, case in rows if _looked_at(found, case)}
    asked = questions.of_reports([found.id for found, _case in rows], open=waits)
    objected = set(db.session.scalars(select(Objection.case_id).where(Objection.case_id.in_([c.id for _r, c in rows]))))
    return [
        MyReport(
            case_id=case.id,
            kind=case.kind,
            rule=found.rule,
            note=found.note,
            at=found.made_at,
            open=found.id in waits,
            may_object=found.id in waits and case.id not in objected,
            asked=asked.get(found.id, ()),
        )
        for found, case in rows
    ]
