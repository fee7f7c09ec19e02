"""What a weekly letter must pass: the twenty points, each by name, and where it is tested.

What needs readers, time and a server is walked through here from the schedule to the letter; the rest is named.
"""

import ast
import re
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from exchange.digest.send import send
from exchange.storage.digest import IssueState, Rhythm
from tests.builders import answered, needed
from tests.digest.bag import Bag
from tests.digest.issues import DAY, HOUR, MINUTE, MONDAY, WEEK, issues, lives_in, wishes

HERE = Path(__file__).parent.parent

POINTS = {
    "1. Two schedulers at the same instant: one run, one letter each": [
        "digest/test_processes.py::test_two_schedulers_at_the_same_instant_make_one_run_and_one_letter_each",
    ],
    "2. kill -9 at random points: none missing, at most one again for each kill, under the same Message-ID": [
        "digest/test_processes.py::test_kill_9_at_random_points_loses_none_and_doubles_at_most_one_for_each_kill",
        "digest/test_send.py::test_a_lease_that_is_over_is_taken_back",
        "digest/test_send.py::test_whoever_was_taken_over_sends_nothing_more_of_what_they_had",
        "digest/test_send.py::test_a_worker_that_slept_sends_no_more_under_a_lease_that_is_over",
    ],
    "3. A second run of a period sends none": [
        "digest/test_send.py::test_everybody_gets_one_and_a_second_run_sends_none",
    ],
    "4. A queue stopped for three days: at most one letter, and every post in exactly one": [
        "digest/test_points.py::test_a_queue_stopped_for_three_days",
        "digest/test_issue.py::test_one_that_still_waits_joins_the_next",
    ],
    "5. Auckland, Kathmandu, St John's, London on both clock-change days: right local hour, exactly one": [
        "digest/test_points.py::test_on_the_days_on_which_clocks_change",
        "digest/test_schedule.py::test_on_a_day_on_which_clocks_change_there_is_one_moment_too",
        "digest/test_schedule.py::test_at_midnight_and_by_half_an_hour_too",
        "digest/test_schedule.py::test_a_day_that_a_country_leaves_out_costs_no_letter_of_the_week_and_doubles_none",
    ],
    "6. A changed zone or weekday: never none in 14 days, never two in a period": [
        "digest/test_issue.py::test_however_the_day_is_changed_there_is_never_none_in_14_days_and_never_two_in_a_period",
        "digest/test_issue.py::test_nor_are_there_two_however_it_is_paused_and_stopped",
    ],
    "7. A post at the start of the window is in, at the end is in the next; every post once": [
        "digest/test_points.py::test_the_edges_of_a_window",
        "digest/test_compose.py::test_every_post_is_new_in_one_letter_over_the_weeks",
    ],
    "8. Empty: no letter, a row says why": [
        "digest/test_send.py::test_empty_means_no_letter_and_a_row_that_says_why",
    ],
    "9. A post removed between composing and sending is absent": [
        "digest/test_send.py::test_a_post_that_is_withdrawn_between_composing_and_sending_is_absent",
        "digest/test_send.py::test_nor_about_one_that_is_hidden_by_a_decision_while_letters_go_out",
        "digest/test_send.py::test_where_that_was_all_there_is_no_letter",
    ],
    "10. Nothing of a group reaches somebody who left it mid-run": [
        "digest/test_send.py::test_nothing_of_a_group_reaches_who_left_it_mid_run",
        "digest/test_send.py::test_it_is_looked_at_again_before_each_letter",
    ],
    "11. SQL per 200 readers is constant": [
        "digest/test_send.py::test_the_number_of_statements_is_the_same_for_5_readers_and_for_40",
        "digest/test_gather.py::test_two_hundred_readers_need_no_more_statements_than_five",
    ],
    "12. 4xx waits with jitter and holds nobody up; 5xx at RCPT fails at once; dropped after DATA: once more": [
        "digest/test_send.py::test_one_that_is_refused_for_now_is_tried_again_and_holds_nobody_up",
        "digest/test_send.py::test_the_pauses_differ_so_that_not_all_come_back_at_once",
        "digest/test_send.py::test_one_that_is_refused_for_good_fails_at_once_and_its_reason_names_no_address",
        "digest/test_send.py::test_what_may_have_arrived_goes_out_once_more_under_the_same_id_and_no_more",
        "digest/test_processes.py::test_a_connection_that_broke_after_data_sends_that_letter_once_more",
        "digest/test_send.py::test_a_letter_that_silences_the_server_holds_nobody_else_up",
    ],
    "13. The rate limit holds over all workers": [
        "digest/test_processes.py::test_the_rate_holds_over_all_workers",
        "digest/test_processes.py::test_a_slow_domain_holds_no_other_up",
    ],
    "14. Headers: List-Unsubscribe with one https URI, -Post, List-Id, Auto-Submitted, Message-ID, Date": [
        "digest/test_write.py::test_the_headers_of_the_list",
        "digest/test_write.py::test_the_message_id_is_made_of_the_issue_and_the_settings",
    ],
    "15. Text first, the same items in both, no line too long, no name injects a header": [
        "digest/test_write.py::test_both_parts_say_the_same_and_lead_to_the_same_pages",
        "digest/test_write.py::test_no_line_is_too_long",
        "digest/test_write.py::test_a_name_stays_one_name",
        "digest/test_write.py::test_no_fact_reaches_another_header",
    ],
    "16. Member text with template syntax appears literally; only http(s) links": [
        "digest/test_write.py::test_what_a_member_wrote_stands_there_literally",
    ],
    "17. Preview equals what is sent; due = sent + skipped + failed": [
        "cli/test_digest.py::test_the_preview_is_what_is_sent_byte_for_byte",
        "digest/test_send.py::test_due_is_sent_and_skipped_and_failed",
        "web/test_digest_pages.py::test_the_report_adds_up_and_says_why",
    ],
    "18. Tampered token: a neutral page; old tokens work 60 days and survive a new key": [
        "digest/test_unsubscribe.py::test_a_tampered_link_shows_a_neutral_page",
        "digest/test_unsubscribe.py::test_nor_does_a_program_that_only_looks_where_links_lead",
        "digest/test_unsubscribe.py::test_it_works_for_60_days",
        "digest/test_unsubscribe.py::test_it_survives_a_new_key_as_long_as_the_old_one_is_known",
    ],
    "19. Every letter says why one gets it and how to stop it": [
        "digest/test_write.py::test_the_house_rules_of_a_letter",
    ],
    "20. Under 100 kB": [
        "digest/test_write.py::test_a_full_letter_of_the_longest_words_stays_below_100_kb",
    ],
}


def named_in(path: Path) -> set[str]:
    """The names of the tests in a file."""
    found = ast.parse(path.read_text()).body
    return {one.name for one in found if isinstance(one, ast.FunctionDef) and one.name.startswith("test_")}


@pytest.mark.parametrize("point", POINTS)
def test_each_of_the_twenty_points_has_its_tests(point):
    for where in POINTS[point]:
        file, _, name = where.partition("::")
        assert name in named_in(HERE / file), where


def test_there_are_twenty():
    assert [int(point.partition(".")[0]) for point in POINTS] == list(range(1, 21))


@pytest.fixture
def tax(session, ada, ben, cleo):
    """Writes a need of Ben's that fits Ada's words and that Cleo has answered, so that it is news once."""
    ada.can_help_with = "partnership tax"
    wishes(session, ben, rhythm=Rhythm.NEVER)
    wishes(session, cleo, rhythm=Rhythm.NEVER)

    def written(number: int, at: datetime) -> None:
        post = needed(ben, title=f"Partnership tax, question {number}", at=at, closes_at=at + 60 * DAY)
        answered(post, cleo, at=at)

    return written


def questions(bag: Bag) -> list[list[int]]:
    """The numbers of the questions in each letter."""
    texts = [bag.text(number) for number in range(len(bag.letters))]
    return [[int(found) for found in re.findall(r"Partnership tax, question (\d+)", text)] for text in texts]


@pytest.mark.usefixtures("alone")
def test_a_queue_stopped_for_three_days(session, settings, ada, tax):
    """Ada reads daily. One question is posted every six hours; nobody sends from Tuesday to Friday."""
    wishes(session, ada, rhythm=Rhythm.DAILY)
    bag, number, moment = Bag(), 0, MONDAY - DAY + MINUTE
    while moment < MONDAY + 6 * DAY:
        tax(number, moment)
        number, moment = number + 1, moment + 6 * HOUR
        if not MONDAY + DAY + HOUR < moment < MONDAY + 4 * DAY + HOUR:
            send(at=moment, settings=settings, way=bag)

    told = questions(bag)
    every = [one for letter in told for one in letter]
    # Each day's letter holds its four questions, the one after three days ten of its twelve: no letter holds more.
    assert [len(letter) for letter in told] == [4, 4, 10, 4, 4]
    assert len(every) == len(set(every))
    sent = [one for one in issues(session, ada) if one.state is IssueState.SENT]
    assert all(later.window_from == sooner.window_until for sooner, later in pairwise(sent))


@pytest.mark.usefixtures("alone")
def test_the_edges_of_a_window(session, settings, ada, tax):
    """What is posted at the first moment of a window is in it, at its last moment in the next."""
    instant = timedelta(microseconds=1)
    for number, at in enumerate((MONDAY - instant, MONDAY, MONDAY + WEEK - instant, MONDAY + WEEK)):
        tax(number, at)
    bag = Bag()
    for week in range(4):
        send(at=MONDAY + week * WEEK, settings=settings, way=bag)

    assert [sorted(letter) for letter in questions(bag)] == [[0], [1, 2], [3]]


PLACES = [
    ("Pacific/Auckland", "2026-09-27"),
    ("Pacific/Auckland", "2027-04-04"),
    ("Asia/Kathmandu", "2026-10-25"),
    ("America/St_Johns", "2026-11-01"),
    ("America/St_Johns", "2027-03-14"),
    ("Europe/London", "2026-10-25"),
    ("Europe/London", "2027-03-28"),
]


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(("zone", "day"), PLACES)
@pytest.mark.parametrize(("rhythm", "hour"), [(Rhythm.WEEKLY, 8), (Rhythm.DAILY, 1), (Rhythm.DAILY, 2)])
def test_on_the_days_on_which_clocks_change(session, settings, ada, tax, zone, day, rhythm, hour):
    """A whole local Sunday long, every half hour, two workers look whether something is to be sent."""
    lives_in(session, ada, zone)
    wishes(session, ada, rhythm=rhythm, weekday=6, hour=hour)
    begin = datetime.combine(date.fromisoformat(day), time(), tzinfo=ZoneInfo(zone)).astimezone(UTC)
    moments = [begin + step * HOUR / 2 for step in range(52)]
    today = [one for one in moments if one.astimezone(ZoneInfo(zone)).date().isoformat() == day]
    ada.joined_at = begin - 30 * DAY
    session.commit()
    tax(1, begin - 2 * HOUR)
    bag = Bag()
    for moment in today:
        for _ in range(2):
            send(at=moment, settings=settings, way=bag)

    local = [one.due_at.astimezone(ZoneInfo(zone)) for one in issues(session, ada) if one.state is IssueState.SENT]
    assert len(bag.letters) == len(local) == 1
    there_is = hour in {one.astimezone(ZoneInfo(zone)).hour for one in today}
    assert (local[0].date().isoformat(), local[0].hour) == (day, hour if there_is else hour + 1)
