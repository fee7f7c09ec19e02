"""A person's own account, across groups."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exchange.digest import wishes
from exchange.domain import accounts
from exchange.web.forms import attempt, status, words_of
from exchange.web.forms.people import AccountForm
from exchange.web.guards import now, somebody

bp = Blueprint("account", __name__)


@bp.route("/me", methods=["GET", "POST"])
def show() -> ResponseReturnValue:
    """Name and zone; the way to a new password, and out."""
    reader = somebody()
    form = AccountForm(obj=reader)
    before = reader.zone
    if changed := attempt(form, lambda: accounts.change(reader.id, **words_of(form, "name", "zone"))):
        if changed.zone != before:
            wishes.moved(reader.id, at=now())
        flash(_("Saved."))
        return redirect(url_for("account.show"))
    return render_template("account/show.html", form=form), status()
