"""Whatever somebody sends, the site answers with a page and a sentence, never with a failure of its own.

Doors of the url map and forms as the pages show them, with values that people and programs get wrong.
EXCHANGE_REQUESTS says how many as each role (1,000 on each database; 20,000 in `make check-long`), EXCHANGE_SEED
which chances.
"""

import os
import random
import re
import secrets
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from exchange.storage.db import db
from exchange.storage.membership import MembershipState
from tests.builders import answered, needed, offered
from tests.domain.desk.casework import made, reported
from tests.web.reader import Reader, fields

REQUESTS = int(os.environ.get("EXCHANGE_REQUESTS", "1000"))
SEED = int(os.environ.get("EXCHANGE_SEED", "0")) or secrets.randbelow(10**9)
TOGETHER = 50  # requests that find what the ones before left behind; then everything is as it was

NASTY = [
    *("", " ", "\x00", "a\x00b", "\r\n", "%", "%00", "'", '"', "\\", "{{7*7}}", "{% raw %}", "%s%(name)s", "{0}"),
    *("0", "-1", "1", "2", "99", "100", "1.5", "1e309", "NaN", "²", "٣", "2147483648", "9" * 19, "9" * 30, "0x1F"),
    *("on", "true", "None", "[]", "{}", "need", "offer", "choice", "first_come", "advice", "weekly", "bar", "hide"),
    *("2026-10-16T12:00", "9999-12-31T23:59", "0001-01-01T00:00", "2026-02-30T12:00", "2026-10-16", "24:61"),
    *("a@b.example", "ada@bar.example", "a@", "ä@ü.example", "x" * 300 + "@b.example", "a@b.example\nBcc: c@d.example"),
    *(
        "<script>alert(1)</script>",
        "[a](javascript:b)",
        "![](x)",
        "\u202eevil",
        "👩‍⚖️" * 40,
        "e\u0301" * 50,
        "\ufeff",
        "\ufffe",
    ),
    *("x" * 121, "word " * 400, "x" * 20_000, "\n" * 3_000, "* " * 2_000, "[" * 2_000, "#" * 500),
    *("../../etc/passwd", "//evil.example/", "https://evil.example/", "/g/bar/", "javascript:alert(1)"),
    *("Europe/Madrid", "Mars/Olympus", "es", "en", "xx", "m2", "m2,m3", "post", "profile", "favor", "thanks"),
]
NUMBERS = ["0", "1", "2", "3", "4", "5", "7", "12", "999", "2147483647", "2147483648", "9" * 18, "9" * 19, "9" * 40]
WORDS = ["bar", "med", "nonsense", "BAR", "b%00r", "..", "%2e%2e", "%F0%9F%91%A9", "%FF", "a" * 300, "post", "profile"]
QUERY = ["page", "before", "after", "kind", "category", "member", "q", "next", "sort", "token", "open", "from", "to"]
HEADERS = [
    {"Accept-Language": "es;q=x,,*;q=9,\u00e9"},
    {"Accept-Language": "es"},
    {"Accept": "application/json"},
    {"Authorization": "Bearer "},
    {"Authorization": "Bearer " + "x" * 5_000},
    {"Cookie": "session=.eJ; remember_token=1|x"},
    {"X-Forwarded-For": "not an address"},
    {"If-Modified-Since": "yesterday"},
    {"Range": "bytes=9-1"},
]
BODIES = [
    (b"{", "application/json"),
    (b"[]", "application/json"),
    (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
    (b"a=%FF%FE&b=%", "application/x-www-form-urlencoded"),
    (b"\xff\xfe", "text/plain; charset=nonsense"),
]


@dataclass
class Somebody:
    """A role that tries everything, and the forms that its pages show."""

    reader: Reader
    chance: random.Random
    forms: list[tuple[str, str, dict[str, Any], dict[str, list[str]]]] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    statuses: set[int] = field(default_factory=set)

    def collect(self, paths: list[str]) -> None:
        """Keep the forms of these pages."""
        for path in paths:
            answer = self.reader.send("GET", path)
            soup = BeautifulSoup(answer.text if answer.mimetype == "text/html" else "", "html.parser")
            for form in soup.find_all("form"):
                choices = {
                    str(one.get("name")): [str(option.get("value", "")) for option in one.find_all("option")]
                    for one in form.find_all("select")
                }
                action = str(form.get("action") or path)
                self.forms.append((str(form.get("method", "get")).upper(), action, fields(form), choices))

    def a_form(self) -> tuple[str, str, dict[str, Any]]:
        """A form of a page, as it stands or with some of its fields spoilt."""
        method, action, data, choices = self.chance.choice(self.forms)
        data = dict(data)
        for name in self.chance.sample(sorted(data), k=min(len(data), self.chance.choice((0, 1, 1, 2, 4)))):
            kinds = choices.get(name) or NASTY
            data[name] = self.chance.choice(kinds if self.chance.random() < 0.5 else NASTY)
            if self.chance.random() < 0.1:
                data[name] = [data[name], self.chance.choice(NASTY)]
            elif self.chance.random() < 0.1:
                del data[name]
        if method == "GET":
            return method, f"{urlsplit(action).path}?{self._query(data)}", {}
        return method, action, {"data": data}

    def a_door(self, rules: list[tuple[str, list[str]]]) -> tuple[str, str, dict[str, Any]]:
        """Any address, with anything in it and behind it."""
        rule, methods = self.chance.choice(rules)
        path = re.sub(r"<int:[^>]+>", lambda _: self.chance.choice(NUMBERS), rule)
        path = re.sub(r"<slug>", lambda _: self.chance.choice(("bar", "bar", "bar", "med", *WORDS)), path)
        path = re.sub(r"<[^>]+>", lambda _: self.chance.choice(WORDS), path)
        method = self.chance.choice(methods)
        query = {self.chance.choice(QUERY): self.chance.choice(NASTY) for _ in range(self.chance.choice((0, 0, 1, 2)))}
        options: dict[str, Any] = {}
        if method != "GET":
            names = sorted({name for *_, data, _choices in self.forms for name in data}) or ["text"]
            options["data"] = {self.chance.choice(names): self.chance.choice(NASTY) for _ in range(4)}
            if self.chance.random() < 0.1:
                options["data"], options["content_type"] = self.chance.choice(BODIES)
        return method, path + (f"?{self._query(query)}" if query else ""), options

    def send(self, method: str, path: str, options: dict[str, Any]) -> None:
        """One request; what fails is kept with everything that is needed to send it again."""
        if self.chance.random() < 0.1:
            options["headers"] = self.chance.choice(HEADERS)
        try:
            answer = self.reader.send(method, path, **options)
        except Exception:
            self.failed.append(f"{method} {path[:300]} {str(options)[:600]}\n{traceback.format_exc()[-1500:]}")
            db.session.rollback()
            return
        self.statuses.add(answer.status_code)
        if answer.status_code >= 500 and answer.status_code != 503:
            self.failed.append(f"{method} {path[:300]} {str(options)[:600]}: {answer.status_code}")
        if "Content-Security-Policy" not in answer.headers:
            self.failed.append(f"{method} {path[:300]}: no CSP")

    @staticmethod
    def _query(data: dict[str, Any]) -> str:
        return "&".join(f"{quote(name)}={quote(str(value), safe='%')}" for name, value in data.items())


@pytest.fixture(autouse=True)
def without_csrf(app, monkeypatch):
    """Whether a form carries its token is another test's business: here everything reaches what stands behind it."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)


@pytest.fixture
def filled(session, ada, ben, cleo, olga, sam, favor):
    """A post of each kind, one answered, one reported and decided; and another group."""
    need = needed(ada)
    answered(need, ben)
    offered(ben)
    made(reported(offered(cleo, title="Two seats"), ben), olga)
    reported(need, cleo)
    session.commit()
    return need


@contextmanager
def undone(app: Flask) -> Iterator[None]:
    """What happens inside is gone afterwards."""
    connection: Any = db.engines[None]
    db.session.remove()
    point = connection.begin_nested()
    app.extensions["limits"].reset()
    try:
        yield
    finally:
        db.session.remove()
        point.rollback()


@pytest.mark.parametrize("role", ["stranger", "outsider", "suspended", "member", "organiser", "administrator"])
def test_nothing_that_anybody_sends_breaks_a_page(app, session, role, filled, sam, ben, ada, olga, cleo):
    people = {"outsider": sam, "suspended": cleo, "member": ada, "organiser": olga, "administrator": ben}
    if role == "suspended":
        cleo.state = MembershipState.SUSPENDED
    ben.person.is_administrator = role == "administrator"
    session.commit()
    who = Somebody(Reader(app, people.get(role)), random.Random(f"{SEED} {role}"))  # noqa: S311 (nothing secret)
    rules = sorted(
        (rule.rule, sorted((rule.methods or set()) & {"GET", "POST", "PUT", "DELETE"}))
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static"
    )
    places = {"<slug>": "bar", "<int:post_id>": str(filled.id), "<int:number>": "2", "<int:case_id>": "1"}
    with undone(app):
        who.collect([_filled_in(rule, places) for rule, methods in rules if "GET" in methods])
    for _ in range(REQUESTS // TOGETHER):
        with undone(app):
            for _ in range(TOGETHER):
                some = who.a_form() if who.forms and who.chance.random() < 0.5 else who.a_door(rules)
                who.send(*some)

    assert not who.failed, f"EXCHANGE_SEED={SEED}: {len(who.failed)} of {REQUESTS}\n" + "\n\n".join(who.failed[:5])
    assert {200, 404} <= who.statuses


def _filled_in(rule: str, places: dict[str, str]) -> str:
    for name, value in places.items():
        rule = rule.replace(name, value)
    return re.sub(r"<[^>]+>", "1", rule)


@pytest.mark.parametrize("digits", [19, 30, 5_000])
def test_a_number_that_no_database_holds_is_the_number_of_nothing(app, monkeypatch, olga, ada, ben, digits):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    ben.person.is_administrator, long = True, "9" * digits
    db.session.commit()
    case = reported(offered(ada), ben)
    organiser, administrator = Reader(app, olga), Reader(app, ben)
    for path in ("posts", "members", "favors", "desk", "decisions", "log", "reports/post", "settings/rules"):
        assert organiser.send("GET", f"/g/bar/{path}/{long}").status_code == 404, path
    for path in ("proposals/{}/agree", "objections/{}", "appeals/{}", "decisions/{}/reverse", "reports/{}/ask"):
        assert organiser.send("POST", f"/g/bar/desk/{case.id}/{path.format(long)}").status_code == 404, path
    for name in ("member", "before"):
        assert organiser.send("GET", f"/g/bar/log?{name}={long}").status_code == 200
    for path, name in (("second", "half"), ("objection", "raised"), ("ask", "report")):
        said = {name: long, "upheld": "1", "text": "Which line?"}
        assert administrator.send("POST", f"/admin/desk/{case.id}/{path}", data=said).status_code == 404, path
