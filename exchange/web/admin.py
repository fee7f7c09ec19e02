"""The site's administrator."""

from flask import Blueprint, current_app, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exchange.domain import groups
from exchange.domain.errors import NotFound
from exchange.web.forms import attempt, status, words_of
from exchange.web.forms.people import GroupForm
from exchange.web.guards import now, somebody

bp = Blueprint("admin", __name__)


@bp.route("/groups/new", methods=["GET", "POST"])
def new_group() -> ResponseReturnValue:
    """A new group; the answer holds the one-time link for its organiser."""
    administrator = somebody()
    if not administrator.is_administrator:
        raise NotFound(_("There is no such page."))
    form = GroupForm()
    made = attempt(
        form,
        lambda: groups.create(
            **words_of(form, "slug", "name", "organiser", "zone"),
            host=current_app.extensions["settings"].host,
            at=now(),
            by=administrator,
        ),
    )
    if made:
        group, token = made
        link = current_app.extensions["settings"].base_url + url_for("join.show", token=token)
        return render_template("admin/made.html", made=group, link=link)
    return render_template("admin/new_group.html", form=form), status()
