"""Organisers invite."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from exchange.domain import invitations, inviting
from exchange.web.forms import attempt, status
from exchange.web.forms.people import InviteForm, ListForm
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


@bp.route("/list", methods=["GET", "POST"])
def many() -> ResponseReturnValue:
    """A list, pasted or as a file, and what it would do: nothing is sent before the next button."""
    invitations.organising(me())
    form = ListForm()
    looked = attempt(form, lambda: inviting.look(_list(form), by=me(), at=now()))
    if looked:
        return render_template("invitations/preview.html", looked=looked, form=ListForm(text="\n".join(looked.new)))
    return render_template("invitations/list.html", form=form, most=inviting.MOST), status()


@bp.post("/list/send")
def send_many() -> ResponseReturnValue:
    """Send what was looked through."""
    form = ListForm()
    sent = attempt(form, lambda: (inviting.invite_all(form.text.data or "", by=me(), at=now()),))
    if sent is None:
        return render_template("invitations/list.html", form=form, most=inviting.MOST), status()
    flash(
        ngettext(
            "One letter with an invitation is on its way.",
            "%(num)s letters with invitations are on their way.",
            sent[0],
        )
    )
    return redirect(url_for("invitations.all"))


def _list(form: ListForm) -> str:
    """What was pasted and what stands in the file; a list that comes back with an error stays in the field."""
    file = form.file.data
    if file is not None and hasattr(file, "read") and (data := file.read()):
        form.text.data = "\n".join(filter(None, (form.text.data, inviting.decoded(data))))
    return form.text.data or ""


@bp.post("/<int:invitation_id>/revoke")
def revoke(invitation_id: int) -> ResponseReturnValue:
    """Take an invitation back."""
    invitation = invitations.revoke(invitation_id, by=me(), at=now())
    flash(_("The invitation to %(address)s does not work any more.", address=invitation.email))
    return redirect(url_for("invitations.all"))
