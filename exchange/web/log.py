"""The log, as everybody in the group reads it."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exchange.domain import entries, groups, members, proof_page, redaction
from exchange.web import narrowing
from exchange.web.forms import attempt, choices, status
from exchange.web.forms.favor import WhyForm
from exchange.web.forms.log import LogFilter
from exchange.web.forms.whom import LISTED
from exchange.web.guards import me, now

bp = Blueprint("log", __name__, url_prefix="/g/<slug>/log")


@bp.get("")
def show() -> ResponseReturnValue:
    """Newest first; of one member, one sort or one category if asked."""
    form = LogFilter(request.args)
    people = members.names(seen_by=me(), most=LISTED) or []
    form.member.choices = choices(("", _("Everybody")), *((str(number), name) for number, name in people))
    page = entries.read(
        seen_by=me(),
        at=now(),
        member=narrowing.number("member"),
        category=request.args.get("category", ""),
        kind=request.args.get("kind", ""),
        before=narrowing.number("before"),
    )
    every = ((category.slug, category.name) for category in page.categories.values())
    form.category.choices = choices(("", _("All categories")), *every)
    settings = current_app.extensions["settings"]
    signed = proof_page.now_signed(seen_by=me(), settings=settings, at=now())
    return render_template(
        "log/show.html", page=page, form=form, listed=bool(people), state=signed, base=settings.base_url
    )


@bp.route("/<int:index>/take-out", methods=["GET", "POST"])
def take_out(index: int) -> ResponseReturnValue:
    """An organiser takes the text out of an entry."""
    entry = redaction.show(index, seen_by=me(), at=now())
    form = WhyForm()
    if attempt(form, lambda: redaction.take_out(index, by=me(), why=form.why.data or "", at=now())):
        flash(_("The text is gone, an entry says so, and those concerned are told."))
        return redirect(url_for("log.show", before=index + 1, _anchor=f"e{index}"))
    names = {category.slug: category.name for category in groups.categories(me(), enabled=False)}
    return render_template("log/take_out.html", line=entry, form=form, categories=names), status()
