"""Who may come in. Every door is closed unless it is listed as open; a test walks all of them."""

from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, Any, cast

from flask import (
    Flask,
    abort,
    current_app,
    g,
    has_request_context,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from exchange.domain import archived, groups, read_tokens, sign_ins
from exchange.domain.desk import applications, election, settings
from exchange.domain.errors import NotFound
from exchange.web import grave

if TYPE_CHECKING:
    from exchange.storage.membership import Membership
    from exchange.storage.person import Person

# Doors that open without signing in. Everything under /g/ needs a membership as well.
OPEN = frozenset(
    {
        "static",
        "act.show",
        "addresses.confirm",
        "appeal.show",
        "appeal.tell",
        "applications.ask",
        "come.show",
        "demo.letters",
        "front.home",
        "join.show",
        "site.healthz",
        "site.metrics",
        "site.readyz",
        "texts.privacy",
        "texts.imprint",
        "texts.retention",
        "security.login",
        "security.forgot_password",
        "security.reset_password",
        "security.send_confirmation",
        "security.confirm_email",
        "security.two_factor_token_validation",
        "security.two_factor_rescue",
        "security.mf_recovery",
        "security.tf_select",
        "weekly.stop",
    }
)

# What an organiser may still do in a group that wants a second factor of them: organise no more.
WITHOUT_A_SECOND = frozenset({"handover.step_down", "membership.leave", "membership.erase"})

# What may be posted in a group that is archived: one's own letters, the way out, the way back, and the end of it.
IN_AN_ARCHIVE = frozenset(
    {
        "archive.show",
        "deletion.show",
        "deletion.agree",
        "deletion.call_off",
        "membership.letters",
        "membership.choose_weekly",
        "membership.leave",
        "membership.erase",
        "members.forget",
    }
)

# Doors that a read token opens too, and the only ones: what they show holds no names and no words.
FOR_PROGRAMS = frozenset({"log_files.checkpoint", "log_files.tile", "log_files.vkey"})

# Of a group that may be asked to join, these are open to everybody: they hold a size, a fingerprint and a key.
FOR_EVERYBODY = frozenset({"log_files.checkpoint", "log_files.vkey"})


def me() -> "Membership":
    """The reader's membership in the group whose page this is."""
    return cast("Membership", g.me)


def whose_log() -> int:
    """The group whose log this is: the reader's, or one that is open to everybody."""
    return int(g.listed) if "listed" in g else me().group_id


def person() -> "Person | None":
    """The signed-in person: the row itself, not Flask-Login's stand-in. Nobody outside a request."""
    if not has_request_context():
        return None
    # Where Flask-Login keeps who it has found: pages ask a hundred times, and its stand-in looks anew each time.
    found = vars(g._get_current_object()).get("_login_user") or current_user._get_current_object()
    return cast("Person", found) if found.is_authenticated else None


def somebody() -> "Person":
    """The signed-in person, behind a door that is not open."""
    found = person()
    assert found is not None  # noqa: S101 (the guard has let nobody else in)
    return found


def now() -> datetime:
    """The moment of this request, the same wherever it is asked."""
    kept = vars(g._get_current_object())
    if "now" not in kept:
        kept["now"] = current_app.extensions["clock"]()
    return cast(datetime, kept["now"])


def init_app(app: Flask) -> None:
    """Put the guard before every view, and the reader into every template."""
    app.url_value_preprocessor(_take_slug)
    app.url_defaults(_give_slug)
    app.before_request(_readable)
    app.before_request(_guard)
    app.context_processor(_reader)


def _readable() -> None:
    """A NUL is no text, and PostgreSQL keeps none: whoever sends one is no person with a keyboard."""
    typed = (*request.args.items(multi=True), *request.form.items(multi=True))
    if any("\x00" in said for said in (request.path, *chain.from_iterable(typed))):
        abort(400)


def _take_slug(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    g.slug = (values or {}).pop("slug", None)
    g.me = None


def _give_slug(endpoint: str, values: dict[str, Any]) -> None:
    slug = g.get("slug")
    if slug and "slug" not in values and current_app.url_map.is_endpoint_expecting(endpoint, "slug"):
        values["slug"] = slug


def _guard() -> ResponseReturnValue | None:
    if request.endpoint is None or request.endpoint in OPEN:
        return None
    try:
        return _come_in()
    except NotFound:
        g.me = None
        gone = grave.page(g.slug)
        if gone is None:
            raise
        return gone


def _come_in() -> ResponseReturnValue | None:
    token = _bearer()
    if token is not None:
        g.me = _by_token(token)
        return None
    if request.endpoint in FOR_EVERYBODY and (listed := applications.is_listed(g.slug)) is not None:
        g.listed = listed
        return None
    signed_in = person()
    if signed_in is None:
        if (gone := grave.page(g.slug)) is not None:
            return gone
        # Somebody with a browser is led to signing in; a program that follows would take that page for the log.
        if request.endpoint in FOR_PROGRAMS and "text/html" not in request.accept_mimetypes.values():
            raise NotFound(_("There is no such page."))
        here = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("security.login", next=here))
    _still_used()
    if g.slug is not None:
        known = g.get("known")
        read = known is not None and known.slug == g.slug
        g.me = groups.let_in(known.member) if read else groups.enter(g.slug, signed_in)
        if request.endpoint not in WITHOUT_A_SECOND and settings.closed_to(g.me):
            return _second_factor_first()
        if request.method == "POST" and request.endpoint not in IN_AN_ARCHIVE:
            archived.awake(g.me.group)
        _was_here(g.me)
    return None


def _second_factor_first() -> ResponseReturnValue:
    """An organiser without a second factor, where the group wants one: how to set it up, and nothing of the group."""
    group, g.me = g.me.group, None
    return render_template("account/second_factor_first.html", theirs=group), 403


def _still_used() -> None:
    """When a browser was last used, its owner reads on the page of where they are signed in."""
    sign_in = g.get("sign_in")
    if sign_in is not None:
        sign_ins.seen(sign_in, at=now())


def _was_here(member: "Membership") -> None:
    """Once a day in each group: a group whose organisers have not come for a month can elect others."""
    today, days = now().date().isoformat(), session.get("seen", {})
    if days.get(str(member.group_id)) != today:
        election.seen(by=member, at=now())
        session["seen"] = {group: day for group, day in days.items() if day == today} | {str(member.group_id): today}


def _bearer() -> str | None:
    """The token that the request shows, empty if it is not written as it has to be; None where it shows none."""
    scheme, _blank, token = request.headers.get("Authorization", "").strip().partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _by_token(token: str) -> "Membership":
    """Whose program it is. A token is all that counts then: with a wrong one nobody is let in by a session."""
    if request.endpoint not in FOR_PROGRAMS:
        raise NotFound(_("There is no such page."))
    return read_tokens.enter(g.slug, token, at=now())


def _reader() -> dict[str, Any]:
    return {
        "me": g.get("me"),
        "person": person(),
        "group": g.me.group if g.get("me") else None,
        "now": now(),
        "demo": current_app.extensions["settings"].demo,
    }
