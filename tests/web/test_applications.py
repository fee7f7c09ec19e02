"""Asking to join: who has an account sees a group that may be asked, and nobody sees another."""

from dataclasses import replace

import pytest

from exchange.domain import leaving
from exchange.domain.desk import cases, settings, views
from exchange.domain.desk.settings import Joining
from exchange.storage.membership import Membership, MembershipState
from exchange.storage.policy import Asking
from tests.builders import letters_to
from tests.people import NOON

PAGE = "/ask/bar"
QUESTION = "How do you know one of us?"


@pytest.fixture
def asking(olga):
    """The group may be asked, and asks something."""
    said = replace(
        settings.settled(seen_by=olga), joining=Joining.ASKING, question=QUESTION, purpose="To help each other."
    )
    return settings.change(said, by=olga, at=NOON)


def test_of_a_private_group_nobody_learns_that_it_exists(reader, olga, sam):
    there, not_there = (reader.as_(sam).visit(f"/ask/{slug}") for slug in ("bar", "nowhere"))

    assert (there.status, there.main()) == (404, not_there.main())
    assert "Harbor County" not in reader.as_(sam).visit("/account").text
    signed_out = [reader.send("GET", f"/ask/{slug}").headers["Location"] for slug in ("bar", "nowhere")]
    assert signed_out[0].replace("bar", "nowhere") == signed_out[1]


def test_somebody_asks_answers_the_question_and_is_let_in(session, reader, asking, olga, sam):
    page = reader.as_(sam).visit(PAGE)
    assert "To help each other." in page.main()
    assert "Kind words, also in disagreement." in page.main()
    assert page.press("Ask to join", answer=" ").status == 422
    page = page.press("Ask to join", answer="I clerked for Olga.")
    assert "An organiser answers you by letter." in page.main()
    assert letters_to(session, olga) == ["at_desk"]

    page = reader.as_(olga).visit("/g/bar/desk").follow("Sam Oduya asks to join")
    assert QUESTION in page.main()
    assert "I clerked for Olga." in page.main()
    page.press("Let them in")
    assert reader.as_(sam).visit("/g/bar/").status == 200
    assert session.query(Asking).count() == 0


def test_who_is_turned_down_may_ask_again_and_the_first_answer_is_gone(session, reader, asking, olga, sam):
    reader.as_(sam).visit(PAGE).press("Ask to join", answer="Please.")
    reader.as_(olga).visit("/g/bar/desk").follow("asks to join").press("Not this time")
    assert session.query(Asking).count() == 0

    page = reader.as_(sam).visit(PAGE).press("Ask to join", answer="Pretty please.")
    assert "You have asked to join." in page.main()


def test_a_request_can_be_taken_back(reader, session, asking, olga, sam):
    page = reader.as_(sam).visit(PAGE).press("Ask to join", answer="Please.").press("Take the request back")

    assert "Your request is taken back." in page.text
    assert cases.desk(seen_by=olga, at=NOON).waiting == []
    assert session.query(Asking).count() == 0


def test_members_and_whoever_was_removed_find_no_form(reader, asking, ada, ben):
    leaving.end(ben.id, at=NOON)

    assert "You are a member of this group." in reader.as_(ada).visit(PAGE).main()
    page = reader.as_(ben).visit(PAGE)
    assert "You cannot ask to join this group." in page.main()
    assert not page.soup.main.select("form")


def test_without_a_question_a_few_words_are_free(reader, asking, olga, sam):
    settings.change(replace(asking, question=""), by=olga, at=NOON)
    page = reader.as_(sam).visit(PAGE).press("Ask to join")

    assert "You have asked to join." in page.main()
    (line,) = cases.desk(seen_by=olga, at=NOON).waiting
    assert views.show(line.case_id or 0, seen_by=olga, at=NOON).texts == []


def test_what_was_answered_goes_when_somebody_is_forgotten(session, reader, asking, sam):
    reader.as_(sam).visit(PAGE).press("Ask to join", answer="I clerked for Olga.")
    member = session.query(Membership).filter_by(person_id=sam.person_id, state=MembershipState.APPLIED).one()
    leaving.erase(member.id, at=NOON)

    assert session.query(Asking).count() == 0
