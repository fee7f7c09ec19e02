"""Organisers decide what may be posted."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exchange.domain import groups, invitations
from exchange.web.guards import me, now

bp = Blueprint("categories", __name__, url_prefix="/g/<slug>/categories")


@bp.get("")
def all() -> ResponseReturnValue:  # noqa: A001 (the endpoint reads categories.all)
    """Every category, posted in or not."""
    invitations.organising(me())
    return render_template("categories/all.html", categories=groups.categories(me(), enabled=False))


@bp.post("/<int:category_id>/switch")
def switch(category_id: int) -> ResponseReturnValue:
    """Let it be posted, or take it off the board."""
    category = groups.switch(category_id, by=me(), at=now())
    if category.enabled:
        flash(_("%(name)s can be posted now.", name=category.name))
    else:
        flash(_("%(name)s cannot be posted any more. What stands on the board stays.", name=category.name))
    return redirect(url_for("categories.all"))
