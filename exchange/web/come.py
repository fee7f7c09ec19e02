"""Asking to join without an account: the link in the letter that has proven the address."""

from typing import TYPE_CHECKING

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security.utils import hash_password, login_user

from exchange.domain.desk import strangers
from exchange.domain.errors import BadInput, Gone, NotFound
from exchange.mail import links
from exchange.web.forms import attempt, status, words_of
from exchange.web.forms.settings import ComeForm
from exchange.web.guards import now
from exchange.web.language import language

if TYPE_CHECKING:
    from exchange.storage.membership import Membership

bp = Blueprint("come", __name__)


@bp.route("/come/<token>", methods=["GET", "POST"])
def show(token: str) -> ResponseReturnValue:
    """The group, its rules, and asking to join it with a new account. Opening it changes nothing."""
    group_id, email = _opened(token)
    front = strangers.look(group_id, email)
    known = strangers.has_account(email)
    form = ComeForm(zone=front.group.zone)
    if not known and (member := attempt(form, lambda: _asked(group_id, email, form))):
        login_user(member.person, authn_via=["letter"])
        flash(_("You have asked. An organiser answers you by letter."))
        return redirect(url_for("applications.ask", listed=front.group.slug))
    return render_template("applications/come.html", front=front, form=form, email=email, known=known), status()


def _opened(token: str) -> tuple[int, str]:
    try:
        return links.read_address(current_app.extensions["settings"], token, at=now())
    except links.Expired:
        raise Gone(_("This link was good for 14 days. Ask for a new letter.")) from None
    except ValueError:
        raise NotFound(_("This link does not work. Check that the whole address was copied.")) from None


def _asked(group_id: int, email: str, form: ComeForm) -> "Membership":
    password = form.password.data or ""
    shortest = current_app.config["SECURITY_PASSWORD_LENGTH_MIN"]
    if len(password) < shortest:
        raise BadInput(_("A password has at least %(length)s characters.", length=shortest), field="password")
    said = words_of(form, "name", "answer") | {"zone": form.zone.data or "UTC"}
    return strangers.come(group_id, email, password=hash_password(password), language=language(), at=now(), **said)
