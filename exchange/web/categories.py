"""Organisers decide what may be posted, and what counts for nobody."""

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exchange.domain import groups, invitations
from exchange.domain.desk import categories
from exchange.web.forms import attempt, status
from exchange.web.forms.settings import KINDS, CategoryForm
from exchange.web.guards import me, now

if TYPE_CHECKING:
    from exchange.storage.group import Category

bp = Blueprint("categories", __name__, url_prefix="/g/<slug>/categories")


@bp.route("", methods=["GET", "POST"])
def all() -> ResponseReturnValue:  # noqa: A001 (the endpoint reads categories.all)
    """Every category, posted in or not, and adding one."""
    invitations.organising(me())
    form = CategoryForm()
    if added := attempt(form, lambda: _added(form)):
        flash(_("%(name)s can be posted now, and the log says so.", name=added.name))
        return redirect(url_for("categories.all"))
    every = groups.categories(me(), enabled=False)
    return render_template("categories/all.html", form=form, categories=every, kinds=KINDS), status()


def _added(form: CategoryForm) -> "Category":
    kind = categories.Kind(form.kind.data)
    return categories.add(form.name.data or "", by=me(), kind=kind, neutral=bool(form.neutral.data), at=now())


@bp.route("/<int:category_id>", methods=["GET", "POST"])
def change(category_id: int) -> ResponseReturnValue:
    """Rename a category, make its favors count or not, or switch it."""
    category = categories.one(category_id, seen_by=me())
    form = CategoryForm(obj=category)
    if attempt(form, lambda: _changed(category_id, form)):
        flash(_("Kept. What is otherwise now stands in the log."))
        return redirect(url_for("categories.all"))
    return render_template("categories/change.html", form=form, category=category, kinds=KINDS), status()


def _changed(category_id: int, form: CategoryForm) -> "Category":
    neutral, enabled = bool(form.neutral.data), bool(form.enabled.data)
    return categories.change(
        category_id, by=me(), name=form.name.data or "", neutral=neutral, enabled=enabled, at=now()
    )


@bp.post("/<int:category_id>/switch")
def switch(category_id: int) -> ResponseReturnValue:
    """Let it be posted, or take it off the board."""
    category = groups.switch(category_id, by=me(), at=now())
    if category.enabled:
        flash(_("%(name)s can be posted now.", name=category.name))
    else:
        flash(_("%(name)s cannot be posted any more. What stands on the board stays.", name=category.name))
    return redirect(url_for("categories.all"))
