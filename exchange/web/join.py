"""Joining a group from an invitation."""

from typing import TYPE_CHECKING

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security.utils import hash_password, login_user

from exchange.domain import invitations
from exchange.domain.desk import settings
from exchange.domain.errors import BadInput
from exchange.web.forms import attempt, status
from exchange.web.forms.people import JoinForm
from exchange.web.guards import now, person
from exchange.web.language import language

if TYPE_CHECKING:
    from exchange.storage.membership import Membership

bp = Blueprint("join", __name__)


@bp.route("/join/<token>", methods=["GET", "POST"])
def show(token: str) -> ResponseReturnValue:
    """What one joins and who sees what; the button joins. Opening the link changes nothing."""
    invitation = invitations.look(token, at=now())
    invited = invitations.invited(invitation)
    reader = person()
    known = reader is None and invited is not None and bool(invited.password)
    form = JoinForm(zone=invitation.group.zone, name=invited.name if invited and invited.password else "")
    if not known and (membership := attempt(form, lambda: _joined(token, form))):
        login_user(membership.person, authn_via=["invitation"])
        flash(_("Welcome. Tell the others what you can help with, and what you would love."))
        return redirect(url_for("members.edit", slug=membership.group.slug))
    own = reader is not None and reader.email == invitation.email
    shown = None if known or reader is not None else form
    settled = settings.of(invitation.group)
    return render_template(
        "join/show.html", invitation=invitation, settled=settled, form=shown, known=known, own=own, token=token
    ), status()


def _joined(token: str, form: JoinForm) -> "Membership":
    reader = person()
    if reader is not None:
        return invitations.accept(token, at=now(), by=reader)
    password = form.password.data or ""
    shortest = current_app.config["SECURITY_PASSWORD_LENGTH_MIN"]
    if len(password) < shortest:
        raise BadInput(_("A password has at least %(length)s characters.", length=shortest), field="password")
    return invitations.accept(
        token,
        at=now(),
        name=form.name.data or "",
        password=hash_password(password),
        zone=form.zone.data or "UTC",
        language=language(),
    )
