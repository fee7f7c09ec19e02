"""Local days and hours as moments, in every zone and on the days on which clocks change."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from exchange.digest.schedule import Plan, issue_id, zone_of
from exchange.storage.digest import Rhythm
from tests.people import NOON

DAY, WEEK, HOUR = timedelta(days=1), timedelta(days=7), timedelta(hours=1)
ZONES = ["Pacific/Auckland", "Asia/Kathmandu", "America/St_Johns", "Europe/London", "America/New_York", "Asia/Tehran"]
# The days on which clocks are put on and put back, within a year of the tests.
CHANGES = {
    "Pacific/Auckland": [date(2026, 9, 27), date(2027, 4, 4)],
    "America/St_Johns": [date(2027, 3, 14), date(2026, 11, 1)],
    "Europe/London": [date(2027, 3, 28), date(2026, 10, 25)],
    "Australia/Lord_Howe": [date(2026, 10, 4), date(2027, 4, 4)],  # by half an hour
    "America/Santiago": [date(2026, 9, 6), date(2027, 4, 4)],  # at midnight
    "America/Sao_Paulo": [date(2018, 11, 4), date(2019, 2, 17)],  # at midnight, when they still did
}


def walk(plan: Plan, begin: datetime, days: int, every: timedelta = HOUR / 2) -> list[datetime]:
    """Every moment of a plan, as one who looks every half hour would meet them."""
    found: list[datetime] = []
    for step in range(days * DAY // every):
        latest = plan.latest(begin + step * every)
        if latest >= begin and latest not in found:
            found.append(latest)
    return found


def test_monday_at_eight_in_auckland_is_sunday_in_utc():
    plan = Plan(zone="Pacific/Auckland")
    moment = plan.latest(NOON)

    assert moment == datetime(2026, 10, 11, 19, 0, tzinfo=UTC)
    assert plan.period(moment) == "2026-W42"


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("hour", [0, 8, 23])
def test_a_week_has_one_moment_at_the_local_hour(zone, hour):
    plan = Plan(Rhythm.WEEKLY, 2, hour, zone)
    found = walk(plan, NOON, 371, every=8 * HOUR)

    local = [moment.astimezone(ZoneInfo(zone)) for moment in found]
    assert {(one.weekday(), one.hour, one.minute) for one in local} == {(2, hour, 0)}
    assert len(found) == len({plan.period(moment) for moment in found}) == 53
    assert {later.date() - sooner.date() for sooner, later in pairwise(local)} == {WEEK}


@pytest.mark.parametrize(("zone", "day"), [(zone, day) for zone, days in CHANGES.items() for day in days])
@pytest.mark.parametrize("hour", range(24))
def test_on_a_day_on_which_clocks_change_there_is_one_moment_too(zone, day, hour):
    """An hour that is left out comes when the clocks have been put on, one that comes twice counts at first."""
    plan = Plan(Rhythm.DAILY, 0, hour, zone)
    begin = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    local = [one.astimezone(ZoneInfo(zone)) for one in walk(plan, begin, 2) if plan.period(one) == day.isoformat()]

    assert len(local) == 1
    assert local[0].fold == 0
    left_out = local[0].utcoffset() != (local[0] - 2 * HOUR).astimezone(ZoneInfo(zone)).utcoffset()
    assert local[0].hour == hour or (left_out and local[0].hour == hour + 1)


def test_at_midnight_and_by_half_an_hour_too():
    midnight = Plan(Rhythm.WEEKLY, 6, 0, "America/Sao_Paulo").latest(datetime(2018, 11, 5, tzinfo=UTC))
    assert midnight.astimezone(ZoneInfo("America/Sao_Paulo")).isoformat() == "2018-11-04T01:00:00-02:00"

    two = Plan(Rhythm.WEEKLY, 6, 2, "Australia/Lord_Howe").latest(datetime(2026, 10, 5, tzinfo=UTC))
    assert two.astimezone(ZoneInfo("Australia/Lord_Howe")).isoformat() == "2026-10-04T02:30:00+11:00"


@pytest.mark.parametrize("plan", [Plan(Rhythm.WEEKLY, 4, 8, "Pacific/Apia"), Plan(Rhythm.DAILY, 0, 8, "Pacific/Apia")])
def test_a_day_that_a_country_leaves_out_costs_no_letter_of_the_week_and_doubles_none(plan):
    """There was no Friday, 30 December 2011, in Samoa."""
    found = walk(plan, datetime(2011, 12, 19, tzinfo=UTC), 21)
    periods = [plan.period(one) for one in found]

    assert len(set(periods)) == len(periods) == (3 if plan.rhythm is Rhythm.WEEKLY else 21)
    assert "2011-12-30" not in periods
    assert {one.astimezone(ZoneInfo("Pacific/Apia")).hour for one in found} == {8}


def test_kathmandu_is_a_quarter_of_an_hour_aside():
    assert Plan(zone="Asia/Kathmandu").latest(NOON) == datetime(2026, 10, 12, 2, 15, tzinfo=UTC)


def test_the_week_of_a_new_year_belongs_to_the_old_one():
    plan = Plan(Rhythm.WEEKLY, 4)

    assert plan.period(datetime(2027, 1, 1, 8, tzinfo=UTC)) == "2026-W53"
    assert plan.period(datetime(2027, 1, 8, 8, tzinfo=UTC)) == "2027-W01"


plans = some.builds(
    Plan,
    rhythm=some.sampled_from([Rhythm.WEEKLY, Rhythm.DAILY]),
    weekday=some.integers(0, 6),
    hour=some.integers(0, 23),
    zone=some.sampled_from(ZONES),
)
moments = some.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=some.just(UTC))  # noqa: DTZ001 (hypothesis adds it)


@given(plans, moments)
@settings(max_examples=300, deadline=None)
def test_the_last_moment_and_the_next_lie_around_every_moment(plan, at):
    latest, following = plan.latest(at), plan.following(at)

    assert latest <= at < following
    assert plan.latest(following) == following
    assert plan.latest(following - timedelta(microseconds=1)) == latest
    assert plan.period(latest) != plan.period(following)
    span = WEEK if plan.rhythm is Rhythm.WEEKLY else DAY
    assert span - HOUR <= following - latest <= span + HOUR


def test_a_zone_that_does_not_exist_is_utc():
    assert zone_of("Mars/Olympus") == ZoneInfo("UTC")
    assert zone_of("") == ZoneInfo("UTC")


@given(some.integers(1, 2**38), some.integers(1, 2**38), plans, plans, moments, moments)
@settings(max_examples=300, deadline=None)
def test_an_issue_has_a_number_of_its_own(one, other, plan, another, at, then):
    first, second = (one, plan.period(at)), (other, another.period(then))

    assert (issue_id(*first) == issue_id(*second)) == (first == second)
    assert 0 < issue_id(*first) < 2**63


def test_a_copy_has_another_number_and_there_are_seven_at_most():
    numbers = [issue_id(7, f"2026-W48{copy}") for copy in ("", *(f"+{number}" for number in range(1, 8)))]

    assert len(set(numbers)) == 8
    with pytest.raises(ValueError, match="7 copies"):
        issue_id(7, "2026-W48+8")
    assert not set(numbers) & {issue_id(7, f"2026-11-23{copy}") for copy in ("", "+1", "+7")}
