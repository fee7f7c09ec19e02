"""Where no organiser has been here for a month, the members choose one of themselves."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exchange.domain.desk import election
from exchange.web.forms import attempt, status
from exchange.web.forms.settings import VoteForm
from exchange.web.guards import me, now

bp = Blueprint("election", __name__, url_prefix="/g/<slug>/election")


@bp.get("")
def show() -> ResponseReturnValue:
    """Whether one can be chosen, who would organise, and who is for whom as far as it is the reader's own word."""
    return _page(VoteForm(formdata=None))


def _page(form: VoteForm) -> ResponseReturnValue:
    page = election.show(seen_by=me(), at=now())
    return render_template("election/show.html", page=page, form=form), status()


@bp.post("/call")
def call() -> ResponseReturnValue:
    """Begin."""
    election.call(by=me(), at=now())
    flash(_("The election has begun. The organisers are told at once; it ends when one of them comes."))
    return redirect(url_for("election.show"))


@bp.post("/stand")
def stand() -> ResponseReturnValue:
    """Say that one would organise."""
    election.stand(by=me(), at=now())
    flash(_("Thank you. The others see that you would organise."))
    return redirect(url_for("election.show"))


@bp.post("/vote")
def vote() -> ResponseReturnValue:
    """Be for somebody; a later word replaces it."""
    form = VoteForm()
    voted = attempt(form, lambda: (election.vote(form.member.data, by=me(), at=now()),))
    if voted is None:
        return _page(form)
    (elected,) = voted
    if elected:
        flash(_("That was enough: %(name)s organises from now on, and the log says so.", name=elected.name))
        return redirect(url_for("settings.show"))
    flash(_("Kept. You can change your mind as long as the election lasts."))
    return redirect(url_for("election.show"))
