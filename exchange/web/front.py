"""The front page: a way in, or one's groups."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from exchange.domain import groups
from exchange.domain.desk import applications
from exchange.web.guards import person

bp = Blueprint("front", __name__)


@bp.get("/")
def home() -> ResponseReturnValue:
    """Straight to the board for somebody in one group; otherwise what there is to choose."""
    reader = person()
    memberships = groups.of(reader) if reader else []
    if reader and len(memberships) == 1 and not reader.is_administrator:
        return redirect(url_for("board.show", slug=memberships[0].group.slug))
    mine = {one.group_id for one in memberships}
    listed = [group for group in applications.listed() if group.id not in mine]
    return render_template("front/home.html", memberships=memberships, listed=listed)
