"""Telling the organisers that something is wrong; and one's own reports, which nobody else reads."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exchange.domain import members
from exchange.domain.desk import objections, questions, reports, rules
from exchange.domain.desk.reports import TargetKind
from exchange.domain.errors import NotFound
from exchange.web.forms import attempt, choices, status
from exchange.web.forms.desk import ObjectionForm, ReportForm, TellForm, numbered
from exchange.web.guards import me, now

bp = Blueprint("reports", __name__, url_prefix="/g/<slug>/reports")


@bp.get("")
def mine() -> ResponseReturnValue:
    """One's own reports, and whether they are decided."""
    return _page()


def _page(
    case_id: int = 0, form: ObjectionForm | None = None, question_id: int = 0, told: TellForm | None = None
) -> ResponseReturnValue:
    form = form or ObjectionForm(formdata=None)
    organisers = [one for one in members.organisers(seen_by=me()) if one.id != me().id]
    form.organiser.choices = choices(("", _("Choose an organiser")), *((str(o.number), o.name) for o in organisers))
    shown = {"reports": reports.mine(seen_by=me()), "form": form, "case_id": case_id, "others": bool(organisers)}
    shown |= {"told": told or TellForm(formdata=None), "question_id": question_id}
    return render_template("reports/mine.html", **shown), status()


@bp.post("/questions/<int:question_id>")
def tell(question_id: int) -> ResponseReturnValue:
    """Answer what was asked about a report."""
    form = TellForm()
    if attempt(form, lambda: questions.answer(question_id, by=me(), text=form.text.data or "", at=now())) is None:
        return _page(question_id=question_id, told=form)
    flash(_("Thank you. Whoever may decide reads your answer, and nobody is told that it was you."))
    return redirect(url_for("reports.mine"))


@bp.route("/<kind>/<int:number>", methods=["GET", "POST"])
def new(kind: str, number: int) -> ResponseReturnValue:
    """The rules to choose from, and a note. A profile goes by the member's number."""
    if kind not in reports.REPORTABLE:
        raise NotFound(_("There is no such page."))
    what, row = TargetKind(kind), number
    if what is TargetKind.PROFILE:
        row = members.show(number, seen_by=me()).id
    target = reports.reportable(what, row, by=me())
    form = ReportForm()
    form.rule.choices = numbered(rules.rules(seen_by=me()))
    said = {"rule": form.rule.data, "note": form.note.data or "", "at": now()}
    if attempt(form, lambda: reports.report(what, row, by=me(), **said)):
        flash(_("Thank you. An organiser who is free to decide looks at it. Nobody is told that it was you."))
        return redirect(url_for("board.show"))
    shown = {"target": target, "kind": kind, "path": request.path, "open": reports.tells_itself(what, target)}
    return render_template("reports/new.html", form=form, **shown), status()


@bp.post("/<int:case_id>/object")
def object_to(case_id: int) -> ResponseReturnValue:
    """Say that one of the organisers should not decide this."""
    form = ObjectionForm()
    chosen, why = form.organiser.data or 0, form.why.data or ""
    if attempt(form, lambda: objections.object_to(case_id, chosen, by=me(), why=why, at=now())) is None:
        return _page(case_id, form)
    flash(_("Another one says whether they stand aside. Until then they do not decide."))
    return redirect(url_for("reports.mine"))
