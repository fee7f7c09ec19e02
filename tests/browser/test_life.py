"""The whole life of favors in a real browser, with letters that really go out and a clock that moves on."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.test_journeys import group, local

pytestmark = pytest.mark.browser

GOLF = "A place in Saturday’s golf tournament"
ALL_SMALL_THINGS = {"minutes": 11}


@pytest.fixture
def later(site: Site) -> Any:
    """`later(days=3)`: time passes, what is due is done, and letters go out."""

    def passes(**span: float) -> None:
        assert ", 0 failed" in site.pass_by(**span)

    return passes


def link_for(site: Site, address: str, kind: str, verb: str) -> str:
    """The signed link in the newest letter of a kind."""
    letter = site.post.wait_for(address, kind)
    found = [str(link) for link in re.findall(r"http\S+/do/\S+", letter) if f".{verb}." in link]
    assert len(found) == 1, letter
    return found[0]


def count(site: Site, address: str, kind: str) -> int:
    """How many letters of a kind somebody got."""
    return len(site.post.texts(address, kind))


def press_in_letter(page: Page, link: str, button: str) -> None:
    """Open a signed link without being signed in, and press its one button."""
    page.goto(link)
    expect(page.get_by_role("main").get_by_role("button")).to_have_count(1)
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Done")
    page.goto(re.sub(r"/do/.*", "/me", link))
    expect(page).to_have_url(re.compile("/sign-in"))


def unfold(page: Page, summary: str) -> None:
    page.locator("summary", has_text=summary).click()


def test_one_place_two_takers_and_nobody_says_a_word(site: Site, window: Any, later: Any) -> None:
    now = datetime.now(UTC)
    _olga, people = group(site, window, "golf", javascript=True)
    ada, ben, cleo = people["ada"], people["ben"], people["cleo"]
    ada.goto("/g/golf/posts/new")
    ada.get_by_label("Offer", exact=False).first.check()
    ada.get_by_label("In one line").fill(GOLF)
    ada.get_by_label("Category").select_option(label="Event place")
    ada.get_by_label("When it takes place").fill(local(now + timedelta(days=4)))
    ada.get_by_label("Answers until").fill(local(now + timedelta(days=3)))
    ada.get_by_role("button", name="Post it").click()
    expect(ada.get_by_role("heading", level=1)).to_have_text(GOLF)

    for page in (ben, cleo):
        page.goto("/g/golf/")
        page.get_by_role("link", name=GOLF).first.click()
    ben.get_by_role("button", name="Take a place").click()
    expect(ben.get_by_role("heading", level=1)).to_have_text("Ada Farouk is helping you")
    cleo.get_by_role("button", name="Take a place").click()
    expect(cleo.get_by_role("heading", level=1)).to_contain_text("given a moment before you asked")
    cleo.get_by_role("button", name="Stand by for this place").click()
    expect(cleo.get_by_role("main")).to_contain_text("You are the first")

    later(days=3, hours=1)  # answers have closed; it is the day before
    ben.reload()
    unfold(ben, "It will not happen")
    ben.get_by_label("Why", exact=True).fill("A hearing was moved.")
    ben.get_by_role("button", name="Call it off").click()
    expect(ben.get_by_role("heading", level=1)).to_contain_text("called off")
    later(**ALL_SMALL_THINGS)
    assert "A hearing was moved." in site.post.wait_for("ada@golf.example", "dropped_out")
    press_in_letter(window(), link_for(site, "cleo@golf.example", "offered", "accept_place"), "I take the place")
    site.post.wait_for("ada@golf.example", "agreed", saying="cleo@golf.example")

    later(days=2)  # it has taken place, and both are asked
    site.post.wait_for("cleo@golf.example", "did_it_happen")
    press_in_letter(window(), link_for(site, "ada@golf.example", "did_it_happen", "deliver"), "It happened")
    later()
    site.post.wait_for("cleo@golf.example", "please_confirm")
    assert count(site, "cleo@golf.example", "please_confirm") == 1
    later(days=7)
    site.post.wait_for("cleo@golf.example", "please_confirm", number=2)
    later(days=6, hours=23)
    assert site.balances("golf")["cleo"]["received"] == 0
    later(hours=2)
    later(**ALL_SMALL_THINGS)
    assert "You said nothing for 14 days" in " ".join(site.post.wait_for("cleo@golf.example", "confirmed").split())
    assert count(site, "cleo@golf.example", "please_confirm") == 2

    ben.goto("/g/golf/log")
    expect(ben.locator("#entries")).to_contain_text("Ada Farouk helped Cleo Marchetti")
    expect(ben.locator("#entries")).to_contain_text("Confirmed by itself after 14 days of silence")
    ben.get_by_role("navigation", name="Group").get_by_role("link", name="Ben").click()
    expect(ben.get_by_role("main")).to_contain_text("You dropped out once in the last twelve months")
    balances = site.balances("golf")
    assert (balances["ada"]["given"], balances["ada"]["people_helped"]) == (1, 1)
    assert (balances["cleo"]["received"], balances["cleo"]["people_helped_by"]) == (1, 1)
    assert [balances[who][side] for who in ("ben", "olga") for side in ("given", "received")] == [0, 0, 0, 0]


def write_down(page: Page, who: str, title: str) -> str:
    """ "I was helped"; returns the address of the favor's page."""
    page.goto("/g/advice/favors/new")
    page.get_by_label("I was helped", exact=True).check()
    page.get_by_label("The other one").select_option(label=who)
    page.get_by_label("Category", exact=True).select_option(label="Advice")
    page.get_by_label("What it was").fill(title)
    page.get_by_role("button", name="Write it down").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{who} helped you")
    return page.url


def test_what_can_go_wrong_is_put_right_in_the_open(site: Site, window: Any, later: Any) -> None:
    olga, people = group(site, window, "advice", javascript=False)
    ada, ben, cleo = people["ada"], people["ben"], people["cleo"]

    # A dispute that nobody settles.
    ada.goto("/g/advice/posts/new")
    ada.get_by_label("Need", exact=False).first.check()
    ada.get_by_label("In one line").fill("An hour on the escrow clause")
    ada.get_by_label("Category").select_option(label="Advice")
    ada.get_by_role("button", name="Post it").click()
    ben.goto("/g/advice/")
    ben.get_by_role("link", name="An hour on the escrow clause").first.click()
    ben.get_by_role("button", name="I can help").click()
    ada.reload()
    ada.get_by_label("Ben Castellanos").check()
    ada.get_by_role("button", name="Say yes to this help").click()
    expect(ada.get_by_role("heading", level=1)).to_have_text("Ben Castellanos is helping you")
    disputed = ada.url
    ben.goto(disputed)
    ben.get_by_role("button", name="It happened").click()
    ada.reload()
    unfold(ada, "It did not happen, or not like this")
    ada.get_by_label("What was otherwise").fill("We never spoke.")
    ada.get_by_role("button", name="Ask for a decision").click()
    expect(ada.get_by_role("heading", level=1)).to_have_text("You said that it was otherwise")
    assert "We never spoke." in site.post.wait_for("ben@advice.example", "disputed")
    olga.goto("/g/advice/")  # she has invited them both, so this is not hers to settle
    expect(olga.get_by_role("main")).not_to_contain_text("An organiser settles it")
    later(**ALL_SMALL_THINGS)  # so that each of them comes as a letter of its own
    later(days=30, hours=1)
    later(**ALL_SMALL_THINGS)
    for who, page in (("ada", ada), ("ben", ben)):
        site.post.wait_for(f"{who}@advice.example", "settled")
        page.goto(disputed)
        expect(page.get_by_role("heading", level=1)).to_have_text("Nobody could settle it")
    assert {row["given"] + row["received"] for row in site.balances("advice").values()} == {0}

    # A correction by both.
    path = write_down(ada, "Ben Castellanos", "A brief before Monday")
    assert site.balances("advice")["ben"]["given"] == 1
    later(**ALL_SMALL_THINGS)  # the receipt comes as a letter of its own
    unfold(ada, "The entry is wrong")
    ada.get_by_label("What is wrong").fill("It was a different brief.")
    ada.get_by_role("button", name="Propose the correction").click()
    expect(ada.get_by_role("main")).to_contain_text("You proposed a correction")
    assert site.balances("advice")["ben"]["given"] == 1
    press_in_letter(
        window(), link_for(site, "ben@advice.example", "correction_proposed", "agree_correction"), "I agree"
    )
    assert site.balances("advice")["ben"]["given"] == 0
    cleo.goto(path)
    expect(cleo.get_by_role("heading", level=1)).to_contain_text("is void")
    later(**ALL_SMALL_THINGS)
    for who in ("ada", "ben"):
        assert "It was a different brief." in site.post.wait_for(f"{who}@advice.example", "corrected")

    # That was not me.
    write_down(ada, "Ben Castellanos", "An introduction to the port authority")
    later(**ALL_SMALL_THINGS)
    press_in_letter(window(), link_for(site, "ben@advice.example", "helped_by", "not_me"), "That was not me")
    later(**ALL_SMALL_THINGS)
    site.post.wait_for("ada@advice.example", "not_me")
    cleo.goto("/g/advice/log")
    entries = cleo.locator("#entries")
    expect(entries.locator("li.entry")).to_have_count(7)  # who organises and what was handed over, too
    expect(entries).to_contain_text("Makes entry 3 void")
    expect(entries).to_contain_text("Makes entry 5 void")
    expect(entries).to_contain_text("It was a different brief.")
    assert {row["given"] + row["received"] for row in site.balances("advice").values()} == {0}
