"""For machines: does the process live, and can it serve?"""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from exchange.domain import health

bp = Blueprint("site", __name__)


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    """The process lives."""
    return "ok\n", 200, {"Content-Type": "text/plain; charset=utf-8"}


@bp.get("/readyz")
def readyz() -> ResponseReturnValue:
    """The database answers, so pages can be served."""
    ready = health.ready()
    return (
        ("ready\n" if ready else "the database does not answer\n"),
        200 if ready else 503,
        {"Content-Type": "text/plain; charset=utf-8"},
    )
