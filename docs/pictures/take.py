"""make pictures: the pictures of these documents, taken from a demo that is made and served for it.

Needs Chromium. What is invented is made relative to today, so that pictures of two days differ a little.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).resolve().parent
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
GROUP = "/g/marlow-business-law"
DESKTOP, PHONE = (1100, 900), (390, 844)

# name, whose, where (an address, or what to follow from one), how wide, in which light
PICTURES = [
    ("board", "ada", [f"{GROUP}/"], DESKTOP, "light"),
    ("board-phone", "ada", [f"{GROUP}/"], PHONE, "dark"),
    ("post", "ada", [f"{GROUP}/", f"main a[href*='{GROUP}/posts/']:not([href$='/new'])"], DESKTOP, "light"),
    ("new-post", "ada", [f"{GROUP}/posts/new"], DESKTOP, "light"),
    ("log", "ada", [f"{GROUP}/log"], DESKTOP, "light"),
    ("check", "ada", [f"{GROUP}/log", "main a[href$='/check']"], DESKTOP, "light"),
    ("giving", "ada", [f"{GROUP}/numbers"], DESKTOP, "light"),
    ("member", "ada", [f"{GROUP}/members/", "main a[href*='/members/']"], DESKTOP, "light"),
    ("desk", "olga", [f"{GROUP}/desk"], DESKTOP, "light"),
    ("decisions", "ada", [f"{GROUP}/decisions"], DESKTOP, "light"),
    ("settings", "olga", [f"{GROUP}/settings"], DESKTOP, "light"),
]


def main() -> int:
    """Serve a demo in a folder of its own, take every picture, and end it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="exchange-pictures-") as folder:
        env = os.environ | {"EXCHANGE_INSTANCE_PATH": folder}
        command = [sys.executable, "-m", "exchange", "demo", "--port", str(port)]
        running = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL)  # noqa: S603 (ours)
        try:
            base = f"http://127.0.0.1:{port}"
            _wait_for(base)
            kept = json.loads((Path(folder) / "demo-passwords.json").read_text())
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
                for picture in PICTURES:
                    _take(browser, base, kept, *picture)
                browser.close()
        finally:
            running.send_signal(signal.SIGTERM)
            running.wait(30)
    return 0


def _wait_for(base: str, seconds: float = 180) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            with urlopen(f"{base}/readyz", timeout=5):  # noqa: S310 (our own)
                return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.5)
    raise TimeoutError(f"The demo does not answer at {base}.")


def _take(
    browser: Browser,
    base: str,
    kept: dict[str, str],
    name: str,
    who: str,
    way: list[str],
    size: tuple[int, int],
    light: str,
) -> None:
    address = next(one for one in kept if one.startswith(f"{who}."))
    context = browser.new_context(
        base_url=base,
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if light == "dark" else "light",
    )
    page = context.new_page()
    _sign_in(page, address, kept[address])
    page.goto(way[0])
    for step in way[1:]:
        page.goto(str(page.locator(step).first.get_attribute("href")))
    page.screenshot(path=HERE / f"{name}.png")
    print(f"{name}.png", page.url.removeprefix(base))  # noqa: T201 (a script)
    context.close()


def _sign_in(page: Page, address: str, password: str) -> None:
    page.goto("/sign-in")
    page.get_by_label("E-mail").fill(address)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile("/g/"))


if __name__ == "__main__":
    sys.exit(main())
