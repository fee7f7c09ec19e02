"""A person's read tokens: made, listed and revoked on their account."""

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exchange.domain import groups, read_tokens
from exchange.web.forms import attempt, status
from exchange.web.forms.people import TokenForm
from exchange.web.guards import now, somebody

bp = Blueprint("tokens", __name__, url_prefix="/me/tokens")


@bp.route("", methods=["GET", "POST"])
def all() -> ResponseReturnValue:  # noqa: A001 (the endpoint reads tokens.all)
    """What there is, and a new one, which is shown only in the answer."""
    form = TokenForm()
    made = attempt(form, lambda: read_tokens.make(form.name.data or "", by=somebody(), at=now()))
    if made:
        token, text = made
        known = {"memberships": groups.of(somebody()), "base": current_app.extensions["settings"].base_url}
        return render_template("account/token.html", token=token, text=text, **known), {"Cache-Control": "no-store"}
    return render_template("account/tokens.html", form=form, tokens=read_tokens.of(somebody())), status()


@bp.post("/<int:token_id>/revoke")
def revoke(token_id: int) -> ResponseReturnValue:
    """A token opens nothing any more."""
    token = read_tokens.revoke(token_id, by=somebody(), at=now())
    flash(_("“%(name)s” opens nothing any more.", name=token.name))
    return redirect(url_for("tokens.all"))
