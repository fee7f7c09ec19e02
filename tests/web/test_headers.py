"""What every answer says to the browser: every door of the site, in a world where something stands behind each."""

import re
from dataclasses import replace

import pytest

from exchange.web.headers import CSP, PICTURE, SECRET, WITH_A_PICTURE
from tests.web.reader import Reader
from tests.web.test_doors import DOORS

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
FILLED = {
    "slug": "bar",
    "listed": "bar",
    "kind": "post",
    "word": "privacy",
    "filename": "theme.css",
    "path": "0/000.p/2",
    "token": "not-a-token",
}


def addresses(app):
    """(endpoint, method, address) of every door; what a number stands for is there or not: both answer."""
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: FILLED.get(found.group(1), "1"), rule.rule)
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            yield rule.endpoint, method, path


@pytest.fixture
def world(session, olga, ada, favor):
    """A group with an organiser who administers the site, too, and something agreed."""
    olga.person.is_administrator = True
    session.commit()
    return {"a stranger": None, "a member": ada, "who may everything": olga}


@pytest.mark.parametrize("who", ["a stranger", "a member", "who may everything"])
def test_every_door_carries_every_header(app, world, who):
    looked, last = 0, ("membership.erase", "membership.leave", "security.logout", "sessions.end", "sessions.end_all")
    for endpoint, method, path in sorted(addresses(app), key=lambda door: (door[0] in last, door)):
        answer = Reader(app, world[who]).send(method, path)
        answer.close()
        where = f"{method} {endpoint}"
        assert answer.status_code < 500, where
        assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS, where
        assert answer.headers["Content-Security-Policy"] == (PICTURE if endpoint in WITH_A_PICTURE else CSP), where
        secret = path.startswith(SECRET)
        assert answer.headers["Referrer-Policy"] == ("no-referrer" if secret else "same-origin"), where
        kept = answer.headers["Cache-Control"]
        assert (kept == "no-store") if secret else kept.startswith(("private", "no-store", "public, max-age=31536000"))
        assert endpoint == "static" or not kept.startswith("public") or "log_files" in endpoint, where
        for cookie in answer.headers.getlist("Set-Cookie"):
            assert {"HttpOnly", "SameSite=Lax"} <= set(cookie.split("; ")), where
        looked += 1
    assert looked > len(DOORS)


def test_the_policy_has_no_exceptions(app):
    for policy in (CSP, PICTURE):
        assert "unsafe" not in policy
        assert "*" not in policy
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert [part for part in PICTURE.split("; ") if part not in CSP] == ["img-src 'self' data:"]


def test_what_does_not_exist_and_what_is_refused_carry_them_too(app, ada):
    reader = Reader(app, ada)
    for method, path in (
        ("GET", "/nothing"),
        ("DELETE", "/me"),
        ("POST", "/me"),
        ("GET", "/g/bar/desk"),
        ("GET", "/g"),
    ):
        answer = reader.send(method, path)
        assert answer.status_code in {302, 308, 400, 403, 404, 405}, path
        assert answer.headers["Content-Security-Policy"] == CSP, path
        assert answer.headers["X-Content-Type-Options"] == "nosniff", path


def test_behind_tls_browsers_are_told_to_stay_there(app, monkeypatch, reader):
    assert "Strict-Transport-Security" not in reader.send("GET", "/sign-in").headers
    behind = replace(app.extensions["settings"], base_url="https://exchange.example")
    monkeypatch.setitem(app.extensions, "settings", behind)

    assert reader.send("GET", "/sign-in").headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
