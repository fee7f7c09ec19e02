"""A person's own account, across groups."""

import json
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import refresh

from exchange.digest import wishes
from exchange.domain import accounts
from exchange.domain.own_data import own_data
from exchange.web.forms import attempt, status, words_of
from exchange.web.forms.people import AccountForm, ErasureForm
from exchange.web.guards import now, somebody
from exchange.web.password import asked_again

bp = Blueprint("account", __name__)


@bp.route("/me", methods=["GET", "POST"])
def show() -> ResponseReturnValue:
    """Name, zone and language; the way to a new password, and out."""
    reader = somebody()
    form = AccountForm(obj=reader)
    before = reader.zone
    if changed := attempt(form, lambda: accounts.change(reader.id, **words_of(form, "name", "zone", "language"))):
        if changed.zone != before:
            wishes.moved(reader.id, at=now())
        refresh()  # the answer is in the language that was just chosen
        flash(_("Saved."))
        return redirect(url_for("account.show"))
    return render_template("account/show.html", form=form), status()


@bp.route("/me/data", methods=["GET", "POST"])
def data() -> ResponseReturnValue:
    """What the file holds and what not; and the file, for the password."""
    form = ErasureForm()
    if held := attempt(form, lambda: _own_data(form)):
        told = json.dumps(held, ensure_ascii=False, indent=1)
        named = {"Content-Disposition": f'attachment; filename="exchange-{now():%Y-%m-%d}.json"'}
        return Response(f"{told}\n", mimetype="application/json", headers=named)
    return render_template("account/data.html", form=form), status()


def _own_data(form: ErasureForm) -> dict[str, Any]:
    asked_again(form.password.data)
    return own_data(somebody(), at=now())
