"""How often somebody may try: passwords cannot be guessed one after another, and nobody's mailbox is filled."""

from typing import Any, NamedTuple

from flask import Flask, request, session
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from exchange.web.guards import person


class Limit(NamedTuple):
    """At most so many POSTs to a door, counted for whom `per` says."""

    door: str
    most: str
    per: str


LIMITS = (
    Limit("security.login", "10 per minute", "account"),
    Limit("security.login", "60 per minute", "address"),
    Limit("security.forgot_password", "5 per hour", "account"),
    Limit("security.forgot_password", "30 per hour", "address"),
    Limit("security.send_confirmation", "5 per hour", "account"),
    Limit("security.send_confirmation", "30 per hour", "address"),
    Limit("security.change_password", "10 per minute", "person"),
    Limit("applications.ask", "5 per hour", "account"),
    Limit("applications.ask", "30 per hour", "address"),
    Limit("security.two_factor_token_validation", "10 per minute", "password"),
    Limit("security.two_factor_token_validation", "60 per minute", "address"),
    Limit("security.mf_recovery", "10 per minute", "password"),
    Limit("security.mf_recovery", "60 per minute", "address"),
    Limit("security.two_factor_setup_validate", "10 per minute", "person"),
    Limit("security.verify", "10 per minute", "person"),
    Limit("addresses.change", "10 per hour", "person"),
    Limit("invitations.send_many", "20 per hour", "person"),
    Limit("account.data", "10 per minute", "person"),
    Limit("membership.erase", "10 per minute", "person"),
)


def init_app(app: Flask) -> None:
    """Put the limits before the doors, which have to hang already.

    They are counted in Redis where that is the queue, so that all web servers count together; otherwise in each
    process for itself, as also while Redis does not answer.
    """
    queue = app.extensions["settings"].queue_url
    limiter = Limiter(
        get_remote_address,
        app=app,
        storage_uri=queue if queue.startswith("redis") else "memory://",
        strategy="moving-window",
        headers_enabled=True,
        in_memory_fallback_enabled=True,
    )
    counted = {"account": _account, "address": get_remote_address, "person": _person, "password": _halfway}
    for limit in LIMITS:
        view: Any = app.view_functions[limit.door]
        guarded: Any = limiter.limit(limit.most, key_func=counted[limit.per], methods=["POST"])(view)
        app.view_functions[limit.door] = guarded
    app.extensions["limits"] = limiter


def _account() -> str:
    """The e-mail that was typed, from one address: others elsewhere cannot lock its owner out."""
    return f"{get_remote_address()} {request.form.get('email', '').strip().lower()[:254]}"


def _halfway() -> str:
    """Whose password was right and who has to show a code now, from wherever."""
    return f"halfway {session.get('tf_user_id', get_remote_address())}"


def _person() -> str:
    reader = person()
    return f"person {reader.id}" if reader else get_remote_address()
