"""A person with a browser, who tries again when a server has died in the middle of an answer."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, Request, build_opener

from bs4 import BeautifulSoup, Tag

from tests.web.reader import fields

PATIENCE = 60.0
ANSWER_SECONDS = 20.0


class Lost(Exception):  # noqa: N818 (the answer was lost)
    """No answer came. What was asked for has happened, or it has not."""


class Refused(Exception):  # noqa: N818 (the site refused)
    """The page does not offer this, or the site said no."""


@dataclass(frozen=True)
class Answer:
    """What the site answered."""

    status: int
    location: str
    text: str


class _Stay(HTTPRedirectHandler):
    """A redirect is an acknowledgement; it is looked at, not followed."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


class Visitor:
    """Somebody who is signed in."""

    def __init__(self, base: str, email: str, password: str) -> None:
        self.base = base
        self.lost = 0
        self.answers = 0
        self._opener = build_opener(HTTPCookieProcessor(), _Stay())
        self.insist("/sign-in", "/sign-in", email=email, password=password)

    def page(self, path: str) -> BeautifulSoup:
        """Open a page; where nobody answers, try again."""
        for _ in _patiently():
            try:
                answer = self._open(path)
            except Lost:
                continue
            assert answer.status == 200, f"{path}: {answer.status} {answer.location}"
            return BeautifulSoup(answer.text, "html.parser")
        raise AssertionError(f"Nobody answered at {path}")

    def send(self, path: str, action: str, **typed: str) -> str:
        """Fill in the form of a page and send it, once. Returns the path that the site sends us on to.

        Raises Lost when no answer came, Refused when there is no such form or the site says no.
        """
        form = _form(self.page(path), action)
        answer = self._open(action, urlencode(_filled(form) | typed, doseq=True).encode())
        if answer.status not in {302, 303}:
            assert answer.status < 500, f"{action}: {answer.status}"
            raise Refused(f"{action}: {answer.status} {_said(answer.text)}")
        return urlsplit(answer.location).path

    def insist(self, path: str, action: str, **typed: str) -> str:
        """Send a form until it is acknowledged. After a lost answer a refusal means that it had happened: ''."""
        lost = False
        for _ in _patiently():
            try:
                return self.send(path, action, **typed)
            except Lost:
                self.lost += 1
                lost = True
            except Refused:
                if not lost:
                    raise
                return ""
        raise AssertionError(f"Nobody answered at {action}")

    def _open(self, path: str, data: bytes | None = None) -> Answer:
        request = Request(self.base + path, data=data, headers={"Referer": self.base + path})  # noqa: S310 (ours)
        try:
            answer = self._answer(request)
        except (OSError, HTTPException) as error:
            raise Lost(type(error).__name__) from None
        self.answers += 1
        return answer

    def _answer(self, request: Request) -> Answer:
        try:
            with self._opener.open(request, timeout=ANSWER_SECONDS) as answer:
                return Answer(answer.status, "", answer.read().decode())
        except HTTPError as error:
            with error:
                location = error.headers.get("Location", "")
                # A redirect that has arrived is an acknowledgement, even if what follows it is cut off.
                return Answer(error.code, location, "" if location else error.read().decode())


def _patiently() -> Iterator[None]:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        yield
        time.sleep(0.1)


def _form(page: BeautifulSoup, action: str) -> Tag:
    for form in page.find_all("form", method="post"):
        if urlsplit(str(form.get("action") or action)).path == action:
            return form
    raise Refused(f"no form for {action}: {_said(str(page))}")


def _filled(form: Tag) -> dict[str, Any]:
    """The form as it stands, with the first of the answers chosen where one has to choose."""
    first = form.find("input", attrs={"name": "response"})
    return fields(form) | ({"response": str(first["value"])} if first else {})


def _said(text: str) -> str:
    main = BeautifulSoup(text, "html.parser").main
    return re.sub(r"\s+", " ", main.get_text())[:200] if main else ""
