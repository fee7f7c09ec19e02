"""The log that anyone can check: by its pages, by our own program on another machine, and by one that others wrote.

`EXCHANGE_ENTRIES` says how many entries the log for the independent program has; a tenth of 70,000 unless it is set.
"""

import csv
import os
import random
import re
import subprocess
import sys
import zipfile
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Page, expect

from exchange.domain import accounts, read_tokens
from exchange.storage.db import db
from tests.browser.conftest import PATIENCE, Site
from tests.browser.test_demo_pages import hold_here, hold_to_the_rules
from tests.browser.test_journeys import group, join
from tests.log.independent.programs import NotBelieved, check_with_go

pytestmark = pytest.mark.browser

ENTRIES = int(os.environ.get("EXCHANGE_ENTRIES", "7000"))
SECONDS = 5.0
TITLE = "An hour on the escrow clause"


def receipts(site: Site, address: str) -> dict[str, bytes]:
    """The receipts in all letters that have come to an address, by the names of their files."""
    theirs = [letter for letter in site.post.letters if address in str(letter["To"])]
    return {
        str(part.get_filename()): part.get_content()
        for letter in theirs
        for part in letter.iter_attachments()
        if isinstance(part, EmailMessage) and str(part.get_filename()).endswith(".tlog-proof")
    }


def verify(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """`exchange log verify` as on another machine: without database, server and settings."""
    return subprocess.run(
        [sys.executable, "-m", "exchange", "log", "verify", *map(str, words)],
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"]},
        timeout=120,
        check=False,
    )


def downloaded(page: Page, link: str, folder: Path) -> Path:
    """Follow a link to a file, and keep the file under the name that the server gives it."""
    with page.expect_download() as coming:
        page.get_by_role("link", name=link).click()
    path = folder / coming.value.suggested_filename
    coming.value.save_as(path)
    return path


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_member_checks_the_log_in_every_way_there_is(site: Site, window, tmp_path: Path, javascript: bool) -> None:
    slug = "truth-js" if javascript else "truth-plain"
    _olga, people = group(site, window, slug, javascript)
    ada, ben = people["ada"], people["ben"]

    ben.goto(f"/g/{slug}/favors/new")
    ben.get_by_label("I was helped", exact=True).check()
    ben.get_by_label("The other one").select_option(label="Ada Farouk")
    ben.get_by_label("Category", exact=True).select_option(label="Advice")
    ben.get_by_label("What it was").fill(TITLE)
    ben.get_by_role("button", name="Write it down").click()
    expect(ben.get_by_role("status")).to_contain_text("is in the log")
    favor = ben.url

    site.post.wait_for(f"ada@{slug}.example", "helped_by")
    (name,) = receipts(site, f"ada@{slug}.example")
    (tmp_path / "from-the-letter.tlog-proof").write_bytes(receipts(site, f"ada@{slug}.example")[name])
    assert name == f"{slug}-2.tlog-proof"

    ada.goto(f"/g/{slug}/log")
    panel = ada.locator("#true")
    expect(panel).to_contain_text("The code of all 3 entries")
    code = panel.locator(".code").inner_text()
    assert re.fullmatch(r"[0-9a-f]{4}(?: [0-9a-f]{4}){3}", code)
    ben.goto(f"/g/{slug}/log")
    expect(ben.locator("#true .code")).to_have_text(code)

    whole = downloaded(ada, "Download everything", tmp_path)
    with zipfile.ZipFile(whole) as archive:
        archive.extractall(tmp_path)
    ada.get_by_role("link", name="Check my own entries").click()
    expect(ada.get_by_role("main")).to_contain_text("The one entry with you stands in the log as it was written.")

    ada.goto(f"/g/{slug}/log")
    ada.locator("#e2 a.no").click()
    expect(ada.get_by_role("heading", level=1)).to_have_text("Entry 2")
    expect(ada.get_by_role("img", name="From all 3 entries down to one")).to_be_visible()
    own = downloaded(ada, "Download the receipt", tmp_path)
    assert own.name == f"{slug}-2.tlog-proof"
    ben.goto(favor)
    assert downloaded(ben, "Download your receipt", tmp_path).name == own.name

    ada.goto(f"/g/{slug}/log/check")
    ada.get_by_label("The file").set_input_files(tmp_path / "from-the-letter.tlog-proof")
    ada.get_by_role("button", name="Hold it against the log").click()
    expect(ada.get_by_role("heading", name="The receipt holds")).to_be_visible()
    expect(ada.get_by_role("main")).to_contain_text(TITLE)
    if javascript:  # without it axe does not return
        assert hold_here(ada) == []

    against = ("--against", own, "--against", tmp_path / "from-the-letter.tlog-proof")
    done = verify(tmp_path / f"{slug}-log", *against)
    assert (done.returncode, code in done.stdout) == (0, True), done.stdout + done.stderr
    openings = tmp_path / f"{slug}-log" / "openings.jsonl"
    openings.write_text("".join(openings.read_text().splitlines(keepends=True)[:-1]))
    assert verify(tmp_path / f"{slug}-log", *against).returncode == 1


def test_the_pages_of_the_proof_can_be_used_by_everybody(site: Site, window) -> None:
    slug = "proof"
    printed = site.command("group", "create", slug, "Harbor County Bar", "--organiser", f"olga@{slug}.example")
    olga = join(window(), re.findall(r"http\S+/join/\S+", printed)[0], "Olga Petrenko")

    for path in ("log", "log/0", "log/1", "log/mine", "log/check"):
        assert hold_to_the_rules(olga, f"/g/{slug}/{path}") == []
    olga.goto("/me/tokens")
    olga.get_by_label("What it is for").fill("Sundays, at home")
    olga.get_by_role("button", name="Make a token").click()
    expect(olga.get_by_role("heading", level=1)).to_have_text("Your new read token")
    assert hold_here(olga) == []
    assert hold_to_the_rules(olga, "/me/tokens") == []


# A program that others wrote


@pytest.fixture(scope="module")
def big(site: Site, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A group with a long log: the address of the log, and a read token of one of its members."""
    folder = tmp_path_factory.mktemp("big")
    chance = random.Random(20261015)  # noqa: S311 (the same favors every time)
    addresses = [f"member{number}@big.example" for number in range(300)]
    site.command("group", "create", "big", "A big bar", "--organiser", "olga@big.example")
    with (folder / "members.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("email", "name"), *((one, one.partition("@")[0]) for one in addresses)])
    with (folder / "favors.csv").open("w", newline="") as file:
        rows = (
            (*chance.sample(addresses, 2), date(2026, 1, 1) + timedelta(days=number * 250 // ENTRIES), "advice", "Help")
            for number in range(ENTRIES)
        )
        csv.writer(file).writerows([("giver", "receiver", "at", "category", "title"), *rows])
    site.command("import", "members", "big", str(folder / "members.csv"))
    site.command("import", "favors", "big", str(folder / "favors.csv"))
    with site.app.app_context():
        reader = accounts.by_email(db.session(), addresses[0])
        assert reader is not None
        _row, token = read_tokens.make("A program", by=reader, at=datetime.now(UTC))
        db.session.remove()
    return {"url": f"{site.base}/g/big/log", "token": token}


def fetched(big: dict[str, str], path: str) -> str:
    request = Request(f"{big['url']}/{path}", headers={"Authorization": f"Bearer {big['token']}"})  # noqa: S310 (ours)
    with urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 (on loopback)
        return str(answer.read().decode())


def test_go_checks_the_whole_log_over_the_real_server_with_a_read_token(site: Site, big, tmp_path: Path) -> None:
    vkey, older = fetched(big, "vkey").strip(), tmp_path / "older"
    older.write_text(fetched(big, "checkpoint"))
    (tmp_path / "one.csv").write_text(
        "giver,receiver,at,category,title\nmember1@big.example,member2@big.example,2026-10-01,advice,One more\n"
    )
    site.command("import", "favors", "big", str(tmp_path / "one.csv"))
    said = [check_with_go(big["url"], vkey, big["token"], older) for _ in range(3)]
    print(*said, sep="\n")  # noqa: T201 (the figures that `make check-long` is run for)

    entries = ENTRIES + 3  # the first line, who organises, and the one that came later
    assert all(line.startswith(f"{entries} entries in {-(-entries // 256)} bundles, ") for line in said)
    assert all(f"{entries} inclusion proofs" in line for line in said)
    assert all(f"continues the checkpoint of {entries - 1}" in line for line in said)
    assert min(float(re.findall(r"([0-9.]+) s$", line)[0]) for line in said) <= SECONDS


def test_without_its_token_the_program_finds_nothing(big) -> None:
    with pytest.raises(NotBelieved, match="404"):
        check_with_go(big["url"], fetched(big, "vkey").strip(), "exchange-read-wrong")
    with pytest.raises(HTTPError) as refused, urlopen(f"{big['url']}/checkpoint", timeout=PATIENCE):  # noqa: S310
        pass
    assert refused.value.code == 404
    refused.value.close()
