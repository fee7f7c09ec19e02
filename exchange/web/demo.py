"""Only the demo: letters that would have been sent, on a page."""

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exchange.domain.errors import NotFound
from exchange.mail import newest_files

bp = Blueprint("demo", __name__)


@bp.get("/demo/letters")
def letters() -> ResponseReturnValue:
    """The letters in the instance folder. Anywhere but in the demo there is no such page."""
    settings = current_app.extensions["settings"]
    if not settings.demo:
        raise NotFound(_("There is no such page."))
    return render_template("demo/letters.html", letters=newest_files(settings))
