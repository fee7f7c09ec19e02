"""What needs another person at the desk: a second who agrees, an appeal, an objection, a decision taken back."""

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exchange.domain.desk import appeals, decisions, objections, questions, seconds, views
from exchange.domain.desk.appeals import Outcome
from exchange.domain.desk.decisions import Act
from exchange.domain.errors import BadInput, Refusal
from exchange.web.desk import late, organisers_only, page, prepared, told
from exchange.web.forms import attempt, words_of
from exchange.web.forms.desk import AnswerForm, BackForm, QuestionForm
from exchange.web.guards import me, now

bp = Blueprint("desk_again", __name__, url_prefix="/g/<slug>/desk/<int:case_id>")
bp.before_request(organisers_only)


@bp.post("/proposals/<int:proposal_id>/agree")
def agree(case_id: int, proposal_id: int) -> ResponseReturnValue:  # noqa: ARG001 (part of the address)
    """Be the second of two people."""
    decision = seconds.agree(proposal_id, by=me(), at=now())
    flash(_("It is decided, and %(name)s is told.", name=decision.case.about.name))
    return redirect(url_for("desk.show"))


@bp.post("/proposals/<int:proposal_id>/let-be")
def let_be(case_id: int, proposal_id: int) -> ResponseReturnValue:
    """Say no to what was proposed, or take one's own proposal back."""
    seconds.let_be(proposal_id, by=me(), at=now())
    flash(_("Nothing was decided. The case waits again."))
    return redirect(url_for("desk.case", case_id=case_id))


@bp.post("/objections/<int:objection_id>")
def objection(case_id: int, objection_id: int) -> ResponseReturnValue:
    """Say whether the organiser stands aside for good."""
    upheld = request.form.get("upheld")
    if upheld not in {"0", "1"}:
        raise BadInput(_("Say whether the organiser shall stand aside."))
    objections.answer(objection_id, by=me(), upheld=upheld == "1", at=now())
    flash(_("It is answered, and the case goes on."))
    return redirect(url_for("desk.case", case_id=case_id))


@bp.post("/reports/<int:report_id>/ask")
def ask(case_id: int, report_id: int) -> ResponseReturnValue:
    """Ask whoever made a report, without learning who it is."""
    form = QuestionForm()
    try:
        asked = attempt(form, lambda: questions.ask(report_id, by=me(), text=form.text.data or "", at=now()))
    except Refusal as refusal:
        return late(case_id, refusal, question=form, asked_of=report_id)
    if asked is None:
        return page(case_id, question=form, asked_of=report_id)
    flash(_("The question is on its way. Neither of you learns who the other is."))
    return redirect(url_for("desk.case", case_id=case_id))


@bp.post("/appeals/<int:appeal_id>")
def appeal(case_id: int, appeal_id: int) -> ResponseReturnValue:
    """Look again, and say what becomes of the decision."""
    view = views.show(case_id, seen_by=me(), at=now())
    form = prepared(AnswerForm(), view, again=True)
    try:
        done = attempt(form, lambda: (_answered(appeal_id, form),))
    except Refusal as refusal:
        return late(case_id, refusal, typed=form, answer=form)
    if done is None:
        return page(case_id, answer=form)
    flash(told(done[0] is None, view))
    return redirect(url_for("desk.show"))


def _answered(appeal_id: int, form: Any) -> Any:
    if form.outcome.data not in set(Outcome):
        raise BadInput(_("Choose what becomes of the decision."), field="outcome")
    return appeals.answer(
        appeal_id,
        Outcome(form.outcome.data),
        by=me(),
        **words_of(form, "why", "note"),
        rule=form.rule.data,
        act=Act(form.act.data) if form.act.data in set(Act) else None,
        until=form.until_when(),
        at=now(),
    )


@bp.post("/decisions/<int:decision_id>/reverse")
def reverse(case_id: int, decision_id: int) -> ResponseReturnValue:
    """Take a decision back: a new one says so."""
    view = views.show(case_id, seen_by=me(), at=now())
    form = BackForm()
    back = lambda: (decisions.reverse(decision_id, by=me(), **words_of(form, "why", "note"), at=now()),)  # noqa: E731
    try:
        done = attempt(form, back)
    except Refusal as refusal:
        return late(case_id, refusal, typed=form, back=form)
    if done is None:
        return page(case_id, back=form)
    flash(told(done[0] is None, view))
    return redirect(url_for("desk.show"))
