"""What is due, once for each person and period, with a window that follows the last."""

import random
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import select

from exchange.digest import finding
from exchange.digest.issue import Known, due
from exchange.digest.schedule import Plan, issue_id
from exchange.digest.wishes import choose as chosen
from exchange.storage.db import db
from exchange.storage.digest import IssueState, Rhythm
from exchange.storage.membership import Membership, MembershipState
from tests.digest.issues import (
    DAY,
    HOUR,
    MINUTE,
    MONDAY,
    WEEK,
    became,
    issue,
    issues,
    leaves_out,
    lives_in,
    nobody_else,
    runs,
    wishes,
)
from tests.people import NOON


@pytest.fixture(autouse=True)
def without_founders(session, group):
    """Olga has founded the group, and is a member of it in each test; here she gets no letter."""
    nobody_else(session, group)


def test_a_letter_is_due_on_monday_at_eight_and_not_a_minute_sooner(session, ada):
    assert due(at=MONDAY - MINUTE - 5 * DAY) == 0
    assert due(at=MONDAY) == 1

    found = issues(session, ada)[-1]
    assert (found.period, found.state, found.due_at) == ("2026-W43", IssueState.DUE, MONDAY)
    assert found.id == issue_id(ada.person_id, "2026-W43")


def test_looking_again_finds_nothing_new(session, ada, ben):
    assert due(at=MONDAY) == 2
    assert due(at=MONDAY) == due(at=MONDAY + HOUR) == 0

    assert len(issues(session, ada)) == len(issues(session, ben)) == 1
    assert [run.moment for run in runs(session)] == [MONDAY]


def test_who_comes_behind_pages_of_people_who_have_theirs_is_found(session, monkeypatch, ada, ben, cleo):
    monkeypatch.setattr(finding, "AT_ONCE", 1)
    wishes(session, cleo, rhythm=Rhythm.NEVER)
    assert due(at=MONDAY) == 2
    wishes(session, cleo, rhythm=Rhythm.WEEKLY)

    assert due(at=MONDAY + HOUR) == 1
    assert [len(issues(session, one)) for one in (ada, ben, cleo)] == [1, 1, 1]


def test_the_first_window_is_of_two_weeks_or_since_joining(session, ada, ben):
    ben.joined_at = MONDAY - 3 * DAY
    session.commit()
    due(at=MONDAY)

    assert (issue(session, ada).window_from, issue(session, ada).window_until) == (MONDAY - 2 * WEEK, MONDAY)
    assert issue(session, ben).window_from == MONDAY - 3 * DAY


def test_who_joins_at_the_very_moment_waits_for_the_next(session, ada):
    ada.joined_at = MONDAY
    session.commit()

    assert due(at=MONDAY + HOUR) == 0
    assert due(at=MONDAY + WEEK) == 1


def test_a_window_begins_where_the_last_one_that_was_sent_ended(session, ada):
    due(at=MONDAY)
    became(session, issue(session, ada), IssueState.SENT)
    due(at=MONDAY + WEEK)

    assert [(one.window_from, one.window_until) for one in issues(session, ada)] == [
        (MONDAY - 2 * WEEK, MONDAY),
        (MONDAY, MONDAY + WEEK),
    ]


@pytest.mark.parametrize("state", [IssueState.SKIPPED, IssueState.FAILED])
def test_the_window_of_one_that_was_not_sent_joins_the_next(session, ada, state):
    due(at=MONDAY)
    became(session, issue(session, ada), IssueState.SENT)
    due(at=MONDAY + WEEK)
    became(session, issues(session, ada)[-1], state)
    due(at=MONDAY + 2 * WEEK)

    assert issues(session, ada)[-1].window_from == MONDAY


def test_before_any_was_sent_the_first_window_is_kept(session, ada):
    ada.joined_at = MONDAY - 3 * WEEK
    session.commit()
    for week in range(3):
        due(at=MONDAY + week * WEEK)
        became(session, issues(session, ada)[-1], IssueState.SKIPPED)
    due(at=MONDAY + 3 * WEEK)

    assert {one.window_from for one in issues(session, ada)} == {MONDAY - 2 * WEEK}


def test_late_by_36_hours_it_still_goes_and_later_it_is_skipped_and_joins_the_next(session, ada, ben):
    lives_in(session, ben, "Asia/Kathmandu")  # due 5:45 hours sooner
    due(at=MONDAY)
    for one in (ada, ben):
        became(session, issue(session, one), IssueState.SENT)
    assert due(at=MONDAY + WEEK + 36 * HOUR) == 1

    assert issues(session, ada)[-1].state is IssueState.DUE
    late = issues(session, ben)[-1]
    assert (late.state, late.reason) == (IssueState.SKIPPED, "expired")
    due(at=MONDAY + 2 * WEEK)
    assert issues(session, ben)[-1].window_from == late.window_from == issues(session, ben)[0].window_until


def test_who_never_had_a_letter_has_missed_none(session, ada):
    assert due(at=MONDAY + 3 * DAY) == 0
    assert issues(session, ada) == []


def test_a_server_that_was_away_for_a_month_skips_one_and_sends_no_old_letters(session, ada):
    due(at=MONDAY)
    became(session, issue(session, ada), IssueState.SENT)
    assert due(at=MONDAY + 4 * WEEK + 3 * DAY) == 0
    assert due(at=MONDAY + 5 * WEEK) == 1

    assert [one.period for one in issues(session, ada)] == ["2026-W43", "2026-W47", "2026-W48"]
    assert issues(session, ada)[-1].window_from == MONDAY


def test_a_queue_stopped_for_three_days_leaves_one_daily_letter_that_tells_all(session, ada):
    wishes(session, ada, rhythm=Rhythm.DAILY)
    due(at=MONDAY)
    became(session, issue(session, ada), IssueState.SENT)
    assert due(at=MONDAY + 3 * DAY + HOUR) == 1

    last = issues(session, ada)[-1]
    assert (last.period, last.window_from, last.window_until) == ("2026-10-22", MONDAY, MONDAY + 3 * DAY)


def test_one_that_still_waits_joins_the_next(session, ada):
    wishes(session, ada, rhythm=Rhythm.DAILY)
    due(at=MONDAY)
    due(at=MONDAY + DAY)

    first, second = issues(session, ada)
    assert (first.state, first.reason) == (IssueState.SKIPPED, "expired")
    assert (second.state, second.window_from) == (IssueState.DUE, first.window_from)


def test_while_one_is_on_its_way_the_next_is_not_written(session, ada):
    wishes(session, ada, rhythm=Rhythm.DAILY)
    due(at=MONDAY)
    became(session, issue(session, ada), IssueState.LEASED)
    known: Known = {}
    assert due(at=MONDAY + DAY, known=known) == 0

    became(session, issue(session, ada), IssueState.SENT)
    assert due(at=MONDAY + DAY + MINUTE, known=known) == 1
    assert issues(session, ada)[-1].window_from == MONDAY


def test_a_process_looks_at_everybody_once(session, ada, monkeypatch):
    known: Known = {}
    assert due(at=MONDAY, known=known) == 1
    monkeypatch.setattr("exchange.digest.finding.waiting", None)

    assert due(at=MONDAY + HOUR, known=known) == 0


def test_a_pause_is_a_row_that_says_so(session, ada):
    wishes(session, ada, paused_until=MONDAY + 8 * DAY)
    assert due(at=MONDAY) == due(at=MONDAY + WEEK) == 0
    assert due(at=MONDAY + 2 * WEEK) == 1

    assert [one.reason for one in issues(session, ada)] == ["paused", "paused", ""]
    assert {one.window_from for one in issues(session, ada)} == {MONDAY - 2 * WEEK}


def test_nothing_is_due_for_who_wishes_none(session, ada, ben, cleo, olga):
    wishes(session, ada, rhythm=Rhythm.NEVER)
    leaves_out(session, ben)
    cleo.state = MembershipState.SUSPENDED
    olga.person.active = False
    wishes(session, olga, rhythm=Rhythm.WEEKLY)

    assert due(at=MONDAY) == 0
    assert [issues(session, one) for one in (ada, ben, cleo, olga)] == [[], [], [], []]


def test_one_of_two_groups_left_out_keeps_the_letter(session, ada, sam):
    leaves_out(session, ada)
    nobody_else(session, sam.group)
    sam.person = ada.person
    session.commit()

    assert due(at=MONDAY) == 1


def test_each_is_due_in_their_own_zone(session, ada, ben):
    lives_in(session, ada, "Pacific/Auckland")
    lives_in(session, ben, "America/St_Johns")
    sunday_evening = MONDAY - 13 * HOUR

    assert due(at=sunday_evening) == 1
    assert issue(session, ada).due_at == sunday_evening
    assert due(at=MONDAY + 2 * HOUR + 29 * MINUTE) == 0
    assert due(at=MONDAY + 2 * HOUR + 30 * MINUTE) == 1
    assert issue(session, ben).period == issue(session, ada).period == "2026-W43"


def test_a_new_hour_never_brings_a_letter_at_once(session, ada):
    wishes(session, ada, hour=20)
    due(at=MONDAY - WEEK + 12 * HOUR)
    became(session, issue(session, ada), IssueState.SENT)
    wishes(session, ada, hour=8, changed_at=MONDAY + 2 * HOUR)

    assert due(at=MONDAY + 3 * HOUR) == due(at=MONDAY + 6 * DAY) == 0
    assert due(at=MONDAY + WEEK) == 1


def test_a_changed_weekday_brings_no_second_letter_in_a_week(session, ada):
    due(at=MONDAY)
    became(session, issue(session, ada), IssueState.SENT)
    wishes(session, ada, weekday=4, changed_at=MONDAY + HOUR)

    assert due(at=MONDAY + 4 * DAY) == 0
    assert due(at=MONDAY + WEEK + 4 * DAY) == 1


def test_a_new_rhythm_brings_no_second_letter_either(session, ada, ben):
    for one in (ada, ben):
        wishes(session, one, rhythm=Rhythm.WEEKLY if one is ada else Rhythm.DAILY)
    due(at=MONDAY)
    for one in (ada, ben):
        became(session, issue(session, one), IssueState.SENT)
    wishes(session, ada, rhythm=Rhythm.DAILY, hour=20, changed_at=MONDAY + HOUR)
    wishes(session, ben, rhythm=Rhythm.WEEKLY, weekday=2, changed_at=MONDAY + HOUR)

    assert due(at=MONDAY + 12 * HOUR) == 0  # the same date
    assert due(at=MONDAY + DAY + 12 * HOUR) == 1  # Ada, the next day
    assert due(at=MONDAY + 2 * DAY) == 0  # the same week for Ben
    became(session, issues(session, ada)[-1], IssueState.SENT)
    assert due(at=MONDAY + WEEK + 2 * DAY) == 2


def test_who_begins_again_waits_for_their_day_and_hears_of_two_weeks(session, ada):
    due(at=MONDAY)
    became(session, issue(session, ada), IssueState.SENT)
    back = MONDAY + 20 * WEEK + 2 * DAY
    wishes(session, ada, changed_at=back, since=back)

    assert due(at=back + HOUR) == due(at=back + 4 * DAY) == 0
    assert due(at=MONDAY + 21 * WEEK) == 1
    assert issues(session, ada)[-1].window_from == back - 2 * WEEK


ZONES = ["UTC", "Pacific/Auckland", "Asia/Kathmandu", "America/St_Johns", "Europe/London", "Pacific/Honolulu"]
NEW_YEAR = MONDAY + 8 * WEEK


@pytest.mark.parametrize("begin", [MONDAY, NEW_YEAR], ids=["clocks", "new year"])
@pytest.mark.parametrize("seed", range(4))
def test_however_the_day_is_changed_there_is_never_none_in_14_days_and_never_two_in_a_period(session, ada, seed, begin):
    """Somebody who changes weekday, hour, zone or rhythm again and again, for eight weeks."""
    chance = random.Random(seed)  # noqa: S311 (nothing secret)
    plan, moment, step = Plan(), begin, timedelta(hours=6)
    sent: list[datetime] = []
    while moment < begin + 8 * WEEK:
        if chance.random() < (0.04, 0.4)[seed % 2]:
            plan = Plan(
                chance.choice([Rhythm.WEEKLY, Rhythm.WEEKLY, Rhythm.DAILY]),
                chance.randrange(7),
                chance.randrange(24),
                chance.choice(ZONES),
            )
            lives_in(session, ada, plan.zone)
            wishes(session, ada, rhythm=plan.rhythm, weekday=plan.weekday, hour=plan.hour, changed_at=moment)
        if due(at=moment):
            last = issues(session, ada)[-1]
            became(session, last, IssueState.SENT)
            assert not sent or plan.period(sent[-1]) != plan.period(last.due_at)
            sent.append(last.due_at)
        moment += step

    assert max(later - sooner for sooner, later in pairwise([begin - DAY, *sent, moment])) <= 14 * DAY + step
    periods = [one.period for one in issues(session, ada)]
    assert len(periods) == len(set(periods)) == len(sent)
    assert all(one.window_from == before.window_until for before, one in pairwise(issues(session, ada)))


@pytest.mark.parametrize("seed", range(6))
def test_nor_are_there_two_however_it_is_paused_and_stopped(session, ada, seed):
    """The same over a new year, with pauses, ends and beginnings again; and none comes that is not wished."""
    chance = random.Random(seed)  # noqa: S311 (nothing secret)
    plan, paused, on, moment = Plan(), MONDAY, True, NEW_YEAR
    while moment < NEW_YEAR + 8 * WEEK:
        what = chance.random()
        if what < 0.05:
            plan = Plan(plan.rhythm, chance.randrange(7), chance.randrange(24), chance.choice(ZONES))
        elif what < 0.08:
            paused = moment + chance.choice((0, 1, 1, 2)) * WEEK
        elif what < 0.14:
            on = not on
        if what < 0.14:
            choose(ada.person_id, plan=plan, on=on, at=moment)
            wishes(session, ada, paused_until=paused if paused > moment else None)
        if due(at=moment):
            last = issues(session, ada)[-1]
            assert on
            assert last.due_at >= paused
            became(session, last, IssueState.SENT)
        moment += timedelta(hours=6)

    sent = [one for one in issues(session, ada) if one.state is IssueState.SENT]
    periods = [one.period for one in issues(session, ada)]
    assert len(periods) == len(set(periods))
    assert all(one.window_from >= before.window_until for before, one in pairwise(sent))
    assert all(later.due_at - sooner.due_at > DAY for sooner, later in pairwise(sent))


def choose(person_id: int, *, plan: Plan, on: bool, at: datetime) -> None:
    """Somebody chooses on their page of letters; once a week, or never."""
    given: dict[str, Any] = {"weekday": plan.weekday, "hour": plan.hour, "zone": plan.zone, "language": "en", "at": at}
    rhythm = "weekly" if on else "never"
    member = db.session.scalars(select(Membership.id).filter_by(person_id=person_id)).all()
    chosen(person_id, rhythm=rhythm, pause=None, on=member, previewed=(), **given)


def test_one_change_moves_the_letter_and_no_more(session, ada):
    """From Monday to Sunday at 23, just before Monday's: thirteen days and fifteen hours between the two."""
    due(at=MONDAY)
    became(session, issue(session, ada), IssueState.SENT)
    wishes(session, ada, weekday=6, hour=23, changed_at=MONDAY + WEEK - MINUTE)
    sunday = MONDAY + 13 * DAY + 15 * HOUR

    assert [due(at=at) for at in (MONDAY + WEEK, sunday - HOUR, sunday)] == [0, 0, 1]
    assert issues(session, ada)[-1].due_at == sunday


def test_the_people_of_the_tests_are_due_on_mondays():
    assert Plan().following(NOON) == MONDAY
