"""The site's administrator."""

from typing import TYPE_CHECKING

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exchange.domain import deleting, deletion_page, groups
from exchange.domain.desk import handover, site
from exchange.domain.errors import NotFound
from exchange.web.forms import attempt, status, words_of
from exchange.web.forms.people import DeletionForm, GroupForm, OutsideForm
from exchange.web.guards import now, somebody
from exchange.web.language import language
from exchange.web.password import asked_again

if TYPE_CHECKING:
    from exchange.storage.deletion import DeletedGroup
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


@bp.route("/groups/<headless>/delete", methods=["GET", "POST"])
def delete(headless: str) -> ResponseReturnValue:
    """Agree to the deletion of a group whose only organiser has proposed it."""
    found = deletion_page.for_administrator(headless, seen_by=somebody(), at=now())
    form, name = DeletionForm(), found.group.name
    if attempt(form, lambda: _deleted(found.group.id, form)):
        flash(_("%(group)s is deleted. What was in it is being taken out, and every member is told.", group=name))
        return redirect(url_for("admin_desk.show"))
    return render_template("admin/delete.html", form=form, proposed=found), status()


def _deleted(group_id: int, form: DeletionForm) -> "DeletedGroup":
    asked_again(form.password.data)
    settings = current_app.extensions["settings"]
    return deleting.agree(group_id, by=somebody(), name=form.name.data or "", settings=settings, at=now())


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
