"""One's own ties."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exchange.domain import ties
from exchange.domain.errors import BadInput
from exchange.domain.ties import TieKind
from exchange.web.forms import attempt, status, whom
from exchange.web.forms.people import TieForm
from exchange.web.guards import me, now

bp = Blueprint("ties", __name__, url_prefix="/g/<slug>/ties")


@bp.route("", methods=["GET", "POST"])
def all() -> ResponseReturnValue:  # noqa: A001 (the endpoint reads ties.all)
    """Declare a tie, and see those that concern me."""
    form = TieForm()
    found = whom.offer(form, "member")
    mine = ties.mine(seen_by=me())
    declare = lambda: ties.declare(form.member.data or 0, by=me(), kind=TieKind(form.kind.data), at=now())  # noqa: E731
    if (attempt(form, declare) if found else None) is not None:
        flash(_("It is declared. Others see only that there is a tie."))
        return redirect(url_for("ties.all"))
    return render_template("ties/all.html", form=form, ties=mine), status()


@bp.post("/<int:tie_id>/answer")
def answer(tie_id: int) -> ResponseReturnValue:
    """Whether it is so."""
    said = request.form.get("agreed")
    if said not in {"0", "1"}:
        raise BadInput(_("Say whether it is so or not."))
    ties.answer(tie_id, by=me(), agreed=said == "1", at=now())
    flash(_("Thank you. Both of you see your answer."))
    return redirect(url_for("ties.all"))


@bp.post("/<int:tie_id>/withdraw")
def withdraw(tie_id: int) -> ResponseReturnValue:
    """It is over."""
    ties.withdraw(tie_id, by=me(), at=now())
    flash(_("It is withdrawn."))
    return redirect(url_for("ties.all"))
