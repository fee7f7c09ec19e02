"""Who organises: naming another one, and going back to being a member."""

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exchange.domain import invitations, members
from exchange.domain.desk import handover
from exchange.web.forms import attempt, status, whom
from exchange.web.forms.settings import OrganiserForm, StepDownForm
from exchange.web.guards import me, now
from exchange.web.password import asked_again

if TYPE_CHECKING:
    from exchange.storage.membership import Membership

bp = Blueprint("handover", __name__, url_prefix="/g/<slug>/organisers")


@bp.route("", methods=["GET", "POST"])
def name() -> ResponseReturnValue:
    """The organisers, and naming another one."""
    invitations.organising(me())
    form = OrganiserForm()
    clear = whom.offer(form, "member", organisers=False)
    if clear and (named := attempt(form, lambda: _named(form))):
        flash(_("%(name)s organises from now on, and is told so. The log says that you named them.", name=named.name))
        return redirect(url_for("handover.name"))
    found = members.organisers(seen_by=me())
    others = "find" in form or len(list(form.member.choices or ())) > 1
    return render_template("settings/organisers.html", form=form, organisers=found, others=others), status()


def _named(form: OrganiserForm) -> "Membership":
    asked_again(form.password.data)
    return handover.name_organiser(form.member.data, by=me(), at=now())


@bp.route("/step-down", methods=["GET", "POST"])
def step_down() -> ResponseReturnValue:
    """What it means to go back to being a member, and the button."""
    invitations.organising(me())
    form = StepDownForm()
    if attempt(form, lambda: _stepped_down(form)):
        flash(_("You are a member like the others from now on, and the log says so. Thank you for your time."))
        return redirect(url_for("board.show"))
    return render_template("settings/step_down.html", form=form, last=handover.last(me())), status()


def _stepped_down(form: StepDownForm) -> "Membership":
    asked_again(form.password.data)
    return handover.step_down(by=me(), at=now())
