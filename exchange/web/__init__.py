"""Doors: views, forms, guards, filters. Pages ask the domain and never open a table."""

from typing import Any

from flask import Flask
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter

from exchange.web import (
    account,
    act,
    addresses,
    admin,
    admin_desk,
    admin_disputes,
    appeal,
    applications,
    archive,
    board,
    categories,
    come,
    decisions,
    deletion,
    demo,
    desk,
    desk_again,
    election,
    errors,
    favors,
    filters,
    front,
    guards,
    handover,
    headers,
    invitations,
    join,
    language,
    limits,
    log,
    log_files,
    log_proofs,
    members,
    membership,
    naming,
    numbers,
    posts,
    rendering,
    reports,
    search,
    sessions,
    settings,
    sign_in,
    site,
    texts,
    ties,
    tokens,
    weekly,
    weekly_desk,
)

PAGES = (
    front,
    site,
    texts,
    join,
    act,
    appeal,
    account,
    addresses,
    sessions,
    tokens,
    admin,
    admin_desk,
    admin_disputes,
    applications,
    come,
    demo,
    board,
    search,
    posts,
    favors,
    members,
    membership,
    numbers,
    ties,
    log,
    log_files,
    log_proofs,
    invitations,
    categories,
    desk,
    desk_again,
    decisions,
    reports,
    settings,
    archive,
    deletion,
    handover,
    election,
    weekly,
    weekly_desk,
)


class Number(IntegerConverter):
    """A number that a database can hold: an address with a longer one does not exist."""

    regex = r"\d{1,18}"


def init_app(app: Flask, *, people: type, database: Any) -> None:
    """Hang every door into the application. `people` is the table that sign-in reads."""
    if app.extensions["settings"].production:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    CSRFProtect(app)
    language.init_app(app)
    sign_in.init_app(app, people=people, database=database)
    sessions.init_app(app)
    guards.init_app(app)
    filters.init_app(app)
    rendering.init_app(app)
    naming.init_app(app)
    errors.init_app(app)
    headers.init_app(app)
    weekly.init_app(app)
    app.url_map.converters["int"] = Number
    for page in PAGES:
        app.register_blueprint(page.bp)
    limits.init_app(app)
