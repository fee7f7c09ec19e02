"""A real site for a real browser: web server, worker and an SMTP server, each a process or thread of its own."""

import email
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from email.policy import default
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from aiosmtpd.controller import Controller
from click.testing import CliRunner
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from exchange import create_app
from exchange.cli import main
from exchange.config import from_environment
from exchange.storage.db import db

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 20.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Postbox:
    """Takes every letter, and gives out the newest to somebody."""

    letters: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 (aiosmtpd's name)
        message = email.message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        self.letters.append(message)
        return "250 OK"

    def wait_for(self, address: str, kind: str, *, saying: str = "", number: int = 1) -> str:
        """The text of the newest letter of a kind to an address that says this, once so many have come."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            found = [text for text in self.texts(address, kind) if saying in text]
            if len(found) >= number:
                return found[-1]
            time.sleep(0.1)
        raise AssertionError(f"No {kind} came to {address}: {[(m['To'], m['Subject']) for m in self.letters]}")

    def texts(self, address: str, kind: str) -> list[str]:
        """The texts of all letters of a kind to an address that have come, oldest first."""
        theirs = [m for m in list(self.letters) if address in str(m["To"]) and m["X-Exchange-Letter"] == kind]
        bodies = [letter.get_body(("plain",)) for letter in theirs]
        return [str(body.get_content()) for body in bodies if body is not None]


def link_in(letter: str) -> str:
    """The first address in a letter."""
    found = re.search(r"https?://\S+", letter)
    assert found, letter
    return found[0]


@dataclass
class Site:
    """A running site, and its commands."""

    base: str
    env: dict[str, str]
    post: Postbox

    @cached_property
    def app(self) -> Flask:
        """The same site in this process: a command that need not load the house again is forty times faster."""
        return create_app(from_environment(self.env))

    def command(self, *words: str) -> str:
        """What a command of the site says."""
        with self.app.app_context():
            try:
                said = CliRunner().invoke(main, words, catch_exceptions=False)
            finally:
                db.session.remove()
        assert said.exit_code == 0, said.output
        return said.stdout

    def pass_by(self, **span: float) -> str:
        """Move the site's clock on by hours, days, weeks, and let it do what is due then."""
        offset = Path(self.env["EXCHANGE_CLOCK_OFFSET_FILE"])
        before = float(offset.read_text() or 0) if offset.exists() else 0.0
        draft = offset.with_suffix(".draft")
        draft.write_text(str(before + timedelta(**span).total_seconds()))
        draft.replace(offset)
        return self.command("tick")

    def balances(self, slug: str) -> dict[str, dict[str, int]]:
        """Balances by the first part of the address."""
        return {row["member"].partition("@")[0]: row for row in json.loads(self.command("balances", slug, "--json"))}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    web, smtp = free_port(), free_port()
    post = Postbox()
    controller = Controller(post, hostname="127.0.0.1", port=smtp)
    controller.start()
    env = os.environ | {
        "EXCHANGE_INSTANCE_PATH": str(folder),
        "EXCHANGE_DATABASE_URL": f"sqlite:///{folder / 'exchange.sqlite'}",
        "EXCHANGE_BASE_URL": f"http://127.0.0.1:{web}",
        "EXCHANGE_SMTP_URL": f"smtp://127.0.0.1:{smtp}",
        "EXCHANGE_CLOCK_OFFSET_FILE": str(folder / "clock-offset"),
    }
    here = Site(f"http://127.0.0.1:{web}", env, post)
    here.command("init")
    with (folder / "output").open("wb") as output:
        running = [
            subprocess.Popen([sys.executable, "-m", "exchange", *words], env=env, stdout=output, stderr=output)
            for words in (["serve", "--port", str(web)], ["worker"])
        ]
        try:
            wait_until_it_serves(here.base)
            yield here
        finally:
            for process in running:
                process.terminate()
            for process in running:
                process.wait(30)
            controller.stop()
            with here.app.app_context():
                db.engine.dispose()


def wait_until_it_serves(base: str) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            with urlopen(f"{base}/readyz", timeout=2) as answer:  # noqa: S310 (ours, on loopback)
                assert answer.status == 200
                return
        except OSError:
            assert time.monotonic() < until, "the site did not begin to serve"
            time.sleep(0.1)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    assert Path(CHROMIUM).exists(), "the tests in the browser need Chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def window(chromium: Browser, site: Site) -> Iterator[Any]:
    """`window()` opens a browser of somebody new; `window(javascript=False)` one without scripts."""
    opened: list[BrowserContext] = []
    said: list[str] = []

    def new(*, javascript: bool = True, **options: Any) -> Page:
        context = chromium.new_context(base_url=site.base, java_script_enabled=javascript, **options)
        opened.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        return page

    yield new
    for context in opened:
        context.close()
    assert [line for line in said if "status of 4" not in line] == [], "the browser complained"
