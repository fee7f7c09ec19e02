"""Questions to reporters: whoever may decide asks, the desk carries it, and neither side learns who the other is."""

from collections.abc import Collection, Iterable
from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from exchange.domain import letters, words
from exchange.domain.desk.cases import waiting_appeal
from exchange.domain.desk.opening import loaded, tell_free
from exchange.domain.desk.rows import Asked
from exchange.domain.desk.standing import seat, standing
from exchange.domain.errors import NotFound, NotYours, Refusal
from exchange.domain.members import acting
from exchange.storage.db import db, locked, transaction
from exchange.storage.desk import Appeal, Case, CaseState, Report
from exchange.storage.letter import Letter
from exchange.storage.membership import Membership
from exchange.storage.person import Person
from exchange.storage.question import Question


def ask(report_id: int, *, by: Membership | Person, text: str, at: datetime) -> Question:
    """A free organiser, or the administrator of a case that was handed over, asks whoever made a report.

    Raises NotFound, NotYours for whoever stands aside, BadInput without words, Refusal while another question waits
    or when nothing is left to decide.
    """
    text = words.text(text, field="text", name=_("The question"), most=words.NOTE, required=True)
    with transaction() as session:
        found = session.get(Report, report_id)
        if found is None:
            raise NotFound(_("There is no such report."))
        case = loaded(session, found.case_id, by)
        again = waiting_appeal(session, case)
        sits = seat(session, case, by, at, again if case.state is CaseState.DECIDED else None)
        if sits.conflicted:
            raise NotYours(_("You are close to somebody in this case, so you cannot ask."))
        if not _waits(case, again) or found.round != case.round:
            raise Refusal(_("Nothing waits for a decision here any more."))
        if session.scalar(select(Question.id).filter_by(report_id=found.id, answered_at=None)) is not None:
            raise Refusal(_("A question waits for an answer already."))
        made = Question(
            report_id=found.id,
            by_id=sits.by.id if sits.by else None,
            administrator_id=sits.administrator.id if sits.administrator else None,
            text=text,
            asked_at=at,
        )
        session.add(made)
        session.flush()
        reporter = session.get_one(Membership, found.by_id)
        letters.tell(
            session,
            "question",
            reporter,
            once=f"question:{made.id}",
            at=at,
            acts=[("tell", made.id)],
            text=text,
            of=case.kind.value,
            path=letters.path(reporter.group, "reports"),
        )
    return made


def answer(question_id: int, *, by: Membership, text: str, at: datetime) -> Question:
    """The reporter answers, once; whoever may decide reads it and is told that it is there.

    Raises NotFound for anybody else, BadInput without words, Refusal when it was answered or is decided.
    """
    text = words.text(text, field="text", name=_("The answer"), most=words.NOTE, required=True)
    with transaction() as session:
        acting(by)
        case = loaded(session, _own(session, question_id, by).report.case_id, by)
        question = locked(session, Question, question_id)
        assert question is not None  # noqa: S101 (questions are never deleted)
        if question.answered_at is not None:
            raise Refusal(_("You have answered this already."))
        again = waiting_appeal(session, case)
        if not _waits(case, again):
            raise Refusal(_("It is decided meanwhile, so nothing more has to be said."))
        question.answer, question.answered_at = text, at
        session.flush()
        who = standing(session, case, at, again if case.state is CaseState.DECIDED else None)
        tell_free(session, case, who, of="told", once=f"question:{question.id}", at=at)
        _tell_administrator(session, question, case, at)
    return question


def _tell_administrator(session: Session, question: Question, case: Case, at: datetime) -> None:
    """The site's administrator is at no group's desk: where they asked, the answer is told to them alone."""
    person = session.get(Person, question.administrator_id) if question.administrator_id else None
    if person is None or not person.is_administrator:
        return
    facts = {"name": case.about.group.name, "appeal": False, "told": True, "path": f"/admin/desk/{case.id}"}
    session.add(
        Letter(
            kind="handed_over",
            email=person.email,
            person_id=person.id,
            group_id=None,
            once=f"question:{question.id}:told",
            facts=facts,
            due_at=at,
            created_at=at,
        )
    )


def _waits(case: Case, again: Appeal | None) -> bool:
    return case.state is CaseState.OPEN or again is not None


def _own(session: Session, question_id: int, by: Membership) -> Question:
    found = session.get(Question, question_id)
    if found is None or found.report.by_id != by.id:
        raise NotFound(_("There is no such question."))
    return found


def one(question_id: int, *, seen_by: Membership) -> Asked:
    """A question to the reader, as its letter opens it. Raises NotFound for anybody else's."""
    session = db.session()
    found = _own(session, question_id, seen_by)
    case = session.get_one(Case, found.report.case_id)
    return _asked(found, open=_waits(case, waiting_appeal(session, case)))


def of_reports(reports: Collection[int], *, open: Collection[int] = ()) -> dict[int, list[Asked]]:  # noqa: A002
    """By report what was asked about it and answered, oldest first. `open` are the reports whose case still waits."""
    found: dict[int, list[Asked]] = {}
    rows: Iterable[Question] = db.session.scalars(
        select(Question).where(Question.report_id.in_(reports)).order_by(Question.id)
    )
    for row in rows:
        found.setdefault(row.report_id, []).append(_asked(row, open=row.report_id in open))
    return found


def _asked(row: Question, *, open: bool) -> Asked:  # noqa: A002 (as people say it)
    return Asked(row.id, row.text, row.asked_at, row.answer, open and row.answered_at is None)
