"""What the group gave and received, in counts."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from exchange.domain import group_numbers
from exchange.web import charts
from exchange.web.guards import me, now

bp = Blueprint("numbers", __name__, url_prefix="/g/<slug>/numbers")


@bp.get("")
def show() -> ResponseReturnValue:
    """The group's page of numbers, the organisers first."""
    return render_template("numbers/show.html", page=group_numbers.show(seen_by=me(), at=now()), draw=charts)
