"""The people of a group."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exchange.domain import board as boards
from exchange.domain import departed, entries, members
from exchange.domain.desk import public
from exchange.domain.desk.public import TargetKind
from exchange.web.forms import attempt, status, words_of
from exchange.web.forms.favor import WhyForm
from exchange.web.forms.people import ProfileForm
from exchange.web.guards import me, now

bp = Blueprint("members", __name__, url_prefix="/g/<slug>")

LATEST = 20


@bp.get("/members/")
def all() -> ResponseReturnValue:  # noqa: A001 (the endpoint reads members.all)
    """Everybody, by name."""
    return render_template("members/all.html", everybody=members.everybody(seen_by=me()))


@bp.get("/members/<int:number>")
def show(number: int) -> ResponseReturnValue:
    """A member: what they gave and received, what to ask them about."""
    profile = members.show(number, seen_by=me(), at=now())
    latest = entries.of(profile.member, seen_by=me(), most=LATEST)
    mine = profile.member.id == me().id
    private = {
        "resting": public.resting({TargetKind.PROFILE}, me().id, seen_by=me(), at=now()),
        "own": members.own_year(seen_by=me(), at=now()),
        "dropped": boards.drop_outs([me().id], at=now()).get(me().id, 0),
    }
    return render_template("members/show.html", profile=profile, entries=latest, mine=mine, **(private if mine else {}))


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
