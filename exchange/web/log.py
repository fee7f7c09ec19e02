"""The log, as everybody in the group reads it."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exchange.domain import entries, groups, members
from exchange.web.forms import choices
from exchange.web.forms.log import LogFilter
from exchange.web.guards import me, now

bp = Blueprint("log", __name__, url_prefix="/g/<slug>/log")


@bp.get("")
def show() -> ResponseReturnValue:
    """Newest first; of one member or one category if asked."""
    form = LogFilter(request.args)
    people = members.everybody(seen_by=me())
    form.member.choices = choices(("", _("Everybody")), *((str(member.number), member.name) for member in people))
    every = ((category.slug, category.name) for category in groups.categories(me(), enabled=False))
    form.category.choices = choices(("", _("All categories")), *every)
    page = entries.read(
        seen_by=me(),
        at=now(),
        member=request.args.get("member", type=int),
        category=request.args.get("category", ""),
        before=request.args.get("before", type=int),
    )
    return render_template("log/show.html", page=page, form=form)
