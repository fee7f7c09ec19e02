"""Deleting a group: proposing it, agreeing to what another organiser proposed, and calling it off."""

from typing import TYPE_CHECKING, Any

from flask import Blueprint, current_app, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exchange.domain import deleting, deletion_page
from exchange.domain.invitations import organising
from exchange.web.forms import attempt, status
from exchange.web.forms.people import DeletionForm
from exchange.web.guards import me, now
from exchange.web.password import asked_again

if TYPE_CHECKING:
    from exchange.storage.deletion import DeletedGroup, Deletion

bp = Blueprint("deletion", __name__, url_prefix="/g/<slug>/settings/delete")


@bp.app_context_processor
def _waiting() -> dict[str, Any]:
    return {"deletion_proposed": lambda: deletion_page.proposed(seen_by=me(), at=now()) if g.get("me") else None}


@bp.route("", methods=["GET", "POST"])
def show() -> ResponseReturnValue:
    """What goes and what stays, for every member once it is proposed; an organiser proposes it here."""
    form = DeletionForm()
    if attempt(form, lambda: _proposed(form)):
        flash(_("Every member is told, and the log says so. In a week a second person can agree."))
        return redirect(url_for("deletion.show"))
    return _page(form)


def _page(form: DeletionForm) -> ResponseReturnValue:
    found = deletion_page.proposed(seen_by=me(), at=now())
    if found is None:
        organising(me())
    return render_template("settings/delete.html", form=form, proposed=found), status()


def _proposed(form: DeletionForm) -> "Deletion":
    organising(me())
    asked_again(form.password.data)
    return deleting.propose(by=me(), name=form.name.data or "", at=now())


@bp.post("/agree")
def agree() -> ResponseReturnValue:
    """The second person agrees; from then on the group is gone."""
    form, name = DeletionForm(), me().group.name
    if attempt(form, lambda: _agreed(form)):
        flash(_("%(group)s is deleted. What was in it is being taken out, and every member is told.", group=name))
        return redirect(url_for("front.home"))
    return _page(form)


def _agreed(form: DeletionForm) -> "DeletedGroup":
    organising(me())
    asked_again(form.password.data)
    settings = current_app.extensions["settings"]
    return deleting.agree(me().group_id, by=me(), name=form.name.data or "", settings=settings, at=now())


@bp.post("/call-off")
def call_off() -> ResponseReturnValue:
    """Any organiser calls it off."""
    deleting.call_off(by=me(), at=now())
    flash(_("It is called off. Every member is told, and the log says so."))
    return redirect(url_for("settings.show"))
