"""Refusals and mistakes, each as a page with a sentence and the right status."""

from typing import Any

from flask import Flask, current_app, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from passlib.exc import PasswordSizeError
from werkzeug.exceptions import HTTPException

from exchange.domain.errors import Refusal
from exchange.domain.responses import Full
from exchange.web.guards import me


def init_app(app: Flask) -> None:
    """One handler for everything that the rules refuse, one for what HTTP does."""
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(CSRFError, _no_csrf)
    app.register_error_handler(PasswordSizeError, _endless_password)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _our_fault)


def page(sentence: Any, status: int, **more: Any) -> ResponseReturnValue:
    """The refusal as a page, with a way back."""
    back = None
    if g.get("me") is not None and request.endpoint and status != 404:
        back = f"/g/{me().group.slug}/"
    return render_template("errors/refused.html", sentence=sentence, status=status, back=back, **more), status


def _refused(refusal: Refusal) -> ResponseReturnValue:
    if isinstance(refusal, Full):
        return page(refusal.sentence, refusal.status, stand_by=url_for("posts.stand_by", post_id=refusal.post_id))
    return page(refusal.sentence, refusal.status)


def _no_csrf(_error: CSRFError) -> ResponseReturnValue:
    return page(_("This page was open for too long. Go back, reload it, and send it again; nothing was changed."), 400)


def _endless_password(_error: PasswordSizeError) -> ResponseReturnValue:
    return page(_("No password is as long as that. Nothing was changed."), 400)


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error.get_response()  # a redirect of the router
    sentences = {
        400: _("The server could not read what was sent."),
        403: _("This is not yours to open."),
        404: _("There is no such page."),
        405: _("This address does not work that way. Open it from the page it belongs to."),
        413: _("That is too long to take. Shorten it and send it again."),
        415: _("The server could not read what was sent."),
        429: _("That was tried too often. Wait a little, then try again; nothing was changed."),
    }
    return page(sentences.get(error.code, error.description or error.name), error.code)


def _our_fault(error: Exception) -> ResponseReturnValue:
    current_app.logger.error("A page failed", exc_info=error)
    if current_app.testing or current_app.debug:
        raise error
    return page(_("Something failed on our side. It is written down; please try again in a minute."), 500)
