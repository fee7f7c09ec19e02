"""A report, a decision, an appeal and its answer, in a real browser, with letters that really go out."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, link_in
from tests.browser.test_demo_pages import hold_to_the_rules
from tests.browser.test_journeys import PASSWORD, group, invite, join

pytestmark = pytest.mark.browser

TITLE = "Estate matters for whoever has tax clients"
WHY = "Sending clients in return for clients is what this rule rules out."


def named_organiser(olga: Page, slug: str, name: str) -> None:
    olga.goto(f"/g/{slug}/organisers")
    olga.get_by_label("Who", exact=True).select_option(label=name)
    olga.get_by_label("Your password").fill(PASSWORD)
    olga.get_by_role("button", name="Name this organiser").click()
    expect(olga.get_by_role("status")).to_contain_text("organises from now on")


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_report_is_decided_appealed_and_overturned_and_everybody_can_read_it(
    site: Site, window: Any, javascript: bool
) -> None:
    slug = "fair-js" if javascript else "fair-plain"
    olga, people = group(site, window, slug, javascript)
    ada, ben, cleo = people["ada"], people["ben"], people["cleo"]
    invite(olga, slug, f"dan@{slug}.example")
    link = link_in(site.post.wait_for(f"dan@{slug}.example", "invitation"))
    dan = join(window(javascript=javascript), link, "Dan Osei")
    for name in ("Cleo Marchetti", "Dan Osei"):
        named_organiser(olga, slug, name)

    ada.goto(f"/g/{slug}/posts/new")
    ada.get_by_label("Offer", exact=False).first.check()
    ada.get_by_label("In one line").fill(TITLE)
    ada.get_by_label("Category").select_option(label="Advice")
    ada.get_by_role("button", name="Post it").click()
    expect(ada.get_by_role("heading", level=1)).to_have_text(TITLE)
    post = ada.url

    # Ben tells the organisers.
    ben.goto(post)
    ben.get_by_role("link", name="Tell the organisers about this post").click()
    ben.get_by_label("Nothing is given or asked for in return").check()
    ben.get_by_label("What shall the organisers know?").fill("A trade in clients.")
    ben.get_by_role("button", name="Tell the organisers").click()
    expect(ben.get_by_role("status")).to_contain_text("Nobody is told that it was you")

    # Olga has invited them both: she stands aside, and reads why. Cleo decides.
    olga.goto(f"/g/{slug}/desk")
    expect(olga.get_by_role("main")).to_contain_text("You invited Ada Farouk to this group.")
    case = re.findall(rf"http\S+/g/{slug}/desk/\d+", site.post.wait_for(f"cleo@{slug}.example", "at_desk"))[0]
    olga.goto(case)
    expect(olga.get_by_role("heading", level=1)).to_have_text("You stand aside from this case")
    cleo.goto(f"/g/{slug}/")
    cleo.get_by_role("navigation", name="Group").get_by_role("link", name="Desk").click()
    cleo.get_by_role("link", name="A post by Ada Farouk").click()
    expect(cleo.get_by_role("main")).to_contain_text("A trade in clients.")
    expect(cleo.get_by_role("main")).not_to_contain_text("Ben")
    if javascript:
        assert hold_to_the_rules(cleo, case) == []
    expect(cleo.get_by_label("Until when")).to_be_hidden()
    cleo.get_by_label("Hide it").check()
    cleo.get_by_label("Which rule").select_option(index=3)
    cleo.get_by_label("Reason for everybody").fill(WHY)
    cleo.get_by_role("button", name="Decide and tell Ada").click()
    expect(cleo.get_by_role("status")).to_contain_text("It is decided, and Ada Farouk is told.")
    ben.goto(post)
    expect(ben.get_by_role("heading", level=1)).to_have_text("There is no such post.")

    # Ada reads it, and appeals by the link in the letter, on a computer on which she is not signed in.
    ada.goto(post)
    expect(ada.get_by_role("main")).to_contain_text("Only you and the organisers see this")
    letter = site.post.wait_for(f"ada@{slug}.example", "decided")
    assert WHY in " ".join(letter.split())
    elsewhere = window(javascript=javascript)
    elsewhere.goto(re.findall(r"http\S+/appeal/\S+", letter)[0])
    elsewhere.get_by_label("What did the first look miss?").fill("It was kindly meant, and the last sentence is gone.")
    elsewhere.get_by_role("button", name="Ask for another look").click()
    expect(elsewhere.get_by_role("heading", level=1)).to_have_text("Another look was asked for")

    # Cleo decided, so Dan looks again.
    cleo.goto(case)
    expect(cleo.get_by_role("main")).to_contain_text("You decided about this before. Somebody else looks again.")
    dan.goto(f"/g/{slug}/desk")
    dan.get_by_role("link", name="Ada Farouk asks for another look").click()
    dan.get_by_label("It is taken back").check()
    dan.get_by_label("Reason for everybody").fill("Nothing is asked for in return any more.")
    dan.get_by_role("button", name="Answer and tell Ada").click()
    expect(dan.get_by_role("status")).to_contain_text("It is decided")

    # Everybody reads what was decided, and not about whom; the post is back.
    ben.goto(f"/g/{slug}/")
    expect(ben.get_by_role("main")).to_contain_text(TITLE)
    ben.get_by_role("contentinfo").get_by_role("link", name="Decisions").click()
    main = ben.get_by_role("main")
    expect(main).to_contain_text("Two decisions in the last twelve months; one was overturned or changed on appeal.")
    expect(main).to_contain_text("Somebody else looked again: it was taken back.")
    expect(main).to_contain_text("One organiser stood aside.")
    for secret in ("Ada", TITLE, "A trade in clients."):
        expect(main).not_to_contain_text(secret)
    site.pass_by(minutes=11)
    texts = site.post.texts(f"ada@{slug}.example", "decided") + site.post.texts(f"ada@{slug}.example", "several")
    assert "Ben" not in " ".join(texts)
