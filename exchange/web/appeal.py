"""What takes words and no signing in, by the link in a letter: asking for another look, answering about a report."""

from typing import TYPE_CHECKING

from flask import Blueprint, current_app, g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exchange.domain import deleted, lookup
from exchange.domain.desk import appeals, public, questions
from exchange.domain.errors import Gone, NotFound
from exchange.mail import links
from exchange.web.forms import attempt, status
from exchange.web.forms.desk import AppealForm, TellForm
from exchange.web.guards import now

if TYPE_CHECKING:
    from exchange.storage.membership import Membership

bp = Blueprint("appeal", __name__)


@bp.route("/appeal/<token>", methods=["GET", "POST"])
def show(token: str) -> ResponseReturnValue:
    """The decision, and a form. Opening it changes nothing."""
    decision_id, member = _opened(token)
    form = AppealForm()
    asked = attempt(form, lambda: appeals.appeal(decision_id, by=member, why=form.why.data or "", at=now()))
    found = public.one_of_mine(decision_id, seen_by=member, at=now())
    known = {"found": found, "form": form, "asked": bool(asked), "name": member.group.name}
    return render_template("decisions/appeal.html", **known), status()


@bp.route("/tell/<token>", methods=["GET", "POST"])
def tell(token: str) -> ResponseReturnValue:
    """A question about what one reported, and a form. Opening it changes nothing."""
    question_id, member = _opened(token, "tell")
    form = TellForm()
    told = attempt(form, lambda: questions.answer(question_id, by=member, text=form.text.data or "", at=now()))
    found = questions.one(question_id, seen_by=member)
    known = {"found": found, "form": form, "told": bool(told), "name": member.group.name}
    return render_template("reports/tell.html", **known), status()


def _opened(token: str, verb: str = "appeal") -> tuple[int, "Membership"]:
    """The row and the member whom the link is for, to appeal whatever became of the membership."""
    try:
        act = links.read(current_app.extensions["settings"], token, at=now())
    except links.Expired:
        raise Gone(_("This link was good for 60 days. Sign in to see what became of it.")) from None
    except ValueError:
        raise NotFound(_("This link does not work. Check that the whole address was copied.")) from None
    if act.verb != verb:
        raise NotFound(_("This link does not work. Check that the whole address was copied."))
    deleted.links_ended(act.member, act.written_at)
    member = lookup.once_member(act.member) if verb == "appeal" else lookup.member(act.member)
    g.reader = member.person
    return act.row, member
