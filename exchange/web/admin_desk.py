"""The desk of the site's administrator: how the site is, and the cases that no organiser may decide."""

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exchange.domain import deletion_page
from exchange.domain.desk import (
    appeals,
    applications,
    cases,
    decisions,
    held,
    objections,
    questions,
    seconds,
    site,
    views,
)
from exchange.domain.errors import BadInput, Refusal
from exchange.web.desk import prepared
from exchange.web.forms import attempt, number, status, words_of
from exchange.web.forms.desk import AnswerForm, QuestionForm, chosen
from exchange.web.guards import now, somebody

bp = Blueprint("admin_desk", __name__, url_prefix="/admin/desk")


@bp.before_request
def administrators_only() -> None:
    """For anybody else there is no such page."""
    site.administering(somebody())


@bp.get("")
def show() -> ResponseReturnValue:
    """The cases that were handed over, and plain figures."""
    return render_template(
        "admin/desk.html",
        handed=cases.handed(by=somebody(), at=now()),
        deletions=deletion_page.waiting(seen_by=somebody(), at=now()),
        site=site.show(by=somebody(), at=now()),
    )


@bp.route("/<int:handed_id>", methods=["GET", "POST"])
def case(handed_id: int) -> ResponseReturnValue:
    """One case with everything needed to decide it, and deciding it or answering the appeal."""
    view = views.show(handed_id, seen_by=somebody(), at=now())
    form = prepared(AnswerForm(), view, again=view.appeal is not None)
    late = None
    try:
        done = attempt(form, lambda: (_decided(handed_id, form),))
        if done:
            flash(
                _("It is decided, and the member is told.") if done[0] else _("Proposed. A second person has to agree.")
            )
            return redirect(url_for("admin_desk.show"))
    except Refusal as refusal:
        late = _late(refusal)
    return _page(handed_id, form=form, late=late)


def _late(refusal: Refusal) -> Any:
    """What is said when something came between; other refusals go on to their own page."""
    if refusal.status != Refusal.status:
        raise refusal
    g.status = refusal.status
    return refusal.sentence


def _page(handed_id: int, **more: Any) -> ResponseReturnValue:
    """The case as it is now, with the forms that fit it, or those that came back."""
    view = views.show(handed_id, seen_by=somebody(), at=now())
    shown: dict[str, Any] = {"late": None, "question": QuestionForm(formdata=None), "asked_of": 0} | more
    shown.setdefault("form", prepared(AnswerForm(formdata=None), view, again=view.appeal is not None))
    return render_template("admin/desk_case.html", case=view, **shown), status()


def _decided(case_id: int, form: AnswerForm) -> Any:
    said: dict[str, Any] = {
        **words_of(form, "why", "note"),
        "by": somebody(),
        "rule": form.rule.data,
        "until": form.until_when(),
        "at": now(),
    }
    act = decisions.Act(form.act.data) if form.act.data in set(decisions.Act) else None
    if "appeal" in request.form:
        appeal_id = number(request.form["appeal"])
        if form.outcome.data not in set(appeals.Outcome):
            raise BadInput(_("Choose what becomes of the decision."), field="outcome")
        return appeals.answer(appeal_id, appeals.Outcome(form.outcome.data), act=act, **said)
    if act is None:
        raise BadInput(_("Choose what shall be done."), field="act")
    return decisions.decide(case_id, act, in_round=chosen(form.in_round.data), **said)


@bp.post("/<int:handed_id>/second")
def second(handed_id: int) -> ResponseReturnValue:
    """Be the second of two people, or not."""
    half = number(request.form.get("half"))
    if request.form.get("agreed") == "1":
        seconds.agree(half, by=somebody(), at=now())
        flash(_("It is decided, and the member is told."))
        return redirect(url_for("admin_desk.show"))
    seconds.let_be(half, by=somebody(), at=now())
    flash(_("Nothing was decided. The case waits again."))
    return redirect(url_for("admin_desk.case", handed_id=handed_id))


@bp.post("/<int:handed_id>/objection")
def objection(handed_id: int) -> ResponseReturnValue:  # noqa: ARG001 (part of the address)
    """Say whether an organiser stands aside for good."""
    upheld = request.form.get("upheld")
    if upheld not in {"0", "1"}:
        raise BadInput(_("Say whether the organiser shall stand aside."))
    objections.answer(number(request.form.get("raised")), by=somebody(), upheld=upheld == "1", at=now())
    flash(_("It is answered, and the case goes on."))
    return redirect(url_for("admin_desk.show"))


@bp.post("/<int:handed_id>/ask")
def ask(handed_id: int) -> ResponseReturnValue:
    """Ask whoever made a report, without learning who it is."""
    form, report = QuestionForm(), number(request.form.get("report"))
    late = asked = None
    try:
        asked = attempt(form, lambda: questions.ask(report, by=somebody(), text=form.text.data or "", at=now()))
    except Refusal as refusal:
        late = _late(refusal)
    if asked is None:
        return _page(handed_id, late=late, question=form, asked_of=report)
    flash(_("The question is on its way. Neither of you learns who the other is."))
    return redirect(url_for("admin_desk.case", handed_id=handed_id))


@bp.post("/<int:handed_id>/let-in")
def let_in(handed_id: int) -> ResponseReturnValue:
    """Say yes to a post that waits or to somebody who asks to join, or no to the latter."""
    view = views.show(handed_id, seen_by=somebody(), at=now())
    if "release" in view.may:
        held.release(handed_id, by=somebody(), at=now())
    elif request.form.get("yes") == "1":
        applications.admit(handed_id, by=somebody(), at=now())
    else:
        applications.turn_down(handed_id, by=somebody(), at=now())
    flash(_("It is answered, and the member is told."))
    return redirect(url_for("admin_desk.show"))
