"""The page of decisions for all members, and one decision for the member whom it concerns."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exchange.domain.desk import appeals, edits, objections, public
from exchange.web.forms import attempt, choices, status
from exchange.web.forms.desk import AppealForm, EditForm, ObjectionForm
from exchange.web.guards import me, now

bp = Blueprint("decisions", __name__, url_prefix="/g/<slug>/decisions")


@bp.get("")
def show() -> ResponseReturnValue:
    """What organisers decided, under which rule and why; and how much of it was overturned."""
    number = request.args.get("page", 1, type=int)
    return render_template(
        "decisions/show.html",
        found=public.public(seen_by=me(), at=now(), page=number),
        mine=public.mine(seen_by=me(), at=now()),
    )


@bp.get("/<int:decision_id>")
def mine(decision_id: int) -> ResponseReturnValue:
    """A decision about the reader: what, why, and how somebody else looks again."""
    return _page(decision_id)


def _page(
    decision_id: int, form: AppealForm | None = None, objection: ObjectionForm | None = None
) -> ResponseReturnValue:
    found = public.one_of_mine(decision_id, seen_by=me(), at=now())
    may_object_to = objections.open_to(decision_id, seen_by=me()) if found.appealed and found.outcome is None else []
    objection = objection or ObjectionForm(formdata=None)
    objection.organiser.choices = choices(
        ("", _("Choose an organiser")), *((str(one.number), one.name) for one in may_object_to)
    )
    shown = {"form": form or AppealForm(formdata=None), "objection": objection, "may_object": bool(may_object_to)}
    return render_template("decisions/mine.html", found=found, **shown), status()


@bp.post("/<int:decision_id>/appeal")
def appeal(decision_id: int) -> ResponseReturnValue:
    """Ask that somebody else looks again."""
    form = AppealForm()
    if attempt(form, lambda: appeals.appeal(decision_id, by=me(), why=form.why.data or "", at=now())) is None:
        return _page(decision_id, form)
    flash(_("Somebody who did not decide before looks again. You hear of it by letter."))
    return redirect(url_for("decisions.mine", decision_id=decision_id))


@bp.post("/<int:decision_id>/object")
def object_to(decision_id: int) -> ResponseReturnValue:
    """Say that one of the organisers should not answer the appeal."""
    found = public.one_of_mine(decision_id, seen_by=me(), at=now())
    form = ObjectionForm()
    chosen, why = form.organiser.data or 0, form.why.data or ""
    if attempt(form, lambda: objections.object_to(found.case_id, chosen, by=me(), why=why, at=now())) is None:
        return _page(decision_id, objection=form)
    flash(_("Another one says whether they stand aside. Until then they do not decide."))
    return redirect(url_for("decisions.mine", decision_id=decision_id))


@bp.route("/<int:decision_id>/edit", methods=["GET", "POST"])
def edit(decision_id: int) -> ResponseReturnValue:
    """Change the words as one was asked to; then it is back."""
    found = public.one_of_mine(decision_id, seen_by=me(), at=now())
    title, text = edits.waiting(found.case_id, seen_by=me())
    form = EditForm(title=title, text=text)
    said = {"text": form.text.data or "", "title": form.title.data or ""}
    if attempt(form, lambda: edits.edit(found.case_id, by=me(), at=now(), **said)):
        flash(_("Thank you. It is back where it was, with the new words."))
        if found.kind in {"post", "held_post"}:
            return redirect(url_for("posts.show", post_id=found.target_id))
        return redirect(url_for("decisions.mine", decision_id=decision_id))
    return render_template("decisions/edit.html", form=form, found=found), status()
