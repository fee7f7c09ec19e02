"""A favor and its three acts."""

from flask import Blueprint, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exchange.domain import favors
from exchange.web.forms import attempt, status
from exchange.web.forms.favor import CancelForm, ThanksForm
from exchange.web.guards import me, now

bp = Blueprint("favors", __name__, url_prefix="/g/<slug>/favors")


@bp.get("/<int:favor_id>")
def show(favor_id: int) -> ResponseReturnValue:
    """A favor, how far it is, and what the reader may do about it."""
    return _page(favor_id, ThanksForm(), CancelForm())


@bp.post("/<int:favor_id>/confirm")
def confirm(favor_id: int) -> ResponseReturnValue:
    """It happened, thank you."""
    form = ThanksForm()
    favor = attempt(form, lambda: favors.confirm(favor_id, by=me(), at=now(), thanks=form.thanks.data or ""))
    if favor is None:
        return _page(favor_id, form, CancelForm())
    session["just_thanked"] = favor_id
    flash(_("%(name)s’s help is in the log, entry %(entry)s.", name=favor.giver.name, entry=favor.entry))
    return redirect(url_for("favors.show", favor_id=favor_id))


@bp.post("/<int:favor_id>/deliver")
def deliver(favor_id: int) -> ResponseReturnValue:
    """The giver says that it happened."""
    favor = favors.deliver(favor_id, by=me(), at=now())
    flash(_("%(name)s is asked to confirm it.", name=favor.receiver.name))
    return redirect(url_for("favors.show", favor_id=favor_id))


@bp.post("/<int:favor_id>/cancel")
def cancel(favor_id: int) -> ResponseReturnValue:
    """Call off what was agreed."""
    form = CancelForm()
    favor = attempt(form, lambda: favors.cancel(favor_id, by=me(), at=now(), why=form.why.data or ""))
    if favor is None:
        return _page(favor_id, ThanksForm(), form)
    flash(_("It is called off, and the other side is told."))
    return redirect(url_for("favors.show", favor_id=favor_id))


def _page(favor_id: int, form: ThanksForm, cancel: CancelForm) -> ResponseReturnValue:
    page = favors.show(favor_id, seen_by=me(), at=now())
    just_thanked = session.pop("just_thanked", None) == favor_id
    return render_template("favors/show.html", page=page, form=form, cancel=cancel, just_thanked=just_thanked), status()
