"""The whole life of a favor, page by page, with the clock moving on."""

from datetime import timedelta
from typing import Any

import pytest
from flask_security.utils import hash_password
from sqlalchemy import select

from exchange import log
from exchange.domain import clocks, favors, responses, ties, unasked
from exchange.domain.ties import TieKind
from exchange.storage.favor import Favor
from exchange.storage.letter import Letter
from exchange.storage.membership import MembershipState, Role
from exchange.storage.post import Post, Rule
from tests.builders import SATURDAY, answered, favors_of, letters_to, logged, needed, offered
from tests.people import NOON, joined
from tests.web.reader import fields

GOLF = "A place in Saturday’s golf tournament"
HOUR = "An hour on the escrow clause"


@pytest.fixture
def as_(reader):
    """`as_(ada)` is a browser with Ada signed in."""
    return reader.as_


@pytest.fixture
def due(clock):
    """Time passes, and what is due is done: `due(days=14)`."""

    def passes(**span: float) -> int:
        return clocks.due(at=clock.pass_by(**span))

    return passes


@pytest.fixture
def dora(session, group):
    """One more member."""
    return joined(session, group, "Dora Weiss")


@pytest.fixture
def oscar(session, group):
    """Organises too."""
    return joined(session, group, "Oscar Lund", role=Role.ORGANISER)


@pytest.fixture
def delivered(favor, ada):
    """Ada has helped Ben and said so."""
    return favors.deliver(favor.id, by=ada, at=NOON)


@pytest.fixture
def confirmed(favor, ben):
    """It stands in the log."""
    return favors.confirm(favor.id, by=ben, at=NOON, thanks="You found the gap in clause 9.")


def favor_page(favor) -> str:
    return f"/g/bar/favors/{favor.id}"


def post_page(post) -> str:
    return f"/g/bar/posts/{post.id}"


# Places go from one to the next


def test_who_comes_too_late_stands_by_and_takes_the_place_that_becomes_free(as_, session, clock, ada, ben, cleo):
    post = offered(ada)
    late = as_(cleo).visit(post_page(post))
    favor = as_(ben).visit(post_page(post)).press("Take a place")
    refused = late.press("Take a place")
    assert (refused.status, refused.form("Stand by for this place")["method"]) == (409, "post")

    standing = refused.press("Stand by for this place")
    assert standing.path == post_page(post)
    assert "You are the first" in standing.main()
    assert GOLF in as_(cleo).visit("/g/bar/").main()

    clock.pass_by(hours=20)
    called_off = as_(ben).visit(favor.path).press("Call it off", why="A hearing was moved.")
    assert "called off" in called_off.title
    board = as_(cleo).visit("/g/bar/")
    assert "A place is free for you" in board.soup.find(id="waiting").get_text()
    page = board.follow("Say yes or no")
    assert "I take the place" in page.main()

    taken = page.press("I take the place")
    assert taken.title == "Ada Farouk is helping you"
    assert "ada@bar.example" in taken.main()
    assert "Ben" not in as_(cleo).visit(post_page(post)).main()
    assert letters_to(session, cleo) == ["standby", "offered", "agreed"]
    assert letters_to(session, ada) == ["agreed", "dropped_out", "agreed"]


def test_who_lets_it_go_gives_it_to_the_next(as_, clock, ada, ben, cleo, dora):
    post = offered(ada)
    answered(post, ben)
    for member in (cleo, dora):
        as_(member).visit(post_page(post)).press("Stand by for this place")
    assert "You are the second" in as_(dora).visit(post_page(post)).main()
    favors.cancel(favors_of_post(post)[0].id, by=ben, at=clock())

    assert "You are the first" in as_(dora).visit(post_page(post)).main()
    passed = as_(cleo).visit(post_page(post)).press("Not this time")
    assert passed.path == post_page(post)
    assert "A place is free for you" in as_(dora).visit(post_page(post)).main()
    assert "I take the place" not in as_(cleo).visit(post_page(post)).main()


def favors_of_post(post) -> list[Favor]:
    from exchange.storage.db import db

    return favors_of(db.session(), post)


def test_a_place_that_nobody_takes_goes_on_and_its_page_says_so(as_, session, due, ada, ben, cleo, dora):
    post = offered(ada, event_at=NOON + timedelta(days=10), closes_at=NOON + timedelta(days=9))
    answered(post, ben)
    for member in (cleo, dora):
        responses.answer(post.id, by=member, text="", at=NOON, standing_by=True)
    favors.cancel(favors_of_post(post)[0].id, by=ben, at=NOON)
    page = as_(cleo).visit(post_page(post))
    due(hours=24)

    refused = page.press("I take the place")
    assert (refused.status, "time for this place is over" in refused.title) == (409, True)
    assert "offer_over" in letters_to(session, cleo)
    assert "I take the place" in as_(dora).visit(post_page(post)).main()


def test_the_author_sees_who_stands_by_and_for_whom_a_place_is_kept(as_, clock, ada, ben, cleo, dora):
    post = offered(ada)
    answered(post, ben)
    for member in (cleo, dora):
        responses.answer(post.id, by=member, text="", at=NOON, standing_by=True)
    favors.cancel(favors_of_post(post)[0].id, by=ben, at=clock())

    standing = as_(ada).visit(post_page(post)).soup.find(id="standby").get_text(" ", strip=True)
    assert standing.index("Cleo Marchetti") < standing.index("asked until") < standing.index("Dora Weiss")
    for member in (ben, cleo, dora):
        main = as_(member).visit(post_page(post)).main()
        assert not [other.name for other in (ben, cleo, dora) if other.id != member.id and other.name in main]


def test_who_dropped_out_is_told_to_the_author_who_chooses_and_to_nobody_else(as_, due, clock, ada, ben, cleo, olga):
    post = offered(ada)
    answered(post, ben)
    clock.pass_by(days=1, hours=1)
    favors.cancel(favors_of_post(post)[0].id, by=ben, at=clock())
    need = needed(cleo, closes_at=SATURDAY, at=clock())
    for member in (ben, ada):
        answered(need, member, at=clock())

    chooses = as_(cleo).visit(post_page(need)).soup.find(id="answers")
    ben_said, ada_said = (li.get_text(" ", strip=True) for li in chooses.find_all("li", class_="answer"))
    assert "Dropped out once in the last twelve months" in ben_said
    assert "Dropped out" not in ada_said
    assert "You dropped out once" in as_(ben).visit(f"/g/bar/members/{ben.number}").main()
    for other in (ada, cleo, olga):
        assert "ropped out" not in as_(other).visit(f"/g/bar/members/{ben.number}").main()
    assert "ropped out" not in as_(ada).visit(post_page(need)).main()

    clock.pass_by(days=366)
    mine = as_(ben).visit(f"/g/bar/members/{ben.number}").main()
    assert "Dropped out Not once in the last twelve months." in mine
    assert "You dropped out" not in mine


def test_a_post_without_answers_gets_another_week_on_its_page_and_on_the_board(as_, session, due, ada):
    post = needed(ada, closes_at=NOON + timedelta(days=3))
    as_(ada).visit(post_page(post)).press("Give it another week")
    assert session.get_one(Post, post.id).closes_at == NOON + timedelta(days=10)

    due(days=9, hours=1)
    assert letters_to(session, ada) == ["closing_soon"]
    waiting = as_(ada).visit("/g/bar/")
    assert "Nobody has answered" in waiting.soup.find(id="waiting").get_text()
    waiting.press("Give it another week")
    assert session.get_one(Post, post.id).closes_at == NOON + timedelta(days=17)


def test_a_closed_post_can_be_opened_again_and_one_at_its_event_cannot(as_, session, due, ada, cleo):
    post, golf = needed(ada), offered(ada)
    due(days=1, hours=1)
    assert as_(cleo).visit("/g/bar/").main().count(post.title) == 0
    as_(ada).visit(post_page(post)).press("Give it another week")
    as_(ada).visit(post_page(golf)).press("Give it another week")

    assert post.title in as_(cleo).visit("/g/bar/").main()
    assert session.get_one(Post, golf.id).closes_at == SATURDAY
    with pytest.raises(AssertionError, match="No form with a button"):
        as_(ada).visit(post_page(golf)).press("Give it another week")


# Asked, forgotten, and confirmed by itself


def test_it_is_asked_twice_and_then_it_lapses_without_an_entry(as_, session, group, due, favor, ada, ben):
    for days in (14, 7):
        due(days=days)
        assert f"“{HOUR}”" in as_(ada).visit("/g/bar/").soup.find(id="waiting").get_text()
    due(days=9)

    assert letters_to(session, ben) == ["did_it_happen", "did_it_happen", "lapsed"]
    for member in (ada, ben):
        page = as_(member).visit(favor_page(favor))
        assert "not confirmed in time" in page.title
        assert page.soup.main.find("form") is None
    assert logged(session, group.id) == []


def test_silence_confirms_what_began_with_an_answer_and_the_entry_says_so(as_, session, due, ada, ben, cleo):
    favor = responses.accept(
        (post := needed(ben, title=HOUR, category="advice")).id, answered(post, ada).id, by=ben, at=NOON
    )
    as_(ada).visit(favor_page(favor)).press("It happened")
    assert "If you say nothing, it is confirmed by itself on Thursday, 29 October" in (
        as_(ben).visit(favor_page(favor)).main()
    )
    due(days=7)
    due(days=6, hours=23)
    assert as_(cleo).visit(favor_page(favor)).status == 404
    due(hours=1)

    assert letters_to(session, ben) == ["answer", "agreed", "please_confirm", "please_confirm", "confirmed"]
    assert "Confirmed by itself after 14 days of silence" in as_(cleo).visit("/g/bar/log").main()
    assert as_(cleo).visit(favor_page(favor)).title == "Ada Farouk helped Ben Castellanos"


# Disputes


def test_a_free_organiser_settles_a_dispute(as_, session, delivered, olga, ada, ben, cleo):
    page = as_(ben).visit(favor_page(delivered)).press("Ask for a decision", why="Ada was not there.")
    assert page.title == "You said that it was otherwise"
    assert "Ada was not there." in as_(ada).visit(favor_page(delivered)).main()
    assert as_(cleo).visit(favor_page(delivered)).status == 404
    assert letters_to(session, olga) == ["dispute_opened"]

    decides = as_(olga).visit("/g/bar/").follow("Settle it")
    assert decides.title == "Did Ada Farouk help Ben Castellanos?"
    assert "Ada was not there." in decides.main()
    assert "ada@bar.example" not in decides.text
    settled = decides.press("It happened", happened="1", why="Both were seen at lunch.")
    assert settled.path == "/g/bar/"
    assert "Settle it" not in as_(olga).visit("/g/bar/").main()
    assert "Settled by an organiser" in as_(cleo).visit("/g/bar/log").main()
    assert "Both were seen at lunch." in as_(ben).visit(favor_page(delivered)).main()
    assert "Both were seen at lunch." not in as_(cleo).visit(favor_page(delivered)).main()


def test_what_did_not_happen_leaves_no_entry(as_, session, group, delivered, olga, ada, ben):
    as_(ben).visit(favor_page(delivered)).press("Ask for a decision", why="Ada was not there.")
    decides = as_(olga).visit(favor_page(delivered))
    decides.press("It did not happen", happened="0", why="Nobody saw you.")

    assert logged(session, group.id) == []
    assert as_(ada).visit(favor_page(delivered)).title == "Settled: it did not happen"
    assert decides.press("It happened", happened="1", why="After all.").status == 404


def test_an_organiser_who_is_tied_to_a_party_or_is_one_settles_nothing(
    as_, session, delivered, olga, oscar, ada, ben, monkeypatch, app
):
    ties.declare(oscar.number, by=ben, kind=TieKind.CLIENT, at=NOON)
    as_(ben).visit(favor_page(delivered)).press("Ask for a decision", why="Ada was not there.")
    assert (letters_to(session, olga), letters_to(session, oscar)) == (["dispute_opened"], ["tie_declared"])
    assert "Settle it" in as_(olga).visit("/g/bar/").main()
    assert "Settle it" not in as_(oscar).visit("/g/bar/").main()
    assert as_(oscar).visit(favor_page(delivered)).status == 404

    ada.role = Role.ORGANISER
    session.commit()
    assert "Settle it" not in as_(ada).visit("/g/bar/").main()
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    for member in (ada, ben, oscar):
        assert as_(member).post(f"{favor_page(delivered)}/settle", happened="1", why="I say so.").status in {403, 404}
    assert session.get_one(Favor, delivered.id).state == "disputed"


def test_a_decision_needs_a_button_of_the_two(as_, session, delivered, olga, ben):
    as_(ben).visit(favor_page(delivered)).press("Ask for a decision", why="Ada was not there.")
    answer = as_(olga).visit(favor_page(delivered)).press("It happened", why="Whichever.")

    assert answer.status in {400, 422}
    assert session.get_one(Favor, delivered.id).state == "disputed"


def test_a_dispute_that_nobody_settles_ends_after_30_days(as_, session, group, due, delivered, olga, ada, ben):
    as_(ben).visit(favor_page(delivered)).press("Ask for a decision", why="Ada was not there.")
    due(days=29, hours=23)
    assert "Settle it" in as_(olga).visit("/g/bar/").main()
    due(hours=1)

    for member in (ada, ben):
        page = as_(member).visit(favor_page(delivered))
        assert page.title == "Nobody could settle it"
        assert "Not settled" in page.main()
    assert logged(session, group.id) == []
    assert "Settle it" not in as_(olga).visit("/g/bar/").main()


def test_who_disputed_can_still_say_that_it_happened(as_, delivered, ben, cleo):
    page = as_(ben).visit(favor_page(delivered)).press("Ask for a decision", why="Ada was not there.")
    assert page.press("It happened, thank you", thanks="Now she was.").title == "You thanked Ada Farouk"
    assert "Now she was." in as_(cleo).visit("/g/bar/log").main()


# Corrections


def test_both_together_correct_an_entry(as_, session, confirmed, ada, ben, cleo):
    before = log.balance(session, ada)
    proposed = as_(ada).visit(favor_page(confirmed)).press("Propose the correction", why="It was two hours.")
    assert "You proposed a correction" in proposed.main()
    assert log.balance(session, ada) == before
    waits = as_(ben).visit("/g/bar/")
    assert "proposes a correction" in waits.soup.find(id="waiting").get_text()

    page = waits.follow("Look at it")
    assert "It was two hours." in page.main()
    void = page.press("I agree")
    assert "is void" in void.title
    assert log.balance(session, ada).given == before.given - 1
    entries = as_(cleo).visit("/g/bar/log").main()
    assert "Makes entry 2 void" in entries
    assert "Corrected by entry 3" in entries
    assert "It was two hours." in entries
    assert letters_to(session, ben)[-2:] == ["correction_proposed", "corrected"]
    assert page.press("I agree").status == 409


def test_the_other_side_can_say_that_the_entry_is_right(as_, session, confirmed, ada, ben, cleo):
    as_(ada).visit(favor_page(confirmed)).press("Propose the correction", why="It was two hours.")
    page = as_(ben).visit(favor_page(confirmed)).press("The entry is right")

    assert "The entry stays as it is" in page.main()
    assert "void" not in as_(cleo).visit("/g/bar/log").soup.find(id="entries").get_text()
    assert "Propose the correction" in as_(ada).visit(favor_page(confirmed)).main()
    assert log.balance(session, ada).given == 1


def test_a_free_organiser_corrects_and_others_do_not(as_, session, confirmed, olga, oscar, ada, cleo):
    ties.declare(oscar.number, by=ada, kind=TieKind.FAMILY, at=NOON)
    for other in (oscar, cleo):
        page = as_(other).visit(favor_page(confirmed))
        assert page.status == 200
        assert "Make the entry void" not in page.main()
    as_(olga).visit(favor_page(confirmed)).press("Make the entry void", why="It was entered twice.")

    entries = as_(cleo).visit("/g/bar/log").main()
    assert "It was entered twice." in entries
    assert log.balance(session, ada).given == 0


# Without a post


def write_down(reader, other, **typed) -> Any:
    return reader.visit("/g/bar/favors/new").press(
        "Write it down", **({"member": str(other.number), "category": "advice", "title": HOUR} | typed)
    )


def test_i_was_helped_by_ada_stands_in_the_log_at_once(as_, session, ada, ben, cleo):
    page = write_down(as_(ben), ada, thanks="Thank you.")

    assert page.title == "Ada Farouk helped you"
    assert "entry 2" in page.main()
    assert f"Ada Farouk helped Ben Castellanos: {HOUR}" in as_(cleo).visit("/g/bar/log").main()
    assert letters_to(session, ada) == ["helped_by"]
    assert log.balance(session, ada).given == 1


def test_the_page_of_a_member_leads_to_the_form_with_the_name_in_it(as_, ada, ben):
    page = as_(ben).visit(f"/g/bar/members/{ada.number}").follow("Ada helped me")

    assert page.soup.select_one('select[name="member"] option[selected]')["value"] == str(ada.number)


def test_that_was_not_me_makes_it_void_for_30_days(as_, session, clock, ada, ben, cleo):
    page = write_down(as_(ben), ada)
    path = page.path
    clock.pass_by(days=29)
    said = as_(ada).visit(path).press("That was not me")

    assert "is void" in said.title
    assert letters_to(session, ben) == ["confirmed", "not_me"]
    assert log.balance(session, ada).given == log.balance(session, ben).received == 0
    assert "Makes entry 2 void" in as_(cleo).visit("/g/bar/log").main()


def test_after_30_days_it_takes_both(as_, clock, ada, ben):
    path = write_down(as_(ben), ada).path
    stale = as_(ada).visit(path)
    clock.pass_by(days=30)

    assert "That was not me" not in as_(ada).visit(path).main()
    assert "Propose the correction" in as_(ada).visit(path).main()
    assert stale.press("That was not me").status == 409


def test_i_helped_ben_waits_for_ben(as_, session, group, due, ada, ben, cleo):
    page = write_down(as_(ada), ben, how="helped")
    assert logged(session, group.id) == []
    assert as_(cleo).visit(page.path).status == 404
    due(days=29)
    assert logged(session, group.id) == []

    said = as_(ben).visit(page.path)
    assert said.title == "Did Ada Farouk help you?"
    said.press("It happened, thank you", thanks="Yes.")
    assert f"Ada Farouk helped Ben Castellanos: {HOUR}" in as_(cleo).visit("/g/bar/log").main()


def test_ben_can_say_that_it_did_not_happen(as_, session, group, ada, ben):
    page = write_down(as_(ada), ben, how="helped")
    denied = as_(ben).visit(page.path).press("That did not happen")

    assert denied.title == "You said that it did not happen"
    assert as_(ada).visit(page.path).title == "Ben Castellanos says that it did not happen"
    assert letters_to(session, ada) == ["cancelled"]
    assert logged(session, group.id) == []


def test_silence_never_confirms_what_one_says_of_oneself(as_, session, group, due, ada, ben):
    page = write_down(as_(ada), ben, how="helped")
    for _ in range(5):
        due(days=7)

    assert logged(session, group.id) == []
    assert "not confirmed in time" in as_(ada).visit(page.path).title


# Between two


def test_either_side_keeps_both_names_out(as_, favor, ben, cleo):
    page = as_(ben).visit(favor_page(favor))
    assert "How it will stand in the log Ada Farouk helped Ben Castellanos" in page.main()
    kept = page.press("Keep both names out")
    assert "Both names are withheld" in kept.main()
    assert "Keep it between the two of you" not in kept.main()
    kept.press("It happened, thank you", thanks="Between us.")

    entries = as_(cleo).visit("/g/bar/log").main()
    assert "Two members: Advice, in October 2026. Both names are withheld." in entries
    assert "Between us." not in entries
    assert "Between us." in as_(ben).visit("/g/bar/log").main()


def test_it_is_offered_only_where_it_may_be(as_, session, favor, confirmed, olga, ada, ben):
    golf = offered(ada)
    answered(golf, ben)
    with_olga = unasked.helped(olga.number, by=ada, category="advice", title=HOUR, at=NOON)
    for found in (favors_of(session, golf)[0], with_olga, confirmed):
        assert "Keep it between the two of you" not in as_(ada).visit(favor_page(found)).main()


def test_writing_it_down_withheld(as_, ada, ben, cleo, olga):
    page = write_down(as_(ben), ada, withheld="y")
    assert page.status == 200
    assert "Both names are withheld" in as_(cleo).visit("/g/bar/log").main()
    for other, category in ((olga, "advice"), (cleo, "introduction")):
        refused = write_down(as_(ben), other, category=category, withheld="y")
        assert refused.status == 422
        assert "Only advice, mentoring and review" in refused.main()


# I accept no gifts


def accept_no_gifts(reader) -> Any:
    page = reader.visit("/g/bar/me")
    kept = fields(page.form("Keep this"))
    assert kept.pop("accepts_gifts")
    return reader.post("/g/bar/me", **kept)


def test_who_accepts_no_gifts_is_told_so_and_given_none(as_, session, ada, ben):
    golf = offered(ada)
    form = as_(ben).visit(post_page(golf))
    assert accept_no_gifts(as_(ben)).path == f"/g/bar/members/{ben.number}"
    assert as_(ben).visit("/g/bar/me").soup.select_one("[name=accepts_gifts]").get("checked") is None

    assert "You accept no gifts" in as_(ben).visit(post_page(golf)).main()
    refused = form.press("Take a place")
    assert (refused.status, "no gifts" in refused.title) == (409, True)
    need = as_(ben).visit("/g/bar/posts/new").press("Post it", kind="need", category="event_place", title="Golf")
    assert (need.status, "no gifts" in need.main()) == (422, True)
    for reader, other, how in ((as_(ben), ada, "helped_by"), (as_(ada), ben, "helped")):
        gift = write_down(reader, other, how=how, category="event_place")
        assert (gift.status, "accepts no gifts" in gift.main()) == (422, True)
    assert favors_of(session, golf) == []

    as_(ben).visit("/g/bar/me").press("Keep this", accepts_gifts="y")
    assert as_(ben).visit(post_page(golf)).press("Take a place").status == 200


def test_who_accepts_no_gifts_still_gives_them_and_takes_advice(as_, ada, ben):
    accept_no_gifts(as_(ben))
    need = needed(ada, category="event_place", title="A place at golf")

    assert as_(ben).visit(post_page(need)).press("I can help").status == 200
    assert write_down(as_(ben), ada).status == 200


# Ties


def test_a_tie_is_declared_answered_and_withdrawn(as_, session, ada, ben):
    page = as_(ada).visit("/g/bar/ties").press("Declare the tie", member=str(ben.number), kind="client")
    assert "You declared a tie with Ben Castellanos" in page.main()
    assert letters_to(session, ben) == ["tie_declared"]

    answer = as_(ben).visit("/g/bar/ties").press("Not so")
    assert "You do not see it so. It stands all the same." in answer.main()
    assert "Ben does not see it so" in as_(ada).visit("/g/bar/ties").main()
    answer.press("So it is")
    assert "Ben says so too" in as_(ada).visit("/g/bar/ties").main()
    assert "Withdraw it" not in answer.main()
    as_(ada).visit("/g/bar/ties").press("Withdraw it")
    assert "None so far" in as_(ben).visit("/g/bar/ties").main()


def test_others_see_that_there_is_a_tie_and_never_its_kind(as_, session, ada, ben, cleo, olga):
    for kind, member in (("client", ben), ("family", cleo)):
        as_(ada).visit("/g/bar/ties").press("Declare the tie", member=str(member.number), kind=kind)
    favor = unasked.helped_by(ada.number, by=ben, category="advice", title=HOUR, at=NOON)
    post = needed(cleo, closes_at=SATURDAY)
    answered(post, ada)

    assert "A tie was declared." in as_(olga).visit("/g/bar/log").main()
    assert "A tie is declared" in as_(cleo).visit(post_page(post)).main()
    paths = ["", "log", "members/", f"members/{ada.number}", f"members/{ben.number}", "ties", f"favors/{favor.id}"]
    for path in paths:
        page = as_(olga).visit(f"/g/bar/{path}")
        for choice in page.soup.find_all("select"):
            choice.decompose()
        assert not [kind for kind in ("One is the other’s client", "Family") if kind in page.main()], path
    for letter in session.scalars(select(Letter).where(Letter.kind == "tie_declared")):
        assert not {"client", "family"} & set(map(str, letter.facts.values()))


def test_a_tie_of_others_can_be_neither_answered_nor_withdrawn(as_, session, ada, ben, cleo, monkeypatch, app):
    tie = ties.declare(ben.number, by=ada, kind=TieKind.CLIENT, at=NOON)
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)

    assert as_(cleo).post(f"/g/bar/ties/{tie.id}/answer", agreed="1").status == 404
    assert as_(cleo).post(f"/g/bar/ties/{tie.id}/withdraw").status == 404
    assert as_(ben).post(f"/g/bar/ties/{tie.id}/withdraw").status == 403
    assert as_(ada).post(f"/g/bar/ties/{tie.id}/answer", agreed="1").status == 403
    session.refresh(tie)
    assert (tie.agreed, tie.withdrawn_at) == (None, None)


# Letters


def test_a_kind_that_is_switched_off_is_not_written_and_comes_back(as_, session, ada, ben):
    page = as_(ben).visit("/g/bar/me/letters")
    every = [str(box["value"]) for box in page.soup.select('input[name="on"]')]
    assert all(box.has_attr("checked") for box in page.soup.select('input[name="on"]'))
    assert not {"invitation", "reset", "password_changed", "password_reset", "confirm_email"} & set(every)
    saved = page.press("Keep these", on=[kind for kind in every if kind != "please_confirm"])
    off = [box["value"] for box in saved.soup.select('input[name="on"]') if not box.has_attr("checked")]
    assert off == ["please_confirm"]

    first = unasked.helped(ben.number, by=ada, category="advice", title=HOUR, at=NOON)
    assert letters_to(session, ben) == []
    assert HOUR in as_(ben).visit("/g/bar/").soup.find(id="waiting").get_text()
    favors.confirm(first.id, by=ben, at=NOON)
    saved.press("Keep these", on=every)
    unasked.helped(ben.number, by=ada, category="advice", title=HOUR, at=NOON)
    assert letters_to(session, ben) == ["confirmed", "please_confirm"]


def test_letters_that_nobody_may_switch_off_stay_on(as_, session, ben, monkeypatch, app):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    as_(ben).post("/g/bar/me/letters")
    session.refresh(ben)

    assert "answer" in ben.letters_off
    assert not {"invitation", "reset", "password_changed"} & set(ben.letters_off)


# Referrals


def test_a_referral_can_be_posted_once_an_organiser_lets_it_and_counts_for_nobody(as_, session, olga, ada, ben, cleo):
    def offers() -> list[str]:
        page = as_(ada).visit("/g/bar/posts/new")
        return [str(option["value"]) for option in page.soup.select('select[name="category"] option')]

    sentence = "Nothing may be given for a referral"
    assert "referral" not in offers()
    assert sentence not in as_(ada).visit("/g/bar/posts/new").main()
    page = as_(olga).visit("/g/bar/categories")
    assert page.status == 200
    assert as_(ada).visit("/g/bar/categories").status == 403
    row = next(li for li in page.soup.main.find_all("li") if "Referral" in li.get_text())
    assert "Let it be posted" in row.get_text()
    page.reader.post(row.form["action"], **fields(row.form))

    assert "referral" in offers()
    assert sentence in as_(ada).visit("/g/bar/posts/new").main()
    write_down(as_(ben), ada, category="referral", title="A matter in Rotterdam")
    entries = as_(cleo).visit("/g/bar/log").main()
    assert "A matter in Rotterdam" in entries
    assert "Logged and counted for nobody." in entries
    assert log.balance(session, ada).given == log.balance(session, ben).received == 0


def test_what_is_taken_off_the_board_stays_in_the_log(as_, olga, confirmed, ada, cleo):
    page = as_(olga).visit("/g/bar/categories")
    row = next(li for li in page.soup.main.find_all("li") if "Advice" in li.get_text())
    off = page.reader.post(row.form["action"], **fields(row.form))

    assert "Advice cannot be posted any more" in off.main()
    assert 'value="advice"' not in str(as_(ada).visit("/g/bar/posts/new").soup)
    assert HOUR in as_(cleo).visit("/g/bar/log", category="advice").main()


# Leaving

PASSWORD = "a long and quiet river"


@pytest.fixture
def with_password(app, session):
    """Give a member a password that really is one."""

    def give(member) -> None:
        with app.test_request_context():
            member.person.password = hash_password(PASSWORD)
        session.commit()

    return give


def test_who_leaves_is_out_and_the_log_keeps_the_name(as_, session, confirmed, ada, ben, cleo):
    browser = as_(ada)
    page = browser.visit("/g/bar/me/leave").press("Leave the group")

    assert "You have left Harbor County Bar" in page.main()
    assert browser.visit("/g/bar/").status == 404
    assert "Has left the group" in as_(cleo).visit(f"/g/bar/members/{ada.number}").main()
    assert "Ada Farouk helped Ben Castellanos" in as_(cleo).visit("/g/bar/log").main()
    assert "Ada Farouk" not in as_(cleo).visit("/g/bar/members/").main()
    assert session.get_one(type(ada), ada.id).state is MembershipState.LEFT


def test_what_was_agreed_with_somebody_who_leaves_ends_without_the_cause(as_, session, favor, ada, ben):
    offer = offered(ada)
    answered(offer, ben)
    as_(ada).visit("/g/bar/me/leave").press("Leave the group")

    page = as_(ben).visit(favor_page(favor))
    assert page.title == "What was agreed with Ada Farouk will not take place"
    assert "left" not in page.main().replace("is left for you", "")
    assert letters_to(session, ben) == ["agreed", "no_longer", "no_longer"]
    assert GOLF not in as_(ben).visit("/g/bar/").soup.find(id="all").get_text()


def test_a_wrong_password_forgets_nothing(as_, session, with_password, confirmed, ada, ben):
    with_password(ada)
    for typed in ("", "another river"):
        page = as_(ada).visit("/g/bar/me/leave").press("Forget me in this group", password=typed)
        assert page.status == 422
        assert "This is not your password. Nothing was changed." in page.main()

    assert as_(ada).visit("/g/bar/").status == 200
    assert "Ada Farouk helped Ben Castellanos" in as_(ben).visit("/g/bar/log").main().replace("you", "Ben Castellanos")
    assert session.get_one(type(ada), ada.id).erased_by_entry is None


def test_being_forgotten_takes_the_name_everywhere_and_leaves_the_numbers(
    as_, session, runner, with_password, confirmed, ada, ben, cleo
):
    with_password(ada)
    unasked.helped_by(cleo.number, by=ben, category="advice", title="Something else", at=NOON)
    numbers = log.balance(session, ben)
    seen = as_(cleo).visit(f"/g/bar/members/{ben.number}").soup.find(class_="sum").get_text()
    browser = as_(ada)
    page = browser.visit("/g/bar/me/leave").press("Forget me in this group", password=PASSWORD)

    assert page.status == 200
    assert "You are forgotten in this group" in page.main()
    assert browser.send("GET", "/g/bar/").status_code in {302, 404}
    assert as_(cleo).visit(f"/g/bar/members/{ada.number}").status == 404
    entries = as_(cleo).visit("/g/bar/log").main()
    assert "A former member helped Ben Castellanos." in entries
    for words in ("Ada", "Farouk", HOUR, "clause 9"):
        assert words not in entries
    assert "A former member helped you" in as_(ben).visit("/g/bar/log").main()
    assert "Ada" not in as_(ben).visit(favor_page(confirmed)).text
    assert log.balance(session, ben) == numbers
    assert as_(cleo).visit(f"/g/bar/members/{ben.number}").soup.find(class_="sum").get_text() == seen


def test_who_is_in_another_group_stays_there(as_, session, with_password, sam, group, ada):
    here = joined(session, group, "Sam Oduya", email="sam@med.example")
    with_password(here)
    browser = as_(here)
    browser.visit("/g/bar/me/leave").press("Forget me in this group", password=PASSWORD)

    assert browser.visit("/g/bar/").status == 404
    assert browser.visit("/g/med/").status == 200
    assert "Sam Oduya" in as_(sam).visit("/g/med/members/").main()
    assert as_(ada).visit(f"/g/bar/members/{here.number}").status == 404


def test_the_last_organiser_cannot_leave(as_, session, group, olga, ada):
    for other in session.scalars(select(type(olga)).filter_by(group_id=group.id, role=Role.ORGANISER)):
        if other.id != olga.id:
            other.role = Role.MEMBER
    session.commit()
    page = as_(olga).visit("/g/bar/me/leave").press("Leave the group")

    assert page.status == 409
    assert "You are the last organiser" in page.title
    assert as_(olga).visit("/g/bar/").status == 200
    ada.role = Role.ORGANISER
    session.commit()
    assert "You have left" in as_(olga).visit("/g/bar/me/leave").press("Leave the group").main()


# What cannot be taken


def kept_in(page, name: str) -> str:
    field = page.soup.find(attrs={"name": name})
    return str(field.get("value") or field.get_text()).strip()


LONG = "x" * 501


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"title": "  "}, "What it was is empty"),
        ({"title": "x" * 200}, "200 characters; 120 fit"),
        ({"thanks": "x" * 1001}, "1,001 characters; 1,000 fit"),
        ({"member": "99"}, "Choose one of the members"),
        ({"member": "nobody"}, ""),
        ({"member": "self"}, "A favor takes two people"),
        ({"category": "nonsense"}, "Choose one of the categories"),
        ({"category": "referral"}, "Choose one of the categories"),
        ({"how": "neither"}, ""),
    ],
)
def test_a_favor_that_cannot_be_written_down(as_, session, group, ada, ben, typed, sentence):
    typed = {key: str(ben.number) if value == "self" else value for key, value in typed.items()}
    page = write_down(as_(ben), ada, **({"title": "Kept title", "thanks": "Kept thanks"} | typed))

    assert page.status == 422
    assert sentence in page.main()
    assert page.soup.find(class_="error") is not None
    for name, value in {"title": "Kept title", "thanks": "Kept thanks"}.items():
        assert kept_in(page, name) == typed.get(name, value).strip()
    assert logged(session, group.id) == []


@pytest.mark.parametrize(
    ("state", "button"),
    [
        ("delivered", "Ask for a decision"),
        ("confirmed", "Propose the correction"),
        ("confirmed", "Make the entry void"),
    ],
)
@pytest.mark.parametrize(("why", "sentence"), [("  ", "The reason is empty"), (LONG, "501 characters; 500 fit")])
def test_a_reason_that_cannot_be_taken(as_, request, session, olga, ben, state, button, why, sentence):
    favor = request.getfixturevalue(state)
    reader = as_(olga if button == "Make the entry void" else ben)
    page = reader.visit(favor_page(favor)).press(button, why=why)

    assert page.status == 422
    assert sentence in page.main()
    assert kept_in(page, "why").strip() == why.strip()
    assert page.form(button).find_parent("details").has_attr("open")
    assert session.get_one(Favor, favor.id).state == state
    assert session.get_one(Favor, favor.id).voided_by is None


@pytest.mark.parametrize(("why", "sentence"), [("", "The reason is empty"), (LONG, "501 characters; 500 fit")])
def test_a_decision_needs_a_reason(as_, session, delivered, olga, ben, why, sentence):
    as_(ben).visit(favor_page(delivered)).press("Ask for a decision", why="Ada was not there.")
    page = as_(olga).visit(favor_page(delivered)).press("It happened", happened="1", why=why)

    assert (page.status, sentence in page.main()) == (422, True)
    assert kept_in(page, "why") == why
    assert session.get_one(Favor, delivered.id).state == "disputed"


def test_calling_off_keeps_a_reason_that_is_too_long(as_, session, favor, ben):
    page = as_(ben).visit(favor_page(favor)).press("Call it off", why=LONG)

    assert (page.status, "501 characters; 500 fit" in page.main()) == (422, True)
    assert kept_in(page, "why") == LONG
    assert session.get_one(Favor, favor.id).state == "agreed"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"member": "99"}, "Choose one of the members"),
        ({"member": "self"}, "A tie takes two people"),
        ({"member": "nobody"}, ""),
        ({"kind": "enemies"}, ""),
    ],
)
def test_a_tie_that_cannot_be_declared(as_, session, ada, ben, typed, sentence):
    typed = {key: str(ada.number) if value == "self" else value for key, value in typed.items()}
    page = as_(ada).visit("/g/bar/ties").press("Declare the tie", **({"member": str(ben.number)} | typed))

    assert (page.status, sentence in page.main()) == (422, True)
    assert page.soup.find(class_="error") is not None
    assert "None so far" in page.main()
    assert letters_to(session, ben) == []


def test_the_same_tie_twice_is_refused_beside_the_field(as_, ada, ben):
    for expected in (200, 409):
        page = as_(ada).visit("/g/bar/ties").press("Declare the tie", member=str(ben.number), kind="family")
        assert page.status == expected
    assert "already" in page.soup.find(class_="error").get_text()


def test_standing_by_with_too_many_words_keeps_them(as_, session, ada, ben, cleo):
    post = offered(ada)
    answered(post, ben)
    page = as_(cleo).visit(post_page(post)).press("Stand by for this place", text="x" * 1001)

    assert (page.status, "1,001 characters; 1,000 fit" in page.main()) == (422, True)
    assert kept_in(page, "text") == "x" * 1001
    assert letters_to(session, cleo) == []


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"hidden_from_firm": "y"}, "Your profile names no firm"),
        ({"hidden_from": ["99"]}, "Choose among the other members"),
        ({"hidden_from": ["nobody"]}, ""),
        ({"rule": "lottery"}, ""),
    ],
)
def test_a_post_that_cannot_be_hidden_like_this(as_, session, ada, typed, sentence):
    page = as_(ada).visit("/g/bar/posts/new").press("Post it", title="Kept title", **typed)

    assert (page.status, sentence in page.main()) == (422, True)
    assert kept_in(page, "title") == "Kept title"
    assert session.scalars(select(Post)).all() == []


def test_an_organiser_hides_nothing(as_, session, olga, ada):
    page = as_(olga).visit("/g/bar/posts/new")
    assert "Keep it from somebody" not in page.main()
    sent = fields(page.form("Post it")) | {"title": "For some", "hidden_from": [str(ada.number)]}
    refused = as_(olga)
    token = fields(refused.visit("/g/bar/posts/new").form("Post it"))["csrf_token"]
    answer = refused.post("/g/bar/posts/new", **(sent | {"csrf_token": token}))

    assert answer.status == 422
    assert "stands in clear" in answer.main()
    assert session.scalars(select(Post)).all() == []


def test_the_rule_of_a_post_is_the_usual_one_unless_it_is_said(as_, session, ada):
    for category, said, rule in (
        ("event_place", "usual", Rule.FIRST_COME),
        ("advice", "usual", Rule.CHOICE),
        ("event_place", "choice", Rule.CHOICE),
    ):
        page = as_(ada).visit("/g/bar/posts/new").press("Post it", title="x", category=category, rule=said)
        assert page.status == 200
        newest = session.scalars(select(Post).order_by(Post.id.desc())).first()
        assert newest is not None
        assert newest.rule is rule
