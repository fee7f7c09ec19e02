"""Every page of the filled demo, held to WCAG 2.2 AA by axe, on a phone and a desktop, in light and dark."""

import json
import re
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page
from sqlalchemy import select

from exchange.storage.db import db
from exchange.storage.membership import Membership
from exchange.storage.person import Person
from tests.browser.conftest import Site
from tests.states import each_state

pytestmark = pytest.mark.browser

WIDTHS = (390, 1280)
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Light and dark differ in colors and in nothing else, which a test below holds the style sheet to.
OF_COLORS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
SCHEMES: dict[Literal["light", "dark"], Any] = {"light": STANDARDS, "dark": OF_COLORS}
GROUP = "/g/marlow-business-law"
FILES = ("/download", "/receipt", "/checkpoint", "/vkey")
OPEN_PAGES = ("/", "/sign-in", "/reset", "/join/nonsense")


@pytest.fixture(scope="module")
def demo(site: Site) -> dict[str, str]:
    """The demo in the running site; passwords by the first name of who signs in."""
    site.command("demo", "--no-serve")
    kept = json.loads((Path(site.env["EXCHANGE_INSTANCE_PATH"]) / "demo-passwords.json").read_text())
    return {address.partition(".")[0]: f"{address} {password}" for address, password in kept.items()}


def signed_in(page: Page, who: str) -> Page:
    address, password = who.split()
    page.goto("/sign-in")
    page.get_by_label("E-mail").fill(address)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile("/g/"))
    return page


def families(page: Page, site: Site, who: str) -> list[str]:
    """One address of each family of pages, as the pages link to them, and one of each state that looks different."""
    found: dict[str, str] = {}

    def links() -> list[str]:
        every = page.eval_on_selector_all("main a[href^='/g/']", "every => every.map(one => one.getAttribute('href'))")
        return [link for link in (str(one).partition("#")[0] for one in every) if not link.endswith(FILES)]

    for start in (f"{GROUP}/", f"{GROUP}/log", f"{GROUP}/members/", f"{GROUP}/decisions", f"{GROUP}/desk"):
        page.goto(start)
        for link in links():
            found.setdefault(re.sub(r"\d+", "N", link.partition("?")[0]) + ("?" if "?" in link else ""), link)
    with site.app.app_context():
        session = db.session()
        member = session.scalars(select(Membership).join(Person).where(Person.email == who.split()[0])).one()
        states = each_state(session, member)
        db.session.remove()
    return sorted({*found.values(), *states})


def hold_to_the_rules(page: Page, path: str) -> list[str]:
    """What axe and a ruler find wrong with a page, at both widths, in light and dark."""
    page.emulate_media(reduced_motion="reduce")  # no page slides into the next while axe looks
    page.goto(path)
    return hold_here(page)


def hold_here(page: Page) -> list[str]:
    """What they find wrong with the page as it stands."""
    wrong = []
    page.evaluate(AXE_SCRIPT)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for scheme, rules in SCHEMES.items():
            page.emulate_media(color_scheme=scheme)
            found = page.evaluate("told => axe.run(told)", {"resultTypes": ["violations"], "runOnly": rules})
            for violation in found["violations"]:
                where = [node["target"] for node in violation["nodes"]][:3]
                what = f"{violation['id']}: {violation['help']} {where}"
                wrong.append(f"{page.url} at {width}, {scheme}: {what}")
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            wrong.append(f"{page.url} at {width}: wider than the window")
    return wrong


def test_light_and_dark_differ_in_colors_alone() -> None:
    sheet = (Path(__file__).resolve().parent.parent.parent / "static" / "theme.css").read_text()

    pairs = re.findall(r"light-dark\((.*?)\)", sheet)

    assert pairs
    assert [pair for pair in pairs if not re.fullmatch(r"#\w+, #\w+", pair)] == []
    assert "prefers-color-scheme" not in sheet


@pytest.mark.parametrize("who", ["ada", "olga"])
def test_every_page_of_the_demo_can_be_used_by_everybody(demo, site, window, who) -> None:
    page = signed_in(window(), demo[who])
    paths = [
        f"{GROUP}/",
        f"{GROUP}/posts/new",
        f"{GROUP}/log",
        f"{GROUP}/members/",
        f"{GROUP}/me",
        f"{GROUP}/decisions",
        f"{GROUP}/numbers",
        "/me",
        "/me/password",
        "/me/tokens",
    ]
    if who == "olga":
        paths += [f"{GROUP}/invitations", f"{GROUP}/desk"]
    for path in dict.fromkeys([*paths, *families(page, site, demo[who]), f"{GROUP}/nonsense"]):
        assert hold_to_the_rules(page, path) == []


def test_the_pages_before_signing_in_too(demo, window) -> None:
    page = window()
    for path in OPEN_PAGES:
        assert hold_to_the_rules(page, path) == []


def test_the_first_visit_of_the_board_weighs_under_100_kilobytes(demo, window) -> None:
    page = window()
    signed_in(page, demo["ada"])
    page.context.clear_cookies(name="nothing")
    weighed: list[int] = []
    client = page.context.new_cdp_session(page)
    client.send("Network.enable")
    client.send("Network.clearBrowserCache")
    client.on("Network.loadingFinished", lambda event: weighed.append(int(event["encodedDataLength"])))
    page.goto(f"{GROUP}/", wait_until="networkidle")

    assert 1_000 < sum(weighed) < 100_000


def test_longer_words_fit_too(demo, site, window) -> None:
    """Spanish says the same in more letters: no page is wider than a small phone, none cuts a button short."""
    page = signed_in(window(), demo["olga"])
    page.goto("/me")
    page.get_by_label("Language").select_option("es")
    page.get_by_role("button", name="Keep this").click()
    page.get_by_role("button", name="Guardar esto").wait_for()
    cut = "[...document.querySelectorAll('.btn, button')].filter(one => one.scrollWidth > one.clientWidth + 1).length"
    one_of_each = {re.sub(r"\d+", "N", path): path for path in families(page, site, demo["olga"])}
    for path in ("/me", f"{GROUP}/posts/new", f"{GROUP}/settings/change", *one_of_each.values()):
        page.goto(path)
        for width in (320, *WIDTHS):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (path, width)
            assert page.evaluate(cut) == 0, (path, width)
            assert page.locator("html").get_attribute("lang") == "es"
