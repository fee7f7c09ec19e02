"""The log's page: every number has a line in plain words, and each reader reads what is theirs to read."""

import re
from datetime import timedelta

import pytest

from exchange import log
from exchange.domain import corrections, disputes, favors, groups, leaving, redaction, ties, unasked
from exchange.domain.ties import TieKind
from exchange.storage.db import transaction
from exchange.storage.membership import Role
from tests.builders import answered, favors_of, index_of, offered
from tests.people import NOON, joined

HOUR = "An hour on the escrow clause"


@pytest.fixture
def as_(reader):
    """`as_(ada)` is a browser with Ada signed in."""
    return reader.as_


@pytest.fixture
def otto(session, group):
    """Organises, too."""
    return joined(session, group, "Otto Brandt", role=Role.ORGANISER)


@pytest.fixture
def entry(favor, ben):
    """That Ada helped Ben, with a word of thanks."""
    return index_of(favors.confirm(favor.id, by=ben, at=NOON, thanks="You found the gap in clause 9."))


def lines(page):
    """By number, what an entry says."""
    found = page.soup.select("#entries li.entry")
    return {int(li["id"][1:]): " ".join(li.div.get_text().split()) for li in found}


def settled(session, ada, ben, olga, *, hidden_from=()):
    post = offered(ada, event_at=None, hidden_from=hidden_from)
    answered(post, ben)
    (favor,) = favors_of(session, post)
    favors.deliver(favor.id, by=ada, at=NOON)
    disputes.dispute(favor.id, by=ben, why="I was ill.", at=NOON)
    return disputes.settle(favor.id, by=olga, happened=False, why="She waited in vain.", at=NOON)


def test_a_new_log_has_a_line_for_each_number(as_, olga, ada):
    found = lines(as_(ada).visit("/g/bar/log"))

    assert found == {1: "Olga Petrenko became an organiser. Role.", 0: "The log was opened."}
    assert lines(as_(olga).visit("/g/bar/log"))[1].startswith("You became an organiser.")


def test_every_number_has_its_line_down_to_the_first(as_, session, group, entry, favor, olga, otto, ada, ben, cleo):
    corrections.correct(favor.id, by=olga, why="It was entered twice.", at=NOON)
    redaction.take_out(entry, by=otto, why="It names a client.", at=NOON)
    groups.switch(group.categories[5].id, by=olga, at=NOON)
    settled(session, ada, ben, olga)
    leaving.erase(ada.id, at=NOON)
    found = lines(as_(cleo).visit("/g/bar/log"))

    assert sorted(found) == list(range(log.size(session, group.id)))


def test_who_organises_is_said_with_names(as_, session, olga, ada, cleo):
    with transaction() as own:
        log.record_role(own, ada, role="organiser", by=olga, at=NOON)
        index = log.record_role(own, ada, role="member", by=olga, at=NOON)
    said = {who: lines(as_(member).visit("/g/bar/log")) for who, member in {"cleo": cleo, "ada": ada}.items()}

    assert said["cleo"][index - 1] == "Olga Petrenko made Ada Farouk an organiser. Role."
    assert said["ada"][index - 1] == "Olga Petrenko made you an organiser. Role."
    assert said["cleo"][index] == "Ada Farouk is no longer an organiser. Role."
    assert said["ada"][index] == "You are no longer an organiser. Role."


def test_a_category_that_is_switched_says_so_and_by_whom(as_, group, olga, cleo):
    page = as_(olga).visit("/g/bar/categories").press("Let it be posted")
    assert "Referral can be posted now" in page.text

    assert lines(as_(cleo).visit("/g/bar/log"))[2] == (
        "The category Referral was switched on. Setting, changed by Olga Petrenko."
    )
    assert 2 in lines(as_(cleo).visit("/g/bar/log", category="referral"))
    as_(olga).post(f"/g/bar/categories/{group.categories[5].id}/switch")


@pytest.mark.parametrize(
    ("setting", "old", "new", "said"),
    [
        ("neutral", 0, 1, "Favors in the category Advice count for nobody from now on."),
        ("neutral", 1, 0, "Favors in the category Advice count from now on."),
        ("category", "", "Advice", "The category Advice was added."),
        ("withholding", 1, 0, "Names cannot be kept out of what others read from now on."),
        ("withholding", 0, 1, "Two members may keep their names out of what others read from now on."),
        ("category", "Counsel", "Advice", "The category Counsel is called Advice from now on."),
        ("name", "Bar", "The bar", "The group was renamed from “Bar” to “The bar”"),
        ("digest_hour", 8, 17, "The hour of newcomers’ weekly letter was changed from 8 to 17."),
        ("joining", "invited", "asking", "How one comes in was changed from “by invitation only”"),
        ("shoe_size", 41, 42, "A setting was changed from 41 to 42."),
    ],
)
def test_every_setting_is_said_in_words(as_, group, olga, cleo, setting, old, new, said):
    with transaction() as own:
        log.record_setting(
            own,
            group.id,
            setting=setting,
            old=old,
            new=new,
            by=olga,
            at=NOON,
            category="advice" if "category" in said else "",
        )

    assert lines(as_(cleo).visit("/g/bar/log"))[2].startswith(said)


def test_a_settled_dispute_tells_others_who_settled_it_and_nothing_else(as_, session, olga, ada, ben, cleo):
    settled(session, ada, ben, olga)
    said = {
        who: lines(as_(member).visit("/g/bar/log"))[2] for who, member in zip("cao", (cleo, ada, olga), strict=True)
    }

    assert said["c"] == "Olga Petrenko settled a dispute. Decision. About whom and why is withheld."
    for who, name in (("a", "Olga Petrenko"), ("o", "You")):
        assert said[who].startswith(f"{name} settled a dispute. “She waited in vain.” Decision.")
        assert said[who].endswith("Others read neither the reason nor whom it is about.")


def test_a_settled_dispute_about_a_withheld_favor_tells_others_the_month(as_, session, olga, ada, ben, cleo):
    settled(session, ada, ben, olga, hidden_from=[cleo.number])

    assert lines(as_(cleo).visit("/g/bar/log"))[2] == (
        "An organiser settled a dispute. Decision, in October 2026. Who decided, about whom and why is withheld."
    )
    assert "Thursday" not in as_(cleo).visit("/g/bar/log", kind="decision").soup.find(id="entries").get_text()


def test_a_decision_about_a_member_says_why_and_never_whom(as_, olga, ada, ben, cleo):
    with transaction() as own:
        log.record_decision(
            own,
            act="suspended",
            by=[olga],
            rule="Nothing is given for a client.",
            why="It was the third time.",
            at=NOON,
            about=[ada],
            withheld={"target"},
        )

    said = lines(as_(cleo).visit("/g/bar/log"))[2]
    assert said.startswith("Olga Petrenko decided under “Nothing is given for a client”. “It was the third time.”")
    assert said.endswith("Decision. About whom is withheld.")
    assert lines(as_(cleo).visit("/g/bar/log", member=ada.number)) == {}
    assert 2 in lines(as_(ada).visit("/g/bar/log", member=ada.number))


def test_who_was_forgotten_leaves_a_line(as_, entry, ada, ben, cleo):
    leaving.erase(ada.id, at=NOON)
    found = lines(as_(cleo).visit("/g/bar/log"))

    assert found[3].startswith("A member was forgotten; 2 details about them are gone.")
    assert found[2].startswith("A former member helped Ben Castellanos.")


def test_what_is_gone_besides_is_said_with_the_first_line(as_, session, ada, ben, cleo):
    first, later = (favors_of(session, offered_and_taken(ada, ben))[0] for _ in range(2))
    for favor in (first, later):
        favors.deliver(favor.id, by=ada, at=NOON)
    favors.confirm(first.id, by=ben, at=NOON)
    leaving.erase(ada.id, at=NOON)
    favors.confirm(later.id, by=ben, at=NOON + timedelta(days=1))

    assert lines(as_(cleo).visit("/g/bar/log"))[5].startswith(
        "Of the member who was forgotten in entry 3, 2 details more are gone."
    )


def offered_and_taken(ada, ben):
    post = offered(ada, event_at=None)
    answered(post, ben)
    return post


def test_somebody_without_entries_is_forgotten_without_details(as_, ada, cleo):
    leaving.erase(ada.id, at=NOON)

    assert "Nothing that others could read here was about them." in lines(as_(cleo).visit("/g/bar/log"))[2]


@pytest.mark.parametrize(
    ("kind", "numbers"),
    [("favor", [2]), ("decision", [5, 4, 3]), ("correction", []), ("role", [1]), ("erase", [6])],
)
def test_entries_are_chosen_by_sort(as_, session, entry, olga, ada, ben, cleo, kind, numbers):
    settled(session, ada, ben, olga)
    redaction.take_out(entry, by=olga, why="It names a client.", at=NOON)
    leaving.erase(ada.id, at=NOON)
    page = as_(cleo).visit("/g/bar/log").press("Show", kind=kind)

    assert list(lines(page)) == numbers
    assert page.soup.select_one("select[name=kind] option[selected]")["value"] == kind
    assert "Show all entries" in page.main()


def test_a_sort_that_there_is_not_is_refused(as_, cleo):
    assert as_(cleo).visit("/g/bar/log", kind="genesis").status == 422


def test_the_first_line_stands_on_the_last_page_only(as_, ada, ben, cleo):
    for minute in range(51):
        unasked.helped_by(
            ada.number, by=ben, category="advice", title=f"Hour {minute}", at=NOON + timedelta(minutes=minute)
        )
    page = as_(cleo).visit("/g/bar/log", kind="")
    assert min(lines(page)) == 3

    page = page.follow("Older entries")
    assert list(lines(page)) == [2, 1, 0]


# Taking a text out


def test_an_organiser_takes_a_text_out_from_the_favors_page(as_, session, favor, entry, olga, ada, ben, cleo):
    page = as_(olga).visit(f"/g/bar/favors/{favor.id}").follow("Take it out and say why")
    assert page.title == f"Take the text out of entry {entry}"
    assert HOUR in page.main()
    done = page.press("Take the text out", why="It names a client.")

    assert "The text is gone, an entry says so" in done.main()
    found = lines(as_(cleo).visit("/g/bar/log"))
    assert (
        found[entry]
        == "Ada Farouk helped Ben Castellanos. Advice. Confirmed by Ben. The text was taken out by entry 4."
    )
    assert found[3].startswith("Olga Petrenko decided to take the text out of entry 2. “It names a client.” Decision.")
    assert found[4] == "The text of entry 2 was taken out. By the decision in entry 3. Everything else about it stays."
    for member in (olga, ada, ben, cleo):
        said = as_(member).visit(f"/g/bar/favors/{favor.id}").text
        assert not re.search("escrow|clause 9", said)
        assert "Take it out" not in said


def test_it_can_be_taken_out_where_the_entry_stands(as_, entry, olga, cleo):
    assert "Take the text out" not in as_(cleo).visit(f"/g/bar/log/{entry}").main()
    page = as_(olga).visit(f"/g/bar/log/{entry}").follow("Take the text out")

    assert page.title == f"Take the text out of entry {entry}"


def test_who_is_close_to_one_of_them_is_shown_no_way_and_goes_none(as_, favor, entry, olga, ada):
    ties.declare(olga.number, by=ada, kind=TieKind.FAMILY, at=NOON)

    assert "Take it out" not in as_(olga).visit(f"/g/bar/favors/{favor.id}").text
    assert "Take the text out" not in as_(olga).visit(f"/g/bar/log/{entry}").text
    assert as_(olga).visit(f"/g/bar/log/{entry}/take-out").status == 403


@pytest.mark.parametrize("why", ["  ", "x" * 501])
def test_a_reason_that_cannot_be_taken_keeps_the_text(as_, session, group, entry, olga, why):
    page = as_(olga).visit(f"/g/bar/log/{entry}/take-out").press("Take the text out", why=why)

    assert page.status == 422
    assert HOUR in page.main()
    assert log.size(session, group.id) == entry + 1


def test_both_texts_of_a_correction_by_an_organiser_are_said_to_be_gone(as_, favor, entry, olga, otto, cleo):
    made = index_of(corrections.correct(favor.id, by=olga, why="Mrs. Vale told me.", at=NOON))
    redaction.take_out(made, by=otto, why="It names a client.", at=NOON)

    said = as_(cleo).visit("/g/bar/log")
    assert f"The texts of entry {made} and entry {made - 1} were taken out." in said.main()
    assert "Mrs. Vale" not in said.text
