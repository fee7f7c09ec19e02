"""The site's administrator: decides what no organiser may, sees figures, and nothing else that anybody wrote."""

import pytest
from sqlalchemy import update

from exchange import log
from exchange.domain import accounts, ties
from exchange.domain.desk import appeals, cases
from exchange.domain.ties import TieKind
from exchange.storage.desk import Act, Outcome
from exchange.storage.membership import Membership, Role
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
    assert "decided a moment before you" in page.main()
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
