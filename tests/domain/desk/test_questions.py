"""A question to a reporter is relayed: who asks does not learn whom, and who answers does not learn who asked."""

import json

import pytest
from sqlalchemy import select

from exchange.domain import leaving, ties
from exchange.domain.desk import appeals, objections, public, questions, reports, views
from exchange.domain.errors import BadInput, NotFound, NotYours, Refusal
from exchange.domain.own_data import own_data
from exchange.domain.ties import TieKind
from exchange.storage.desk import Act, Report
from exchange.storage.letter import Letter
from exchange.storage.membership import Role
from exchange.storage.question import Question
from tests.builders import letters_to, offered
from tests.domain.desk.casework import DAY, made, reported
from tests.people import NOON

WHICH = "Which line is it?"
THIS = "The one about Fernhill."


@pytest.fixture
def report(session, case, otto):
    """The one report of the case; Olga and Otto may decide."""
    return session.scalars(select(Report)).one()


@pytest.fixture
def question(report, olga):
    return questions.ask(report.id, by=olga, text=WHICH, at=NOON)


def seen(case, reader):
    """What a deciding reader sees of the one report."""
    (said,) = views.show(case.id, seen_by=reader, at=NOON).reports
    return said


def test_the_reporter_reads_it_and_not_who_asks(session, case, question, ben):
    (mine,) = reports.mine(seen_by=ben)

    assert [(one.text, one.answer, one.open) for one in mine.asked] == [(WHICH, None, True)]
    letter = session.scalars(select(Letter).filter_by(kind="question")).one()
    assert (letter.email, letter.facts["text"]) == (ben.person.email, WHICH)
    assert "Olga" not in repr(mine) + json.dumps(letter.facts)


def test_the_answer_stands_beside_the_report_for_whoever_may_decide(session, case, question, olga, otto, ada, ben):
    questions.answer(question.id, by=ben, text=THIS, at=NOON)

    for reader in (olga, otto):
        assert [(one.text, one.answer) for one in seen(case, reader).asked] == [(WHICH, THIS)]
        assert letters_to(session, reader)[-1] == "at_desk"
        assert "Ben" not in repr(seen(case, reader))
    with pytest.raises(NotYours):
        views.show(case.id, seen_by=ada, at=NOON)


def test_one_question_at_a_time(case, report, question, otto, ben):
    assert not seen(case, otto).may_ask
    with pytest.raises(Refusal, match="A question waits"):
        questions.ask(report.id, by=otto, text="And when?", at=NOON)

    questions.answer(question.id, by=ben, text=THIS, at=NOON)
    questions.ask(report.id, by=otto, text="And when?", at=NOON)
    with pytest.raises(Refusal, match="answered this already"):
        questions.answer(question.id, by=ben, text="No.", at=NOON)


@pytest.mark.parametrize("text", ["", "   ", "x" * 501])
def test_both_say_something_that_can_be_read(report, question, olga, ben, text):
    with pytest.raises(BadInput) as refused:
        questions.ask(report.id, by=olga, text=text, at=NOON)
    assert refused.value.field == "text"
    with pytest.raises(BadInput):
        questions.answer(question.id, by=ben, text=text, at=NOON)


def test_whoever_stands_aside_asks_nothing(session, report, olga, otto, ada, cleo):
    ties.declare(ada.number, by=olga, kind=TieKind.FAMILY, at=NOON)

    for reader in (olga, cleo, ada):
        with pytest.raises(NotYours):
            questions.ask(report.id, by=reader, text=WHICH, at=NOON)
    ada.role = Role.ORGANISER
    session.commit()
    with pytest.raises(NotYours, match="This concerns you"):
        questions.ask(report.id, by=ada, text=WHICH, at=NOON)
    assert session.scalars(select(Question)).all() == []


def test_nobody_else_answers_or_reads_it(question, olga, otto, ada, cleo, sam):
    for reader in (olga, otto, ada, cleo, sam):
        with pytest.raises(NotFound):
            questions.answer(question.id, by=reader, text=THIS, at=NOON)
        with pytest.raises(NotFound):
            questions.one(question.id, seen_by=reader)


def test_an_organiser_of_another_group_asks_nothing(session, report, sam):
    sam.role = Role.ORGANISER
    session.commit()

    with pytest.raises(NotFound):
        questions.ask(report.id, by=sam, text=WHICH, at=NOON)


def test_once_it_is_decided_nobody_asks_or_answers(case, report, question, olga, otto, ben):
    made(case, otto, Act.HIDE)

    assert not reports.mine(seen_by=ben)[0].asked[0].open
    for attempt in (
        lambda: questions.ask(report.id, by=olga, text="And when?", at=NOON),
        lambda: questions.answer(question.id, by=ben, text=THIS, at=NOON),
    ):
        with pytest.raises(Refusal):
            attempt()


def test_whoever_looks_again_may_ask(case, report, olga, otto, ada, ben):
    made(case, otto, Act.HIDE)
    appeals.appeal(public.mine(seen_by=ada, at=NOON)[0].id, by=ada, why="No.", at=NOON)

    with pytest.raises(NotYours, match="You decided about this before"):
        questions.ask(report.id, by=otto, text=WHICH, at=NOON)
    asked = questions.ask(report.id, by=olga, text=WHICH, at=NOON)
    questions.answer(asked.id, by=ben, text=THIS, at=NOON)
    assert questions.one(asked.id, seen_by=ben).answer == THIS


def test_a_report_of_an_earlier_round_is_not_asked_about(case, report, olga, otto, cleo, post):
    made(case, otto, Act.DISMISS)
    reported(post, cleo)

    with pytest.raises(Refusal):
        questions.ask(report.id, by=olga, text=WHICH, at=NOON)


def test_the_administrator_asks_about_what_was_handed_over_and_nothing_else(session, olga, rosa, ada, ben):
    case = reported(offered(ada), ben)
    (report,) = session.scalars(select(Report)).all()
    with pytest.raises(NotFound):
        questions.ask(report.id, by=rosa, text=WHICH, at=NOON)

    objections.object_to(case.id, olga.number, by=ben, why="They are close.", at=NOON)
    asked = questions.ask(report.id, by=rosa, text=WHICH, at=NOON)
    questions.answer(asked.id, by=ben, text=THIS, at=NOON)
    assert [one.answer for one in views.show(case.id, seen_by=rosa, at=NOON).reports[0].asked] == [THIS]
    letter = session.scalars(select(Letter).filter_by(email=rosa.email).order_by(Letter.id.desc())).first()
    assert (letter.kind, letter.facts["told"], letter.facts["path"]) == ("handed_over", True, f"/admin/desk/{case.id}")
    assert "Ben" not in str(letter.facts)


def test_who_may_do_only_what_can_be_undone_neither_asks_nor_reads(session, olga, ada, ben, rosa):
    case = reported(offered(ada), ben)
    (report,) = session.scalars(select(Report)).all()
    asked = questions.ask(report.id, by=olga, text=WHICH, at=NOON)
    questions.answer(asked.id, by=ben, text=THIS, at=NOON)
    ties.declare(ada.number, by=olga, kind=TieKind.FAMILY, at=NOON)
    reported(offered(ada), ben)  # somebody looks who is free
    case.handed_at = NOON
    session.commit()

    view = views.show(case.id, seen_by=olga, at=NOON + 2 * DAY)
    assert (view.conflicted, "ask" in view.may, view.reports[0].asked) == (True, False, ())
    with pytest.raises(NotYours):
        questions.ask(report.id, by=olga, text="And when?", at=NOON + 2 * DAY)


@pytest.mark.parametrize("who", ["ben", "ada", "olga"])
def test_the_words_go_when_one_of_those_concerned_is_forgotten(session, question, ben, ada, olga, otto, who):
    questions.answer(question.id, by=ben, text=THIS, at=NOON)
    leaving.erase({"ben": ben, "ada": ada, "olga": olga}[who].id, at=NOON)

    session.expire_all()
    assert question.text == ""
    assert (question.answer == "") is (who != "olga")


def test_each_side_finds_its_own_words_in_what_is_held_about_it(question, olga, ben):
    questions.answer(question.id, by=ben, text=THIS, at=NOON)
    asked, told = (own_data(one.person, at=NOON)["groups"][0] for one in (olga, ben))

    assert [one["text"] for one in asked["questions_asked"]] == [WHICH]
    assert THIS not in json.dumps(asked)
    assert [one["answer"] for one in told["questions_about_my_reports"]] == [THIS]
    assert "Olga" not in json.dumps(told["questions_about_my_reports"])
