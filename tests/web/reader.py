"""A browser for tests: it returns parsed pages, sends their forms as a person would, and checks the house rules."""

import re
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup, Tag
from flask import Flask
from werkzeug.test import TestResponse

from exchange.domain import sign_ins
from exchange.storage.db import db
from exchange.storage.membership import Membership
from exchange.storage.person import Person

FORBIDDEN = re.compile(r"\b(debts?|owes?|owed|owing|credits?|points?|leader ?boards?)\b", re.IGNORECASE)


@dataclass
class Page:
    """What a person sees, and what the machine said."""

    response: TestResponse
    soup: BeautifulSoup
    reader: "Reader"

    @property
    def status(self) -> int:
        """The status of the answer."""
        return self.response.status_code

    @property
    def text(self) -> str:
        """Everything that can be read, with white space folded."""
        return " ".join(self.soup.get_text().split())

    @property
    def title(self) -> str:
        """The h1."""
        found = self.soup.h1
        return " ".join(found.get_text().split()) if found else ""

    @property
    def path(self) -> str:
        """Where one has arrived."""
        return self.response.request.path

    def main(self) -> str:
        """The text of the main part."""
        found = self.soup.main
        return " ".join(found.get_text().split()) if found else ""

    def form(self, button: str) -> Tag:
        """The form whose button says this."""
        for found in self.soup.find_all("form"):
            if any(button in " ".join(b.get_text().split()) for b in found.find_all("button")):
                return found
        raise AssertionError(f"No form with a button “{button}” on {self.path}: {self.text[:400]}")

    def press(self, button: str, **typed: Any) -> "Page":
        """Fill in the form and press its button; redirects are followed."""
        form = self.form(button)
        data = fields(form)
        for name, value in typed.items():
            assert form.select_one(f'[name="{name}"]'), f"The form has no field {name}"
            data[name] = value
        action = urljoin(self.path, str(form.get("action") or self.response.request.full_path))
        if str(form.get("method", "get")).lower() == "get":
            return self.reader.visit(action, **data)
        return self.reader.post(action, **data)

    def follow(self, link: str) -> "Page":
        """Follow the link that says this."""
        for found in self.soup.find_all("a"):
            if link in " ".join(found.get_text().split()):
                return self.reader.visit(urljoin(self.path, str(found["href"])))
        raise AssertionError(f"No link “{link}” on {self.path}")


class Reader:
    """Somebody with a browser."""

    def __init__(self, app: Flask, member: Membership | None = None) -> None:
        self.app = app
        self.client = app.test_client()
        if member is not None:
            self.sign_in(member.person)

    def sign_in(self, person: Person) -> None:
        """As if the person had just typed their password."""
        key = sign_ins.begin(person, browser="Firefox", system="Linux", at=self.app.extensions["clock"]())
        with self.client.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"], cookie["fs_paa"] = key, True, time.time()

    def as_(self, member: Membership) -> "Reader":
        """Another browser, with this member signed in."""
        return Reader(self.app, member)

    def visit(self, path: str, **query: Any) -> Page:
        """Open a page; redirects are followed."""
        return self._page("GET", path, query_string=query or None)

    def post(self, path: str, **data: Any) -> Page:
        """Send a form; redirects are followed."""
        return self._page("POST", path, data=data)

    def send(self, method: str, path: str, **options: Any) -> TestResponse:
        """One request, without following, checking or parsing anything."""
        return self._open(method, path, **options)

    def _page(self, method: str, path: str, **options: Any) -> Page:
        response = self._open(method, path, follow_redirects=True, **options)
        text = response.text if (response.mimetype or "").startswith("text/") else ""
        page = Page(response, BeautifulSoup(text, "html.parser"), self)
        if response.mimetype == "text/html":
            check(page)
        return page

    def _open(self, method: str, path: str, **options: Any) -> TestResponse:
        # A request that finds an application context shares its g and its session: give it one of its own.
        db.session.commit()
        parts = urlsplit(path)
        with self.app.app_context():
            response = self.client.open(
                parts.path + (f"?{parts.query}" if parts.query else ""), method=method, **options
            )
        db.session.expire_all()
        return response


def fields(form: Tag) -> dict[str, Any]:
    """What a browser would send if nothing were changed."""
    data: dict[str, Any] = {}
    for field in form.find_all(["input", "textarea", "select"]):
        name, kind = field.get("name"), field.get("type", "text")
        if not name:
            continue
        if field.name == "select" and field.has_attr("multiple"):
            data[str(name)] = [str(option.get("value")) for option in field.find_all("option", selected=True)]
        elif field.name == "select":
            chosen = field.find("option", selected=True) or field.find("option")
            data[str(name)] = str(chosen.get("value", chosen.get_text())) if chosen else ""
        elif field.name == "textarea":
            data[str(name)] = field.get_text().removeprefix("\n")
        elif kind == "checkbox":
            if field.has_attr("checked"):
                data.setdefault(str(name), []).append(str(field.get("value", "on")))
        elif kind == "radio":
            if field.has_attr("checked"):
                data[str(name)] = str(field.get("value", "on"))
        elif kind not in {"submit", "button", "image"}:
            data[str(name)] = str(field.get("value", ""))
    return data


def check(page: Page) -> None:
    """The rules of the house, on every page that a test sees."""
    soup, where = page.soup, page.path
    html = soup.html
    assert html is not None, f"{where} is no page"
    assert html.get("lang"), f"{where} does not say its language"
    assert len(soup.find_all("h1")) == 1, f"{where} has {len(soup.find_all('h1'))} h1"
    assert soup.title is not None, f"{where} has no title"
    assert soup.title.get_text().strip(), f"{where} has an empty title"
    ids = [str(tag["id"]) for tag in soup.find_all(id=True)]
    assert len(ids) == len(set(ids)), f"{where} has ids twice: {sorted({i for i in ids if ids.count(i) > 1})}"
    for field in soup.find_all(["input", "select", "textarea"]):
        if field.get("type") in {"hidden", "submit"}:
            continue
        labelled = field.find_parent("label") or soup.find("label", attrs={"for": str(field.get("id"))})
        assert labelled, f"{where}: no label for {field.get('name')}"
    for form in soup.find_all("form"):
        if str(form.get("method", "get")).lower() == "post":
            assert form.find("input", attrs={"name": "csrf_token"}), (
                f"{where}: a form without CSRF: {form.get('action')}"
            )
    for tag in soup.find_all(True):
        loud = [name for name in tag.attrs if name.startswith("on") or name == "style"]
        assert not loud, f"{where}: <{tag.name}> has {loud}, which the CSP refuses"
        assert tag.name != "style", f"{where} has an inline style sheet"
        assert tag.name != "script" or tag.get("src"), f"{where} has an inline script"
    policy = page.response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy, f"{where}: the CSP is open"
    assert "unsafe" not in policy, f"{where}: the CSP has exceptions"
    said = soup.get_text(" ")
    assert not FORBIDDEN.search(said), f"{where} says “{FORBIDDEN.search(said)}”"
