"""The site's administrator: decides what no organiser may, sees figures, and nothing else that anybody wrote."""

import pytest
from flask_security.utils import hash_password
from sqlalchemy import select, update

from exchange import log
from exchange.cli import main
from exchange.domain import accounts, leaving, ties
from exchange.domain.desk import appeals, cases, objections
from exchange.domain.ties import TieKind
from exchange.storage.desk import Act, Objection, Outcome
from exchange.storage.membership import Membership, Role
from exchange.storage.person import Person
from exchange.storage.post import PostState
from tests.builders import letters_to, needed, offered
from tests.domain.desk.casework import WHY, decided, made, reported, rule_of
from tests.people import NOON
from tests.web.reader import Reader

DESK = "/admin/desk"


@pytest.fixture
def as_rosa(session, app):
    """Administers the site, and is a member of nothing."""
    person = accounts.add(session, email="rosa@site.example", name="Rosa Root", at=NOON)
    person.is_administrator = True
    session.commit()
    reader = Reader(app)
    reader.sign_in(person)
    return reader


@pytest.fixture
def handed(olga, ada, ben):
    """Ben reports Ada's offer; Olga, the only organiser, has a tie with Ada."""
    ties.declare(ada.number, by=olga, kind=TieKind.FAMILY, at=NOON)
    return reported(offered(ada), ben)


def test_a_case_that_nobody_may_decide_waits_there_and_the_log_says_so(session, group, reader, as_rosa, handed, cleo):
    page = as_rosa.visit("/").follow("The administrator’s desk")
    assert "One case waits for you" in page.main()
    assert "golf" not in page.main()

    page = page.follow("A post")
    assert "A place in Saturday’s golf tournament" in page.main()
    assert "A trade in clients." in page.main()
    assert "Ben" not in page.main()
    said = "No organiser is free to decide a case, so it went to the site’s administrator."
    assert said in reader.as_(cleo).visit("/g/bar/log").main()


def test_they_decide_with_a_rule_and_a_reason(session, reader, as_rosa, handed, ada, olga, cleo):
    page = as_rosa.visit(f"{DESK}/{handed.id}")
    page = page.press("Decide", act="hide", rule=str(rule_of(olga)), why="")
    assert (page.status, "The reason" in page.main()) == (422, True)
    page = page.press("Decide", why=WHY)

    assert (page.path, "It is decided" in page.text, "No case waits for you." in page.main()) == (DESK, True, True)
    assert letters_to(session, ada)[-1] == "decided"
    (entry, *_rest) = log.entries(session, olga.group_id, kinds=["decision"])
    assert (entry.told["act"], entry.by) == ("hide", ())
    assert "The site’s administrator decided under “" in reader.as_(cleo).visit("/g/bar/log").main()


def test_whoever_comes_second_loses_nothing_that_they_typed(as_rosa, handed, olga, session):
    first, second = as_rosa.visit(f"{DESK}/{handed.id}"), as_rosa.visit(f"{DESK}/{handed.id}")
    first.press("Decide", act="hide", rule=str(rule_of(olga)), why=WHY)
    page = second.press("Decide", act="dismiss", rule=str(rule_of(olga)), why="It is harmless.")

    assert page.status == 409
    assert "You have decided this already" in page.main()
    assert "It is harmless." in page.main()


def test_without_an_act_the_page_comes_back(as_rosa, handed, olga):
    page = as_rosa.visit(f"{DESK}/{handed.id}").press("Decide", rule=str(rule_of(olga)), why=WHY)

    assert (page.status, "Choose what shall be done." in page.main(), WHY in page.main()) == (422, True, True)


def test_a_case_that_was_not_handed_over_is_not_theirs_to_open(as_rosa, olga, ada, ben):
    case = reported(offered(ada), ben)

    assert as_rosa.visit(DESK).main().count("waits for you") == 1  # "No case waits for you."
    assert as_rosa.visit(f"{DESK}/{case.id}").status == 404


def test_an_appeal_against_the_only_organiser_is_answered_there(session, as_rosa, olga, ada, ben):
    post = offered(ada)
    decision = made(reported(post, ben), olga, Act.HIDE)
    asked = appeals.appeal(decision.id, by=ada, why="It is only golf.", at=NOON)
    page = as_rosa.visit(DESK).follow("An appeal against a decision")
    assert "It is only golf." in page.main()
    assert WHY in page.main()

    page = page.press("Decide", why="It is.")
    assert (page.status, "Choose what becomes of the decision." in page.main()) == (422, True)
    page = page.press("Decide", outcome="overturned")
    assert page.path == DESK
    assert (asked.outcome, post.state) == (Outcome.OVERTURNED, PostState.OPEN)


def test_the_second_of_two_people_may_be_the_administrator(session, as_rosa, olga, ada, ben):
    case = reported(offered(ada), ben)
    assert decided(case, olga, Act.END) is None
    page = as_rosa.visit(DESK).follow("A post")
    assert "Proposed: Membership ended" in page.main()
    token = page.soup.select_one("[name=csrf_token]")["value"]
    half = page.soup.select_one("[name=half]")["value"]
    page = as_rosa.post(f"{DESK}/{case.id}/second", csrf_token=token, half=half, agreed="1")

    assert (page.path, ada.state) == (DESK, "ended")


def test_an_organiser_who_is_the_administrator_is_not_both_of_the_two(session, reader, olga, ada, ben):
    olga.person.is_administrator = True
    session.commit()
    case = reported(offered(ada), ben)
    assert decided(case, olga, Act.END) is None
    page = reader.as_(olga).visit(f"{DESK}/{case.id}")
    assert "I agree" not in page.main()
    token = page.soup.select_one("[name=csrf_token]")["value"]
    half = page.soup.select_one("[name=half]")["value"]
    page = page.reader.post(f"{DESK}/{case.id}/second", csrf_token=token, half=half, agreed="1")

    assert (page.status, ada.state) == (403, "active")
    assert "This takes two people. Somebody else has to agree." in page.text


def test_an_administrator_who_is_a_party_is_one_like_anybody(session, reader, handed, ben, ada):
    for member in (ada, ben):
        member.person.is_administrator = True
        session.commit()

        assert cases.handed(by=member.person, at=NOON) == []
        assert reader.as_(member).visit(f"{DESK}/{handed.id}").status == 403


def test_there_are_figures_and_nothing_that_anybody_wrote(session, as_rosa, olga, ada, ben, favor):
    needed(ada, title="A secret need", text="Of Acme Shipping.")
    reported(offered(ada), ben, note="A private note.")
    page = as_rosa.visit(DESK)

    assert "Groups: 1. Active members: 3." in page.main()
    assert "Cases that wait at the desks of the groups: 1." in page.main()
    for word in ("secret", "Acme", "private note", "golf", "escrow", "Ada", "Ben", "Olga"):
        assert word not in page.main()


@pytest.mark.parametrize("path", ["", "posts/1", "members/1", "log", "settings", "desk", "decisions", "election"])
def test_the_pages_of_a_group_stay_closed_to_them(as_rosa, olga, path):
    assert as_rosa.visit(f"/g/bar/{path}").status == 404


def test_a_group_that_nobody_organises_is_named(session, as_rosa, group, ada):
    session.execute(update(Membership).values(role=Role.MEMBER))
    session.commit()

    assert "Nobody organises Harbor County Bar, Business Law." in as_rosa.visit(DESK).main()


def test_they_name_an_organiser_where_none_is_left(session, reader, as_rosa, group, ada):
    leaving.erase(session.query(Membership.id).filter_by(group_id=group.id, role=Role.ORGANISER).scalar(), at=NOON)
    rosa = session.query(Person).filter_by(email="rosa@site.example").one()
    rosa.password = hash_password("a long and quiet river")
    session.commit()
    page = as_rosa.visit(DESK).follow("Name an organiser")
    bad = page.press("Name them", email=ada.person.email, password="guess")
    assert (bad.status, "This is not your password" in bad.main()) == (422, True)
    bad = bad.press("Name them", email="sam@med.example", password="a long and quiet river")
    assert (bad.status, "No active member of this group has this address." in bad.main()) == (422, True)
    page = bad.press("Name them", email=ada.person.email, password="a long and quiet river")

    assert (page.path, "Nobody organises" in page.main()) == (DESK, False)
    assert letters_to(session, ada)[-1] == "organises"
    assert "Ada Farouk became an organiser." in reader.as_(ada).visit("/g/bar/log").main().replace("You", "Ada Farouk")
    assert reader.as_(ada).visit("/g/bar/desk").status == 200


def test_the_command_names_one_too(runner, session, group, olga, ada, sam):
    done = runner.invoke(main, ["group", "organiser", "bar", ada.person.email])
    assert (done.exit_code, "Ada Farouk (ada@bar.example) organises Harbor County Bar" in done.output) == (0, True)
    assert session.get_one(Membership, ada.id).role is Role.ORGANISER

    refused = runner.invoke(main, ["group", "organiser", "bar", "sam@med.example"])
    assert (refused.exit_code, "No active member" in refused.output) == (1, True)


def test_an_objection_to_the_only_organiser_is_answered_there(session, as_rosa, olga, ada, ben):
    case = reported(offered(ada), ben)
    objections.object_to(case.id, olga.number, by=ben, why="They share an office.", at=NOON)
    page = as_rosa.visit(DESK).follow("A post")
    assert "They share an office." in page.main()
    assert "Ben" not in page.text
    page = page.press("Stand aside for good", upheld="1")

    assert (page.path, "It is answered, and the case goes on." in page.text) == (DESK, True)
    found = session.scalars(select(Objection)).one()
    assert (found.upheld, found.decided_by_id) == (True, None)
    assert not cases.desk(seen_by=olga, at=NOON).waiting
    assert "An objection to" not in as_rosa.visit(f"{DESK}/{case.id}").main()


def test_an_objection_that_does_not_hold_gives_the_case_back(session, as_rosa, olga, ada, ben):
    case = reported(offered(ada), ben)
    objections.object_to(case.id, olga.number, by=ben, why="They share an office.", at=NOON)
    page = as_rosa.visit(f"{DESK}/{case.id}")
    token = page.soup.select_one("[name=csrf_token]")["value"]
    raised = page.soup.select_one("[name=raised]")["value"]
    nothing = as_rosa.post(f"{DESK}/{case.id}/objection", csrf_token=token, raised=raised)
    assert (nothing.status, "Say whether the organiser shall stand aside." in nothing.text) == (422, True)
    as_rosa.post(f"{DESK}/{case.id}/objection", csrf_token=token, raised=raised, upheld="0")

    assert session.scalars(select(Objection)).one().upheld is False
    assert [line.case_id for line in cases.desk(seen_by=olga, at=NOON).waiting] == [case.id]


def test_they_ask_whoever_reported_it_and_read_the_answer(session, reader, as_rosa, handed, ben):
    page = as_rosa.visit(f"{DESK}/{handed.id}").press("Ask", text="Which line is it?")
    assert "Neither of you learns who the other is." in page.text
    reader.as_(ben).visit("/g/bar/reports").press("Answer without your name", text="The second one.")

    page = as_rosa.visit(f"{DESK}/{handed.id}")
    assert "“The second one.”" in page.main()
    assert "Ben" not in page.text
