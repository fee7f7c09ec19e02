"""Who is signed in, by a key in the browser's cookie, and the page on which one signs out somewhere else."""

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Flask, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import user_logged_in, user_logged_out
from flask_security.utils import logout_user, set_request_attr

from exchange.domain import sign_ins
from exchange.web.device import device
from exchange.web.guards import now, somebody

if TYPE_CHECKING:
    from exchange.storage.person import Person
    from exchange.storage.sign_in import SignIn

bp = Blueprint("sessions", __name__, url_prefix="/me/sessions")


def init_app(app: Flask) -> None:
    """Put the key where Flask-Login keeps who is signed in, so that its longer lasting cookie holds it, too."""
    manager: Any = app.extensions["security"].login_manager
    manager.user_loader(_load)
    user_logged_in.connect(_begin, app)
    user_logged_out.connect(_end, app)


def _load(key: str) -> "Person | None":
    known = sign_ins.known(str(key), slug=g.get("slug"))
    if known is None:
        return None
    g.known, g.sign_in, g.sign_in_key = known, known.sign_in, str(key)
    set_request_attr("fs_authn_via", "session")
    set_request_attr("fs_paa", session.get("fs_paa", 0))
    return known.sign_in.person


def _begin(_app: Flask, user: Any) -> None:
    _end(_app)
    browser, system = device(request.headers.get("User-Agent", ""))
    person = user._get_current_object() if hasattr(user, "_get_current_object") else user
    session["_user_id"] = sign_ins.begin(person, browser=browser, system=system, at=now())


def _end(_app: Flask, **_said: Any) -> None:
    key = g.pop("sign_in_key", None)
    g.pop("sign_in", None)
    g.pop("known", None)
    if key is not None:
        sign_ins.end_one(key)


def here() -> "SignIn | None":
    """The session that this request belongs to."""
    found: SignIn | None = g.get("sign_in")
    return found


@bp.get("")
def all() -> ResponseReturnValue:  # noqa: A001 (the endpoint reads sessions.all)
    """Where one is signed in."""
    return render_template("account/sessions.html", sessions=sign_ins.of(somebody()), here=here())


@bp.post("/<int:sign_in_id>/end")
def end(sign_in_id: int) -> ResponseReturnValue:
    """Sign out there, or here."""
    ended = sign_ins.end(sign_in_id, by=somebody())
    if (mine := here()) is not None and mine.id == ended.id:
        return _out(_("You are signed out here."))
    flash(_("Signed out there. Whoever uses that browser has to sign in again."))
    return redirect(url_for("sessions.all"))


@bp.post("/end")
def end_all() -> ResponseReturnValue:
    """Sign out everywhere."""
    sign_ins.end_all(by=somebody())
    return _out(_("You are signed out everywhere. Sign in again where you need to."))


def _out(sentence: str) -> ResponseReturnValue:
    g.pop("sign_in_key", None)
    logout_user()
    flash(sentence)
    return redirect(url_for("security.login"))
