"""Asking to join a group that may be asked; of any other nobody learns here that it exists."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exchange.domain.desk import applications, strangers
from exchange.domain.errors import NotFound
from exchange.web.forms import attempt, status
from exchange.web.forms.settings import AddressForm, AskForm
from exchange.web.guards import now, person, somebody
from exchange.web.language import language

bp = Blueprint("applications", __name__, url_prefix="/ask/<listed>")


@bp.route("", methods=["GET", "POST"])
def ask(listed: str) -> ResponseReturnValue:
    """What the group is, its rules, and asking to join it."""
    if person() is None:
        return _stranger(listed)
    front = applications.front(listed, seen_by=somebody())
    form = AskForm()
    if attempt(form, lambda: applications.apply(listed, by=somebody(), answer=form.answer.data or "", at=now())):
        flash(_("You have asked. An organiser answers you by letter."))
        return redirect(url_for("applications.ask", listed=listed))
    return render_template("applications/ask.html", front=front, form=form), status()


def _stranger(listed: str) -> ResponseReturnValue:
    """The same for whoever is not signed in; where nobody may ask, they are led to signing in as everywhere."""
    try:
        front = applications.front(listed, seen_by=None)
    except NotFound:
        return redirect(url_for("security.login", next=request.path if request.method == "GET" else None))
    form = AddressForm()
    if attempt(form, lambda: strangers.write_to(listed, form.email.data or "", language=language(), at=now())):
        return render_template("applications/stranger.html", front=front, form=None)
    return render_template("applications/stranger.html", front=front, form=form), status()


@bp.post("/take-back")
def take_back(listed: str) -> ResponseReturnValue:
    """Not want to join any more."""
    applications.take_back(listed, by=somebody())
    flash(_("Your request is taken back."))
    return redirect(url_for("applications.ask", listed=listed))
