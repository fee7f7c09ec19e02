"""Asking to join a group that may be asked; of any other nobody learns here that it exists."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exchange.domain.desk import applications
from exchange.web.forms import attempt, status
from exchange.web.forms.settings import AskForm
from exchange.web.guards import now, somebody

bp = Blueprint("applications", __name__, url_prefix="/ask/<listed>")


@bp.route("", methods=["GET", "POST"])
def ask(listed: str) -> ResponseReturnValue:
    """What the group is, its rules, and asking to join it."""
    front = applications.front(listed, seen_by=somebody())
    form = AskForm()
    if attempt(form, lambda: applications.apply(listed, by=somebody(), answer=form.answer.data or "", at=now())):
        flash(_("You have asked. An organiser answers you by letter."))
        return redirect(url_for("applications.ask", listed=listed))
    return render_template("applications/ask.html", front=front, form=form), status()


@bp.post("/take-back")
def take_back(listed: str) -> ResponseReturnValue:
    """Not want to join any more."""
    applications.take_back(listed, by=somebody())
    flash(_("Your request is taken back."))
    return redirect(url_for("applications.ask", listed=listed))
