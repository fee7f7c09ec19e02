"""Disputes on the desk of the site's administrator: those that no organiser is free to settle."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exchange.domain import disputes
from exchange.domain.errors import BadInput
from exchange.web.admin_desk import administrators_only
from exchange.web.forms import attempt, status
from exchange.web.forms.favor import WhyForm
from exchange.web.guards import now, somebody

bp = Blueprint("admin_disputes", __name__, url_prefix="/admin/desk/disputes")
bp.before_request(administrators_only)


@bp.route("/<int:disputed_id>", methods=["GET", "POST"])
def settle(disputed_id: int) -> ResponseReturnValue:
    """What two disagree about, and settling it."""
    favor = disputes.handed(disputed_id, by=somebody(), at=now())
    form, said = WhyForm(), request.form.get("happened")
    if form.is_submitted() and said not in {"0", "1"}:
        raise BadInput(_("Say whether it happened or not."))
    decide = lambda: disputes.settle(  # noqa: E731
        disputed_id, by=somebody(), happened=said == "1", why=form.why.data or "", at=now()
    )
    if attempt(form, decide):
        flash(_("It is settled, and both sides are told."))
        return redirect(url_for("admin_desk.show"))
    return render_template("admin/dispute.html", favor=favor, form=form), status()
