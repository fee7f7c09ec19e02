"""The site's administrator."""

from typing import TYPE_CHECKING

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exchange.domain import groups
from exchange.domain.desk import handover, site
from exchange.domain.errors import NotFound
from exchange.web.forms import attempt, status, words_of
from exchange.web.forms.people import GroupForm, OutsideForm
from exchange.web.guards import now, somebody
from exchange.web.language import language
from exchange.web.password import asked_again

if TYPE_CHECKING:
    from exchange.storage.membership import Membership

bp = Blueprint("admin", __name__)


@bp.route("/groups/<headless>/organiser", methods=["GET", "POST"])
def organiser(headless: str) -> ResponseReturnValue:
    """Name an organiser by a member's address, where none is left or the last one must go."""
    site.administering(somebody())
    group = groups.named(headless)
    form = OutsideForm()
    if named := attempt(form, lambda: _named(headless, form)):
        flash(
            _(
                "%(name)s organises from now on, and is told so. The log says that it was done from outside.",
                name=named.name,
            )
        )
        return redirect(url_for("admin_desk.show"))
    return render_template("admin/organiser.html", form=form, headless=group), status()


def _named(slug: str, form: OutsideForm) -> "Membership":
    asked_again(form.password.data)
    return handover.name_from_outside(slug, form.email.data or "", by=somebody(), at=now())


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
            language=language(),
        ),
    )
    if made:
        group, token = made
        link = current_app.extensions["settings"].base_url + url_for("join.show", token=token)
        return render_template("admin/made.html", made=group, link=link)
    return render_template("admin/new_group.html", form=form), status()
