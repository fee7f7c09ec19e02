"""The people of a group."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exchange.domain import board as boards
from exchange.domain import departed, directory, entries, members, numbers
from exchange.domain.desk import public
from exchange.domain.desk.public import TargetKind
from exchange.web import charts, narrowing
from exchange.web.forms import attempt, status, words_of
from exchange.web.forms.favor import WhyForm
from exchange.web.forms.people import DirectoryFilter, ProfileForm
from exchange.web.guards import me, now

bp = Blueprint("members", __name__, url_prefix="/g/<slug>")

LATEST = 10


@bp.get("/members/")
def all() -> ResponseReturnValue:  # noqa: A001 (the endpoint reads members.all)
    """Everybody, by name, or those whose words fit."""
    if (shorter := narrowing.tidy((*directory.MARKS, "after", "before"))) is not None:
        return shorter
    wanted = narrowing.said(directory.MARKS)
    page = directory.directory(
        seen_by=me(), wanted=wanted, after=narrowing.number("after"), before=narrowing.number("before")
    )
    return render_template("members/all.html", page=page, form=DirectoryFilter(request.args), kept=wanted)


@bp.get("/members/<int:number>")
def show(number: int) -> ResponseReturnValue:
    """A member: what they gave and received, what to ask them about."""
    member = members.show(number, seen_by=me())
    return render_template(
        "members/show.html",
        member=member,
        draw=charts,
        entries=entries.of(member, seen_by=me(), most=LATEST),
        **(_mine() if member.id == me().id else {"mine": False, "year": numbers.year(member, at=now())}),
    )


def _mine() -> dict[str, Any]:
    """What the page shows of myself: the same as to others, and what only I see."""
    year, own = numbers.own(me(), at=now())
    return {
        "mine": True,
        "year": year,
        "own": own,
        "dropped": boards.drop_outs([me().id], at=now()).get(me().id, 0),
        "resting": public.resting({TargetKind.PROFILE}, me().id, seen_by=me(), at=now()),
    }


@bp.route("/members/<int:number>/forget", methods=["GET", "POST"])
def forget(number: int) -> ResponseReturnValue:
    """An organiser has somebody forgotten who has left."""
    member = departed.show(number, seen_by=me())
    form = WhyForm()
    if attempt(form, lambda: departed.forget_for(number, by=me(), why=form.why.data or "", at=now())):
        flash(_("A former member is forgotten. Two entries in the log say so, without who it was."))
        return redirect(url_for("log.show"))
    return render_template("members/forget.html", member=member, form=form), status()


@bp.route("/me", methods=["GET", "POST"])
def edit() -> ResponseReturnValue:
    """What the group sees of me."""
    form = ProfileForm(obj=me())
    names = ("firm", "practice", "office", "contact", "can_help_with", "would_love")
    if attempt(
        form, lambda: members.change(by=me(), accepts_gifts=bool(form.accepts_gifts.data), **words_of(form, *names))
    ):
        flash(_("Saved. This is how the others see you."))
        return redirect(url_for("members.show", number=me().number))
    return render_template("members/edit.html", form=form), status()
