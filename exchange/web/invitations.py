"""Organisers invite."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exchange.domain import invitations
from exchange.web.forms import attempt, status
from exchange.web.forms.people import InviteForm
from exchange.web.guards import me, now

bp = Blueprint("invitations", __name__, url_prefix="/g/<slug>/invitations")


@bp.route("", methods=["GET", "POST"])
def all() -> ResponseReturnValue:  # noqa: A001 (the endpoint reads invitations.all)
    """Invite an address, and see which invitations are still open."""
    waiting = invitations.open_ones(seen_by=me(), at=now())
    form = InviteForm()
    if sent := attempt(form, lambda: invitations.invite(form.email.data or "", by=me(), at=now())):
        flash(_("A letter with the invitation is on its way to %(address)s.", address=sent.email))
        return redirect(url_for("invitations.all"))
    return render_template("invitations/all.html", form=form, invitations=waiting), status()


@bp.post("/<int:invitation_id>/revoke")
def revoke(invitation_id: int) -> ResponseReturnValue:
    """Take an invitation back."""
    invitation = invitations.revoke(invitation_id, by=me(), at=now())
    flash(_("The invitation to %(address)s does not work any more.", address=invitation.email))
    return redirect(url_for("invitations.all"))
