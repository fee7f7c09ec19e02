"""What a member gave and received, by category and month: for everybody, and for their own eyes."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from exchange.domain import corrections, members, numbers, unasked
from exchange.storage.group import Category
from tests.people import NOON

DAY = timedelta(days=1)


def helped(giver, receiver, *, at=NOON - DAY, category="advice", withheld=False):
    return unasked.helped_by(
        giver.number, by=receiver, category=category, title="An hour on tax", withheld=withheld, at=at
    )


@pytest.fixture
def neutral(session, ada):
    session.scalars(select(Category).filter_by(group_id=ada.group_id, slug="other")).one().neutral = True
    session.commit()
    return "other"


def strips(year):
    return {strip.category: (strip.gave, strip.received) for strip in year.strips}


def test_a_year_is_thirteen_months_of_which_the_first_and_the_last_are_not_whole():
    months = numbers.months(NOON)

    assert (len(months), months[0], months[-1]) == (13, date(2025, 10, 1), date(2026, 10, 1))


def test_each_favor_stands_in_its_category_and_month(ada, ben, cleo):
    helped(ada, ben, at=NOON - 40 * DAY)
    helped(ada, cleo, category="review")
    helped(ben, ada)
    year = numbers.year(ada, at=NOON)
    (advice,) = [strip for strip in year.strips if strip.category == "Advice"]

    assert strips(year) == {"Advice": (1, 1), "Review": (1, 0)}
    assert [(month.gave, month.received) for month in advice.months[-2:]] == [(1, 0), (0, 1)]
    assert (year.balance.given, year.balance.received, year.balance.people) == (2, 1, 2)


def test_it_adds_up_to_what_stands_beside_the_name_everywhere_else(ada, ben, cleo, neutral):
    helped(ada, ben, at=NOON - 365 * DAY)
    helped(ada, ben, at=NOON - 367 * DAY)
    helped(cleo, ada, withheld=True)
    helped(ben, ada, category=neutral)
    year = numbers.year(ada, at=NOON)

    assert year.balance == members.years([ada.id], at=NOON)[ada.id]
    assert (sum(strip.gave for strip in year.strips), sum(strip.received for strip in year.strips)) == (1, 0)


def test_what_is_neutral_is_told_and_counts_for_nobody(ada, ben, neutral):
    helped(ada, ben, category=neutral)
    year = numbers.year(ada, at=NOON)

    assert (year.neutral, year.strips, year.balance.given) == (1, [], 0)


def test_what_is_withheld_is_in_no_number_that_others_see(ada, ben, cleo, neutral):
    helped(ada, cleo)
    helped(ada, ben, withheld=True)
    helped(ben, ada, category="mentoring", withheld=True, at=NOON - 60 * DAY)

    assert strips(numbers.year(ada, at=NOON)) == {"Advice": (1, 0)}
    assert numbers.year(ada, at=NOON).neutral == 0


def test_the_member_sees_both_apart(ada, ben, cleo):
    helped(ada, cleo)
    helped(ada, ben, withheld=True)
    year, own = numbers.own(ada, at=NOON)

    assert year == numbers.year(ada, at=NOON)
    assert [(strip.category, strip.gave, strip.received) for strip in own.withheld] == [("Advice", 1, 0)]
    assert (own.balance.given, own.balance.people) == (2, 2)


def test_with_whom_it_went_both_ways_is_told_once_there_are_ten(ada, ben, cleo, olga):
    for days in range(1, 8):
        helped(ada, ben, at=NOON - days * DAY)
    helped(ben, ada, withheld=True)
    helped(cleo, ada)
    assert numbers.own(ada, at=NOON)[1].early

    helped(ada, olga)
    _year, own = numbers.own(ada, at=NOON)

    assert not own.early
    assert (own.both, own.helped, own.helped_by) == (1, 1, 1)


def test_an_entry_that_was_made_void_is_counted_nowhere(ada, ben, olga):
    favor = helped(ada, ben)
    corrections.correct(favor.id, by=olga, why="It was entered twice.", at=NOON)

    assert numbers.own(ada, at=NOON)[1].favors == 0
    assert numbers.year(ada, at=NOON).strips == []
