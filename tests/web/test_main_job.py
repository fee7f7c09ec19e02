"""The main job, page by page: posting, answering, choosing, confirming, reading the log."""

import pytest

from exchange.domain import favors
from exchange.storage.membership import MembershipState
from tests.builders import answered, letters_to, needed, offered
from tests.people import NOON


@pytest.fixture
def as_ada(reader, ada):
    return reader.as_(ada)


@pytest.fixture
def as_ben(reader, ben):
    return reader.as_(ben)


def test_a_spare_place_goes_from_the_board_to_the_log(reader, as_ada, as_ben, cleo):
    page = as_ada.visit("/g/bar/posts/new").press(
        "Post it",
        kind="offer",
        title="A place in Saturday’s golf tournament",
        category="event_place",
        rule="first_come",
        closes_at="2026-10-16T18:00",
        event_at="2026-10-17T09:10",
    )
    assert page.title == "A place in Saturday’s golf tournament"

    board = as_ben.visit("/g/bar/")
    favor = board.follow("A place in Saturday’s golf tournament").press("Take a place", text="With pleasure.")
    assert "ada@bar.example" in favor.main()

    thanked = as_ben.visit(favor.path).press("It happened, thank you", thanks="Best lunch of the year.")
    assert thanked.title == "You thanked Ada Farouk"

    log = reader.as_(cleo).visit("/g/bar/log")
    assert "Ada Farouk helped Ben Castellanos" in log.main()
    assert "Best lunch of the year." in log.main()
    assert "Confirmed by Ben" in log.main()
    member = reader.as_(cleo).visit("/g/bar/members/2")
    assert "Gave 1, received 0, with 1 other person in the last twelve months" in member.main()


def test_on_a_need_the_author_chooses_among_the_answers(as_ada, as_ben, ada, ben, cleo):
    post = needed(ada)
    answered(post, ben, "I know the person.")
    answered(post, cleo, "I could ask around.")

    page = as_ada.visit(f"/g/bar/posts/{post.id}")
    chosen = page.press("Say yes to this help", response=_answer_of(page, "Ben Castellanos"))
    assert "Ben Castellanos" in chosen.main()
    assert "ben@bar.example" in chosen.main()


def _answer_of(page, name):
    for radio in page.soup.find_all("input", attrs={"name": "response"}):
        if name in page.soup.find("label", attrs={"for": radio["id"]}).get_text():
            return radio["value"]
    raise AssertionError(f"{name} is not among the answers")


def test_the_last_place_is_refused_with_a_sentence_and_the_right_status(as_ben, ada, ben, cleo):
    post = offered(ada)
    page = as_ben.visit(f"/g/bar/posts/{post.id}")
    answered(post, cleo)
    refused = page.press("Take a place")

    assert refused.status == 409
    assert "given a moment before you asked" in refused.title


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"closes_at": "2020-01-01T10:00"}, "Answers would close in the past"),
        ({"closes_at": "yesterday"}, "not a day and an hour"),
        ({"title": "   "}, "empty"),
        ({"title": "x" * 500}, "500 characters; 120 fit"),
        ({"text": "x" * 100_000}, "100,000 characters; 5,000 fit"),
        ({"slots": "many"}, "whole numbers"),
        ({"category": "referral"}, "one of the categories"),
    ],
)
def test_bad_input_gets_a_sentence_and_keeps_what_was_typed(as_ada, typed, sentence):
    page = as_ada.visit("/g/bar/posts/new")
    kept = {"title": "An hour on tax", "text": "For a partnership split."}
    again = page.press("Post it", **(kept | typed))

    assert again.status == 422
    assert sentence in again.main()
    if "text" not in typed:
        assert again.soup.find("textarea", attrs={"name": "text"}).get_text().strip() == "For a partnership split."
    assert as_ada.visit("/g/bar/").main().count("An hour on tax") == 0


def test_a_whole_megabyte_is_refused_before_it_is_read(as_ada):
    answer = as_ada.send("POST", "/g/bar/posts/new", data={"text": "x" * 3_000_000})

    assert answer.status_code == 413


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[here](javascript:alert(1))",
        "![spy](https://elsewhere.example/pixel.png)",
        '<a href="https://x.example" onclick="alert(1)">x</a>',
        "{{ 7 * 7 }} {% include 'x' %}",
    ],
)
def test_what_members_type_stays_text(as_ada, ada, text):
    post = offered(ada, title=text[:120], text=text)
    page = as_ada.visit(f"/g/bar/posts/{post.id}")

    assert text[:120] in page.title.replace("  ", " ")
    main = page.soup.main
    assert main.find("script") is None
    assert main.find("img") is None
    assert not [a for a in main.find_all("a") if str(a.get("href", "")).startswith("javascript")]
    assert "49" not in page.main()


@pytest.mark.parametrize("name", ["نور الحسيني", "Ada 🏌️ Farouk", "O’Brien-Ō'Hara, Jr.", "<b>Bob</b>"])
def test_every_name_can_be_shown(session, reader, as_ben, ada, name):
    ada.person.name = name
    session.commit()
    offered(ada)

    assert name in as_ben.visit("/g/bar/").main()
    assert name in as_ben.visit(f"/g/bar/members/{ada.number}").title


def test_a_member_of_another_group_cannot_post_here(reader, sam, group):
    assert reader.as_(sam).visit("/g/bar/posts/new").status == 404


def test_a_member_of_two_groups_keeps_them_apart(session, reader, sam, group, ada):
    from tests.people import joined

    joined(session, group, "Sam Oduya", email="sam@med.example")
    offered(ada)
    here = reader.as_(sam)

    assert "golf" in here.visit("/g/bar/").main()
    assert "golf" not in here.visit("/g/med/").main()
    assert "Harbor Medical Society" in here.visit("/").main()


def test_what_waits_stands_first_on_the_board(as_ada, as_ben, session, favor, ada, ben):
    answered(needed(ada), ben)
    favors.deliver(favor.id, by=ada, at=NOON)

    assert "One" in as_ben.visit("/g/bar/").soup.find(class_="lead").get_text()
    assert "Ada Farouk" in as_ben.visit("/g/bar/").soup.find(id="waiting").get_text()
    assert "Somebody at Harborline Freight" in as_ada.visit("/g/bar/").soup.find(id="waiting").get_text()


def test_suggestions_say_why_in_the_readers_own_words(session, as_ben, ada, ben):
    ben.can_help_with = "Cargo insurance, trademark law"
    session.commit()
    needed(ada)

    assert "Cargo insurance" in as_ben.visit("/g/bar/").soup.find(class_="why").get_text()


def test_either_side_can_call_it_off_on_the_favors_page(as_ben, session, favor, ada):
    page = as_ben.visit(f"/g/bar/favors/{favor.id}").press("Call it off", why="The hearing moved.")

    assert page.status == 200
    assert letters_to(session, ada) == ["cancelled"]
    assert "The hearing moved." in page.main()


def test_confirming_twice_is_refused(as_ben, favor):
    page = as_ben.visit(f"/g/bar/favors/{favor.id}")
    page.press("It happened, thank you")

    assert page.press("It happened, thank you").status == 409


def test_the_log_is_filtered_by_member_and_category(as_ada, favor, ben, cleo):
    favors.confirm(favor.id, by=ben, at=NOON)

    assert "helped" in as_ada.visit("/g/bar/log", member=ben.number).main()
    assert "escrow" not in as_ada.visit("/g/bar/log", member=cleo.number).main()
    assert "escrow" not in as_ada.visit("/g/bar/log", category="review").main()
    assert as_ada.visit("/g/bar/log", category="nonsense").status == 422
    assert as_ada.visit("/g/bar/log", member="99").status == 422


def test_a_member_changes_what_the_group_sees(as_ada, as_ben, ada):
    as_ada.visit("/g/bar/me").press("Keep this", firm="Pereira Lindqvist", would_love="A round of golf")

    page = as_ben.visit(f"/g/bar/members/{ada.number}")
    assert "Pereira Lindqvist" in page.main()
    assert "A round of golf" in page.main()


def test_people_are_listed_by_name_and_without_numbers_to_compare(as_ada, ben, cleo, olga, favor):
    favors.confirm(favor.id, by=ben, at=NOON)
    page = as_ada.visit("/g/bar/members/")

    names = [
        name for name in ("Ada Farouk", "Ben Castellanos", "Cleo Marchetti", "Olga Petrenko") if name in page.main()
    ]
    assert names == sorted(names, key=page.main().index)
    assert "received" not in page.main()


def test_who_left_is_not_listed_any_more(session, as_ada, cleo):
    cleo.state = MembershipState.LEFT
    session.commit()

    assert "Cleo" not in as_ada.visit("/g/bar/members/").main()


def test_the_account_page_keeps_the_zone_and_times_follow_it(as_ben, session, ada, ben):
    as_ben.visit("/me").press("Keep this", zone="Pacific/Auckland")
    post = offered(ada)

    assert (
        "06:00" in as_ben.visit(f"/g/bar/posts/{post.id}").main()
        or "01:00" in as_ben.visit(f"/g/bar/posts/{post.id}").main()
    )


def test_a_page_that_does_not_exist_says_so(as_ada):
    page = as_ada.visit("/g/bar/nonsense")

    assert (page.status, page.title) == (404, "There is no such page.")
