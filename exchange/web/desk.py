"""The desk: what waits for a decision of the organisers, and deciding one case."""

from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exchange.domain.desk import applications, cases, decisions, held, views
from exchange.domain.desk.decisions import Act
from exchange.domain.desk.effects import ACTS
from exchange.domain.errors import BadInput, NotYours, Refusal
from exchange.domain.invitations import organising
from exchange.web.forms import attempt, choices, status, words_of
from exchange.web.forms.desk import AnswerForm, AsideForm, BackForm, DecisionForm, QuestionForm, chosen, numbered
from exchange.web.guards import me, now

if TYPE_CHECKING:
    from exchange.domain.desk.pages import CaseView

bp = Blueprint("desk", __name__, url_prefix="/g/<slug>/desk")


@bp.before_request
def organisers_only() -> None:
    """Everything here is for organisers, whatever becomes of the rest."""
    organising(me())


@bp.app_context_processor
def _menu() -> dict[str, Any]:
    return {"waits_at_desk": lambda: cases.count(seen_by=me(), at=now()) if g.get("me") is not None else 0}


@bp.get("")
def show() -> ResponseReturnValue:
    """What needs a decision now, oldest first."""
    return render_template("desk/show.html", desk=cases.desk(seen_by=me(), at=now()))


@bp.get("/<int:case_id>")
def case(case_id: int) -> ResponseReturnValue:
    """One case with everything needed to decide on it; for whoever stands aside only the reason."""
    try:
        return page(case_id)
    except NotYours as refusal:
        if not me().is_organiser:
            raise
        return render_template("desk/aside.html", sentence=refusal.sentence, case_id=case_id), refusal.status


@bp.post("/<int:case_id>/decide")
def decide(case_id: int) -> ResponseReturnValue:
    """Decide, with the rule and the reason that everybody reads."""
    view = views.show(case_id, seen_by=me(), at=now())
    form = prepared(DecisionForm(), view)
    try:
        done = attempt(form, lambda: (_decided(case_id, form),))
    except Refusal as refusal:
        return late(case_id, refusal, typed=form, form=form)
    if done is None:
        return page(case_id, form=form)
    flash(told(done[0] is None, view))
    return redirect(url_for("desk.show"))


def _decided(case_id: int, form: DecisionForm) -> Any:
    if form.act.data not in set(Act):
        raise BadInput(_("Choose what shall be done."), field="act")
    return decisions.decide(
        case_id,
        Act(form.act.data),
        by=me(),
        rule=form.rule.data,
        **words_of(form, "why", "note"),
        until=form.until_when(),
        in_round=chosen(form.in_round.data),
        at=now(),
    )


def told(half: bool, view: "CaseView") -> str:
    """What is said after deciding. `half`: it takes two people."""
    if half:
        return str(_("You have proposed it. It happens once a second person agrees."))
    return str(_("It is decided, and %(name)s is told.", name=view.member.name))


def prepared(form: DecisionForm, view: "CaseView", *, again: bool = False) -> Any:
    """The form with what can be done in this case, and with the rules of the group. `again`: on an appeal."""
    acts = [act for act in ACTS.get(view.kind, ()) if (act is not Act.DISMISS if again else act.value in view.may)]
    form.act.choices = choices(*((act.value, act.value) for act in acts))
    form.rule.choices = [*choices(("", _("Choose a rule"))), *numbered(view.rules)]
    if not form.in_round.data:
        form.in_round.data = str(view.round)
    return form


def late(case_id: int, refusal: Refusal, **forms: Any) -> ResponseReturnValue:
    """Something came between: the case as it is now, and everything that was typed. Others go on as refusals."""
    if refusal.status != Refusal.status:
        raise refusal
    g.status = refusal.status
    return page(case_id, late=refusal.sentence, **forms)


def page(case_id: int, **more: Any) -> ResponseReturnValue:
    """A case beside what else waits, with the forms that fit it, or those that came back."""
    view = views.show(case_id, seen_by=me(), at=now())
    shown: dict[str, Any] = {"late": None, "typed": None} | more
    shown.setdefault("form", prepared(DecisionForm(formdata=None), view))
    shown.setdefault("answer", prepared(AnswerForm(formdata=None), view, again=True))
    shown.setdefault("back", BackForm(formdata=None))
    shown.setdefault("aside", AsideForm(formdata=None))
    shown.setdefault("question", QuestionForm(formdata=None))
    shown.setdefault("asked_of", 0)
    return render_template("desk/case.html", case=view, desk=cases.desk(seen_by=me(), at=now()), **shown), status()


@bp.post("/<int:case_id>/claim")
def claim(case_id: int) -> ResponseReturnValue:
    """Tell the others that one looks at it."""
    cases.claim(case_id, by=me(), at=now())
    flash(_("The others see for half an hour that you look at it."))
    return redirect(url_for("desk.case", case_id=case_id))


@bp.post("/<int:case_id>/leave")
def leave(case_id: int) -> ResponseReturnValue:
    """Leave it to the others."""
    cases.leave_it(case_id, by=me())
    flash(_("You have left it to the others."))
    return redirect(url_for("desk.show"))


@bp.post("/<int:case_id>/stand-aside")
def stand_aside(case_id: int) -> ResponseReturnValue:
    """Stand aside by oneself, whatever the rules know."""
    form = AsideForm()
    if attempt(form, lambda: cases.stand_aside(case_id, by=me(), why=form.why.data or "", at=now())) is None:
        return page(case_id, aside=form)
    flash(_("You stand aside. The others decide."))
    return redirect(url_for("desk.show"))


@bp.post("/<int:case_id>/release")
def release(case_id: int) -> ResponseReturnValue:
    """Let a held post onto the board."""
    post = held.release(case_id, by=me(), at=now())
    flash(_("It stands on the board, and %(name)s is told.", name=post.author.name))
    return redirect(url_for("desk.show"))


@bp.post("/<int:case_id>/admit")
def admit(case_id: int) -> ResponseReturnValue:
    """Say yes to somebody who asks to join."""
    member = applications.admit(case_id, by=me(), at=now())
    flash(_("%(name)s is a member now, and is told.", name=member.name))
    return redirect(url_for("desk.show"))


@bp.post("/<int:case_id>/turn-down")
def turn_down(case_id: int) -> ResponseReturnValue:
    """Say no."""
    member = applications.turn_down(case_id, by=me(), at=now())
    flash(_("%(name)s is told.", name=member.name))
    return redirect(url_for("desk.show"))
