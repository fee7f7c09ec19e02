"""Archiving a group, and taking it up again."""

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exchange.domain import archiving, invitations
from exchange.web.forms import attempt, status
from exchange.web.forms.people import ErasureForm
from exchange.web.guards import me, now
from exchange.web.password import asked_again

if TYPE_CHECKING:
    from exchange.storage.group import Group

bp = Blueprint("archive", __name__, url_prefix="/g/<slug>/settings/archive")


@bp.route("", methods=["GET", "POST"])
def show() -> ResponseReturnValue:
    """What it means, and the button; in an archived group, the button back."""
    invitations.organising(me())
    form = ErasureForm()
    if done := attempt(form, lambda: _done(form)):
        if done.archived_at:
            flash(_("The group is archived, and the log says so. You can take it up again here."))
        else:
            flash(_("The group goes on, and the log says so."))
        return redirect(url_for("settings.show"))
    return render_template("settings/archive.html", form=form), status()


def _done(form: ErasureForm) -> "Group":
    asked_again(form.password.data)
    act = archiving.take_up if me().group.archived_at else archiving.archive
    return act(by=me(), at=now())
