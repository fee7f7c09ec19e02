"""For machines: does the process live, and can it serve?"""

from collections.abc import Iterator
from hmac import compare_digest

from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from exchange.domain import health
from exchange.domain.desk import site
from exchange.domain.errors import NotFound
from exchange.web.guards import now

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


class Figures(Collector):
    """What the database says of all groups: nothing that anybody wrote, and nothing of one group alone."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One gauge for each figure."""
        found = site.figures(at=now())
        for name, told, value in (
            ("groups", "Groups.", found.groups),
            ("groups_without_organiser", "Groups in which nobody is an active organiser.", len(found.without)),
            ("members", "Active memberships.", found.members),
            ("letters_due", "Letters that are due and not sent.", found.waiting),
            ("letters_late", "Letters that have waited for more than an hour.", found.late),
            ("letters_failed", "Letters that could not be sent.", found.failed),
            ("cases_open", "Cases at the desks of all groups.", found.cases),
        ):
            yield GaugeMetricFamily(f"exchange_{name}", told, value=value)


@bp.get("/metrics")
def metrics() -> ResponseReturnValue:
    """For Prometheus, with the token that the operator has set. Without one there is no such page."""
    token = current_app.extensions["settings"].metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not compare_digest(given.encode(), token.encode()):
        raise NotFound(_("There is no such page."))
    registry = CollectorRegistry()
    registry.register(Figures())
    return generate_latest(registry), 200, {"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
