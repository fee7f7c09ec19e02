"""The main job from end to end, in a real browser, with letters that really go out."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, link_in

pytestmark = pytest.mark.browser

PASSWORD = "a long and quiet river"
SATURDAY = datetime.now(UTC) + timedelta(days=4)
FRIDAY = datetime.now(UTC) + timedelta(days=3)


def local(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M")


def join(page: Page, link: str, name: str) -> Page:
    page.goto(link)
    page.get_by_label("Your name").fill(name)
    page.get_by_label("A password").fill(PASSWORD)
    page.get_by_role("button", name="Join the group").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    return page


def invite(olga: Page, slug: str, *addresses: str) -> None:
    for address in addresses:
        olga.goto(f"/g/{slug}/invitations")
        olga.get_by_label("E-mail").fill(address)
        olga.get_by_role("button", name="Send the invitation").click()
        expect(olga.get_by_role("status")).to_contain_text("on its way")


def group(site: Site, window, slug: str, javascript: bool) -> tuple[Page, dict[str, Page]]:
    """Olga makes herself at home, and Ada, Ben and Cleo join from their letters."""
    printed = site.command("group", "create", slug, "Harbor County Bar", "--organiser", f"olga@{slug}.example")
    link = re.findall(r"http\S+/join/\S+", printed)[0]
    olga = join(window(javascript=javascript), link, "Olga Petrenko")
    names = {"ada": "Ada Farouk", "ben": "Ben Castellanos", "cleo": "Cleo Marchetti"}
    invite(olga, slug, *(f"{key}@{slug}.example" for key in names))
    people = {
        key: join(
            window(javascript=javascript), link_in(site.post.wait_for(f"{key}@{slug}.example", "invitation")), name
        )
        for key, name in names.items()
    }
    return olga, people


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_golf_place_finds_the_one_who_loves_it(site: Site, window, javascript: bool) -> None:
    slug = "golf-js" if javascript else "golf-plain"
    _olga, people = group(site, window, slug, javascript)
    ada, ben, cleo = people["ada"], people["ben"], people["cleo"]

    ada.goto(f"/g/{slug}/posts/new")
    ada.get_by_label("Offer", exact=False).first.check()
    ada.get_by_label("In one line").fill("A place in Saturday’s golf tournament")
    ada.get_by_label("Category").select_option(label="Event place")
    ada.get_by_label("When it takes place").fill(local(SATURDAY))
    ada.get_by_label("Answers until").fill(local(FRIDAY))
    ada.get_by_role("button", name="Post it").click()
    expect(ada.get_by_role("heading", level=1)).to_have_text("A place in Saturday’s golf tournament")

    for page in (ben, cleo):
        page.goto(f"/g/{slug}/")
        page.get_by_role("link", name="A place in Saturday’s golf tournament").first.click()
    for page in (ben, cleo):
        page.get_by_role("button", name="Take a place").click(no_wait_after=True)
    for page in (ben, cleo):
        page.wait_for_load_state()
        page.wait_for_url(re.compile(r"/favors/\d+|/answer"))
    got, late = (ben, cleo) if "/favors/" in ben.url else (cleo, ben)
    expect(late.get_by_role("heading", level=1)).to_contain_text("given a moment before you asked")
    winner, loser = ("ben", "cleo") if got is ben else ("cleo", "ben")
    expect(got.get_by_role("main")).to_contain_text(f"ada@{slug}.example")

    assert f"ada@{slug}.example" in site.post.wait_for(f"{winner}@{slug}.example", "agreed")
    assert f"{winner}@{slug}.example" in site.post.wait_for(f"ada@{slug}.example", "agreed")

    ada.goto(link_in(site.post.wait_for(f"ada@{slug}.example", "agreed")))
    ada.get_by_role("button", name="It happened").click()
    got.goto(link_in(site.post.wait_for(f"{winner}@{slug}.example", "please_confirm")))
    got.get_by_label("A word of thanks").fill("Best lunch of the year.")
    got.get_by_role("button", name="It happened, thank you").click()
    expect(got.get_by_role("heading", level=1)).to_have_text("Done")
    site.pass_by(minutes=11)  # small things are gathered for ten minutes
    assert "Best lunch of the year." in site.post.wait_for(f"ada@{slug}.example", "confirmed")

    late.goto(f"/g/{slug}/log")
    expect(late.get_by_role("main")).to_contain_text("Ada Farouk helped")
    expect(late.get_by_role("main")).to_contain_text("Best lunch of the year.")
    balances = site.balances(slug)
    assert (balances["ada"]["given"], balances["ada"]["people_helped"]) == (1, 1)
    assert (balances[winner]["received"], balances[winner]["people_helped_by"]) == (1, 1)
    assert (balances[loser]["given"], balances[loser]["received"]) == (0, 0)
    assert (balances["olga"]["given"], balances["olga"]["received"]) == (0, 0)


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_on_a_need_the_author_chooses_who_helps(site: Site, window, javascript: bool) -> None:
    slug = "need-js" if javascript else "need-plain"
    _olga, people = group(site, window, slug, javascript)
    ada, ben, cleo = people["ada"], people["ben"], people["cleo"]

    ada.goto(f"/g/{slug}/posts/new")
    ada.get_by_label("Need", exact=False).first.check()
    ada.get_by_label("In one line").fill("Somebody at Harborline Freight")
    ada.get_by_label("Category").select_option(label="Introduction")
    ada.get_by_role("button", name="Post it").click()
    for page, text in ((ben, "I know the vice president."), (cleo, "I could ask around.")):
        page.goto(f"/g/{slug}/")
        page.get_by_role("link", name="Somebody at Harborline Freight").first.click()
        page.get_by_label("How you could help").fill(text)
        page.get_by_role("button", name="I can help").click()

    site.pass_by(minutes=11)  # two small things within ten minutes come as one letter
    both = site.post.wait_for(f"ada@{slug}.example", "several")
    assert "I know the vice president." in both
    assert "I could ask around." in both
    ada.goto(link_in(both))
    ada.get_by_label("Ben Castellanos").check()
    ada.get_by_label("They are told today").check()
    ada.get_by_role("button", name="Say yes to this help").click()
    expect(ada.get_by_role("main")).to_contain_text(f"ben@{slug}.example")
    site.pass_by(minutes=11)
    site.post.wait_for(f"cleo@{slug}.example", "declined")

    ada.get_by_role("button", name="It happened, thank you").click()
    expect(ada.get_by_role("status")).to_contain_text("is in the log")
    balances = site.balances(slug)
    assert (balances["ben"]["given"], balances["ada"]["received"]) == (1, 1)
    assert (balances["ada"]["given"], balances["ben"]["received"], balances["cleo"]["given"]) == (0, 0, 0)
