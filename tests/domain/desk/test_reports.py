"""Reports: who may, what opens, and who hears of it."""

from typing import Any

import pytest
from sqlalchemy import event, func, select

from exchange.domain import favors, leaving, numbers
from exchange.domain.desk import cases, reports, rules, views
from exchange.domain.errors import BadInput, NotFound, NotYours, Refusal
from exchange.storage.db import db
from exchange.storage.desk import Act, Case, CaseState, Report, TargetKind
from tests.builders import answered, letters_to, needed, offered
from tests.domain.desk.casework import DAY, made, reported, rule_of
from tests.people import NOON


def report(kind, target, by, **said):
    return reports.report(kind, target, by=by, at=NOON, **{"rule": rule_of(by)} | said)


def test_it_waits_at_the_desk_without_who_made_it(post, olga, case):
    (line,) = cases.desk(seen_by=olga, at=NOON).waiting

    assert (line.case_id, line.title, line.name, line.reports) == (case.id, post.title, "Ada Farouk", 1)
    page = views.show(case.id, seen_by=olga, at=NOON)
    assert [(one.rule, one.note) for one in page.reports] == [(rules.USUAL[2], "A trade in clients.")]
    assert "Ben" not in repr(page)


def test_the_free_organisers_hear_of_it_once(session, post, olga, otto, ben, cleo):
    reported(post, ben)
    reported(post, cleo)

    assert letters_to(session, olga) == letters_to(session, otto) == ["at_desk"]


def test_several_reports_are_one_case(session, post, ben, cleo):
    assert reported(post, ben).id == reported(post, cleo).id
    assert session.scalar(select(func.count()).select_from(Report)) == 2


def test_two_reports_by_one_member_count_once(session, post, ben, case):
    with pytest.raises(Refusal, match="reported this already"):
        reported(post, ben)

    assert session.scalar(select(func.count()).select_from(Report)) == 1


def test_a_report_after_a_decision_opens_a_new_round_with_its_history(post, olga, ben, case):
    decision = made(case, olga, Act.DISMISS)
    again = reported(post, ben, at=NOON + DAY)

    assert (again.id, again.round, again.state) == (case.id, 2, CaseState.OPEN)
    page = views.show(case.id, seen_by=olga, at=NOON + DAY)
    assert [one.decision_id for one in page.history] == [decision.id]
    assert len(page.reports) == 1


def test_nobody_reports_what_is_their_own(post, ada):
    with pytest.raises(Refusal, match="your own"):
        report(TargetKind.POST, post.id, ada)


def test_a_report_names_a_rule_of_the_group(session, post, ben):
    for rule in (None, 0, 10_000):
        with pytest.raises(BadInput, match="one of the rules"):
            report(TargetKind.POST, post.id, ben, rule=rule)
    assert session.scalars(select(Case)).all() == []


def test_a_stranger_and_who_is_suspended_report_nothing(post, ben, sam):
    with pytest.raises(NotFound):
        report(TargetKind.POST, post.id, sam)
    leaving.suspend(ben.id, at=NOON)
    with pytest.raises(NotYours):
        report(TargetKind.POST, post.id, ben)


def test_who_may_not_know_of_a_post_cannot_report_it(ada, ben, olga):
    kept = offered(ada, hidden_from=[ben.number])

    with pytest.raises(NotFound):
        report(TargetKind.POST, kept.id, ben)


def test_only_the_author_of_a_post_knows_an_answer_to_it(ada, ben, cleo, olga):
    answer = answered(needed(ada), ben)

    with pytest.raises(NotFound):
        report(TargetKind.ANSWER, answer.id, cleo)
    assert report(TargetKind.ANSWER, answer.id, ada).about_id == ben.id


def test_thanks_a_favor_and_a_profile_can_be_reported(ada, ben, cleo, olga, favor):
    favors.confirm(favor.id, by=ben, at=NOON, thanks="So kind.")

    assert report(TargetKind.THANKS, favor.id, cleo).about_id == ben.id
    assert report(TargetKind.FAVOR, favor.id, cleo).target_id == favor.id
    assert report(TargetKind.PROFILE, ada.id, cleo).about_id == ada.id


def test_a_withheld_favor_is_known_to_its_two_only(ada, ben, cleo, olga, favor):
    favors.withhold(favor.id, by=ben)
    favors.confirm(favor.id, by=ben, at=NOON)

    with pytest.raises(NotFound):
        report(TargetKind.FAVOR, favor.id, cleo)


@pytest.mark.parametrize("kind", [TargetKind.HELD_POST, TargetKind.APPLICATION, TargetKind.DISPUTE])
def test_what_waits_by_itself_is_not_reported(post, ben, kind):
    with pytest.raises(NotFound):
        report(kind, post.id, ben)


def test_counting_what_waits_asks_no_more_for_ten_cases_than_for_two(session, olga, otto, ada, ben):
    """Every page of an organiser counts them."""

    def asked(organiser):
        said: list[str] = []
        engine: Any = db.engines[None]
        listener = lambda *call: said.append(call[2])  # noqa: E731 (it has to be taken off again)
        event.listen(engine, "before_cursor_execute", listener)
        waiting = cases.count(seen_by=organiser, at=NOON)
        event.remove(engine, "before_cursor_execute", listener)
        return waiting, len(said)

    for title in ("One", "Two"):
        reported(offered(ada, title=title), ben)
    two = asked(olga)
    for number in range(8):
        reported(offered(ada, title=f"Place {number}"), ben)
    ten = asked(olga)

    assert (two[0], ten[0]) == (2, 10)
    assert ten[1] <= two[1] <= 16


def test_a_member_sees_their_own_reports_and_nobody_elses(post, ben, cleo, case):
    (mine,) = reports.mine(seen_by=ben)

    assert (mine.case_id, mine.open, mine.note) == (case.id, True, "A trade in clients.")
    assert reports.mine(seen_by=cleo) == []


def test_members_see_nothing_of_the_desk(case, cleo):
    with pytest.raises(NotYours):
        cases.desk(seen_by=cleo, at=NOON)
    with pytest.raises(NotYours):
        views.show(case.id, seen_by=cleo, at=NOON)
    assert cases.count(seen_by=cleo, at=NOON) == 0


def test_an_organiser_of_another_group_finds_nothing(session, case, sam):
    otto = session.query(type(sam)).filter_by(group_id=sam.group_id, number=1).one()

    with pytest.raises(NotFound):
        views.show(case.id, seen_by=otto, at=NOON)
    with pytest.raises(NotFound):
        made(case, otto)


def test_who_looks_at_a_case_is_seen_by_the_others_for_half_an_hour(olga, otto, case):
    cases.claim(case.id, by=olga, at=NOON)

    assert cases.desk(seen_by=otto, at=NOON).waiting[0].claimed_by == "Olga Petrenko"
    with pytest.raises(Refusal, match="Olga Petrenko looks at this"):
        cases.claim(case.id, by=otto, at=NOON + DAY / 48 - DAY / 1000)
    cases.claim(case.id, by=otto, at=NOON + DAY / 48)
    cases.leave_it(case.id, by=otto)
    assert views.show(case.id, seen_by=olga, at=NOON).claimed_by == ""


def test_the_page_tells_the_history_of_the_member_in_counts(ada, ben, olga, favor, case):
    favors.confirm(favor.id, by=ben, at=NOON)
    page = views.show(case.id, seen_by=olga, at=NOON)

    assert (page.member, page.year.given, page.posts) == (ada, 1, 1)
    assert numbers.year(ada, at=NOON).balance == page.year
