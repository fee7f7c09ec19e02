"""An archived group: read and checked as before, and nothing new happens until it is taken up again."""

import re
from datetime import timedelta

import pytest
from flask_security.utils import hash_password
from sqlalchemy import select

from exchange import log
from exchange.digest import issue
from exchange.domain import accounts, archiving, clocks, favors, invitations, ties
from exchange.domain.desk import questions
from exchange.domain.errors import NotYours, Refusal
from exchange.domain.imports import members
from exchange.domain.ties import TieKind
from exchange.mail.wanted import ARCHIVED, why_not
from exchange.storage.desk import Report
from exchange.storage.digest import DigestIssue
from exchange.storage.favor import FavorState
from exchange.storage.letter import Letter
from exchange.web.guards import IN_AN_ARCHIVE
from tests.builders import needed, offered
from tests.domain.desk.casework import reported, rule_of
from tests.people import NOON
from tests.web.reader import Reader
from tests.web.test_doors import MEMBERS, ORGANISERS, doors

PASSWORD = "a long and quiet river"
LATER = NOON + timedelta(days=60)


@pytest.fixture
def olga(session, olga):
    olga.person.password = hash_password(PASSWORD)
    session.commit()
    return olga


@pytest.fixture
def archived(olga):
    return archiving.archive(by=olga, at=NOON)


def path_of(rule):
    """An address of a door; where nothing stands behind it, an archived group says so first."""
    return re.sub(r"<int:\w+>", "1", rule).replace("<slug>", "bar").replace("<kind>", "post")


def test_an_organiser_archives_it_with_the_password(session, reader, group, olga, ada):
    page = reader.as_(olga).visit("/g/bar/settings").follow("Archive the group")
    assert page.press("Archive the group", password="a guess").status == 422
    assert group.archived_at is None
    page = page.press("Archive the group", password=PASSWORD)

    assert "The group is archived, and the log says so." in page.main()
    board = reader.as_(ada).visit("/g/bar/")
    assert "This group is archived: it can be read and checked" in board.main()
    assert not board.soup.select_one('header a[href$="/posts/new"]')
    assert "The group was archived." in reader.as_(ada).visit("/g/bar/log?kind=role").main()


def test_it_is_taken_up_again(session, reader, group, olga, ada, archived):
    page = reader.as_(olga).visit("/g/bar/settings").follow("Take the group up again")
    page = page.press("Take the group up again", password=PASSWORD)

    assert "The group goes on" in page.main()
    assert group.archived_at is None
    assert "The group was taken up again." in reader.as_(ada).visit("/g/bar/log?kind=role").main()
    assert needed(ada).id


def test_every_form_of_the_group_refuses_with_a_sentence(app, monkeypatch, reader, olga, archived):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    posts = [door for door in doors(app, MEMBERS) + doors(app, ORGANISERS) if door[1] == "POST"]
    tried = [door for door in posts if door[0] not in IN_AN_ARCHIVE]
    assert len(tried) > 60

    for endpoint, method, rule in tried:
        answer = reader.as_(olga).send(method, path_of(rule))
        assert answer.status_code == 409, endpoint
        assert "This group is archived" in answer.text, endpoint


def test_every_page_can_still_be_read_and_the_log_be_checked(reader, olga, ada, archived):
    for path in ("", "log", "log/checkpoint", "log/vkey", "log/tile/0/000.p/2", "members/", "settings", "decisions"):
        assert reader.as_(ada).send("GET", f"/g/bar/{path}").status_code == 200, path


def test_one_may_still_leave(reader, ada, archived):
    assert reader.as_(ada).visit("/g/bar/me/leave").form("Leave")
    assert reader.as_(ada).send("POST", "/g/bar/me/leave").status_code in {302, 400}


def test_links_in_letters_rest_too(app, session, favor, ben, olga):
    from exchange.mail import links

    link = links.link(app.extensions["settings"], verb="confirm", row=favor.id, member=ben.id, at=NOON)
    archiving.archive(by=olga, at=NOON)
    page = Reader(app).visit(link.removeprefix(app.extensions["settings"].base_url))

    assert (page.status, "This group is archived" in page.text) == (409, True)


def test_nobody_joins_and_nothing_is_imported(reader, session, olga):
    invitations.invite("new@bar.example", by=olga, at=NOON)
    path = session.scalars(select(Letter.facts).filter_by(kind="invitation")).one()["path"]
    archiving.archive(by=olga, at=NOON)

    assert reader.visit(path).status == 409
    with pytest.raises(Refusal, match="This group is archived"):
        members("bar", b"email,name\nnew@bar.example,New\n", at=NOON)


def test_no_clock_runs_and_they_go_on_where_they_stood(session, favor, ada, olga):
    favors.deliver(favor.id, by=ada, at=NOON)
    post = needed(ada)
    clocks.due(at=NOON)
    archiving.archive(by=olga, at=NOON + timedelta(hours=1))
    assert clocks.due(at=LATER) == 0
    archiving.take_up(by=olga, at=LATER)
    began = favor.clock_from
    clocks.due(at=LATER)

    assert began == NOON + (LATER - NOON - timedelta(hours=1))
    assert favor.state is FavorState.DELIVERED
    assert post.closed_because is not None


def test_no_letter_goes_out(session, favor, ben, olga):
    session.add(
        Letter(
            kind="answer",
            email=ben.person.email,
            person_id=ben.person_id,
            group_id=ben.group_id,
            once="x",
            facts={},
            due_at=NOON,
            created_at=NOON,
        )
    )
    session.commit()
    archiving.archive(by=olga, at=NOON)
    letter = session.scalars(select(Letter).filter_by(kind="answer")).one()

    assert why_not(session, letter) == ARCHIVED


def test_no_weekly_letter_is_planned(session, ada, archived):
    issue.due(at=LATER)

    assert session.scalars(select(DigestIssue.id)).all() == []


def test_the_sites_administrator_rests_too(session, app, monkeypatch, olga, ada, ben):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    ties.declare(ada.number, by=olga, kind=TieKind.FAMILY, at=NOON)
    case = reported(offered(ada), ben)
    (report,) = session.scalars(select(Report)).all()
    rosa = accounts.add(session, email="rosa@site.example", name="Rosa Root", at=NOON)
    rosa.is_administrator = True
    session.commit()
    asked = questions.ask(report.id, by=rosa, text="Which line is it?", at=NOON)
    archiving.archive(by=olga, at=NOON)
    browser = Reader(app)
    browser.sign_in(rosa)
    said = {"act": "hide", "rule": str(rule_of(olga)), "why": "It names a client."}

    assert "No case waits for you." in browser.visit("/admin/desk").main()
    for path, typed in (("", said), ("/ask", {"report": report.id, "text": "And when?"}), ("/second", {"half": 1})):
        answer = browser.send("POST", f"/admin/desk/{case.id}{path}", data=typed)
        assert answer.status_code in ({404} if path == "/second" else {409}), path
        assert path == "/second" or "This group is archived" in answer.text, path
    with pytest.raises(Refusal, match="This group is archived"):
        questions.answer(asked.id, by=ben, text="The second.", at=NOON)
    archiving.take_up(by=olga, at=LATER)
    assert questions.answer(asked.id, by=ben, text="The second.", at=LATER).answered_at == LATER


def test_only_organisers_and_only_once(ada, olga, archived):
    with pytest.raises(NotYours):
        archiving.take_up(by=ada, at=NOON)
    with pytest.raises(Refusal, match="archived already"):
        archiving.archive(by=olga, at=NOON)
    archiving.take_up(by=olga, at=NOON)
    with pytest.raises(Refusal, match="not archived"):
        archiving.take_up(by=olga, at=NOON)


def test_the_log_stays_whole(session, group, olga, archived):
    archiving.take_up(by=olga, at=NOON)

    assert log.compare(session, group.id).differences == []
