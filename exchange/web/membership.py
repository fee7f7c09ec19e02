"""A member's own choices: which letters, and leaving."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security.utils import logout_user
from flask_wtf import FlaskForm

from exchange.domain import leaving, members
from exchange.mail import KINDS, MUST
from exchange.web import weekly
from exchange.web.forms import attempt, status
from exchange.web.forms.people import ErasureForm
from exchange.web.guards import me, now, somebody
from exchange.web.password import asked_again

bp = Blueprint("membership", __name__, url_prefix="/g/<slug>/me")


@bp.route("/letters", methods=["GET", "POST"])
def letters() -> ResponseReturnValue:
    """The weekly letter, and each kind of the others, which can be switched off but for those about one's account."""
    choosable = _choosable()
    if request.method == "POST":
        members.choose_letters(by=me(), off=choosable.keys() - set(request.form.getlist("on")))
        flash(_("Saved. These are the letters that you get."))
        return redirect(url_for("membership.letters"))
    return _letters_page(weekly.form())


@bp.post("/letters/weekly")
def choose_weekly() -> ResponseReturnValue:
    """What one wishes of the weekly letter, over all groups."""
    form = weekly.form()
    if attempt(form, lambda: weekly.choose(form)):
        flash(_("Saved. This is when the weekly letter comes."))
        return redirect(url_for("membership.letters"))
    return _letters_page(form)


def _choosable() -> dict[str, Any]:
    closed = MUST if me().is_organiser else MUST | {"dispute_opened"}
    return {kind: sentence for kind, sentence in KINDS.items() if kind not in closed}


def _letters_page(form: FlaskForm) -> ResponseReturnValue:
    kinds = [(kind, sentence, kind not in me().letters_off) for kind, sentence in _choosable().items()]
    return render_template("members/letters.html", kinds=kinds, form=form, parts=weekly.parts()), status()


@bp.route("/leave", methods=["GET", "POST"])
def leave() -> ResponseReturnValue:
    """What leaving means, and the button."""
    if request.method == "POST":
        name = me().group.name
        leaving.leave(by=me(), at=now())
        flash(_("You have left %(group)s.", group=name))
        return redirect(url_for("front.home"))
    return render_template("members/leave.html", form=ErasureForm()), status()


@bp.post("/erase")
def erase() -> ResponseReturnValue:
    """Be forgotten in this group; the password is asked for again."""
    form = ErasureForm()
    if attempt(form, lambda: _erased(form)) is None:
        return render_template("members/leave.html", form=form), status()
    flash(_("You are forgotten in this group. What stays there has no name."))
    return redirect(url_for("front.home"))


def _erased(form: ErasureForm) -> bool:
    reader, member_id = somebody(), me().id
    asked_again(form.password.data)
    leaving.erase(member_id, at=now())
    if not reader.active:
        logout_user()
    return True
