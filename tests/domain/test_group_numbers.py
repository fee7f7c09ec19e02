"""A group's numbers: totals with what is withheld, the organisers first, needs that were met, newcomers."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from exchange import log
from exchange.domain import clocks, corrections, favors, group_numbers, responses, unasked
from exchange.storage.entry import LogCount
from exchange.storage.group import Category
from exchange.storage.total import LogMonth, LogTotal
from tests.builders import answered, needed
from tests.people import NOON, joined

DAY = timedelta(days=1)


def helped(giver, receiver, *, at=NOON - DAY, category="advice", withheld=False):
    return unasked.helped_by(
        giver.number, by=receiver, category=category, title="An hour on tax", withheld=withheld, at=at
    )


def shown(by, at=NOON):
    return group_numbers.show(seen_by=by, at=at)


@pytest.fixture
def met(ada, ben):
    """Ada needed something, and Ben gave it two days later."""

    def happened(**said):
        post = needed(ada, closes_at=NOON + 9 * DAY, **said)
        response = answered(post, ben, at=NOON + 2 * DAY)
        return responses.accept(post.id, response.id, by=ada, at=NOON + 2 * DAY)

    return happened


def test_withheld_favors_are_in_the_groups_totals_and_told_apart(ada, ben, cleo):
    helped(ada, ben)
    helped(cleo, ben, withheld=True)
    helped(ben, ada, category="review", at=NOON - 40 * DAY)
    page = shown(cleo)

    assert [(one.name, one.all, one.nameless) for one in page.categories] == [("Advice", 2, 1), ("Review", 1, 0)]
    assert (page.every.all, page.every.nameless) == (3, 1)
    assert (page.every.favors[-2:], page.every.withheld[-2:]) == ([1, 2], [0, 1])
    assert page.people == 2


def test_neutral_favors_are_told_and_counted_in_no_total(session, ada, ben):
    session.scalars(select(Category).filter_by(group_id=ada.group_id, slug="other")).one().neutral = True
    session.commit()
    helped(ada, ben, category="other")
    page = shown(ada)

    assert (page.neutral, page.every.all, page.categories) == (1, 0, [])


def test_a_void_entry_leaves_the_totals_also_where_it_was_withheld(session, ada, ben, olga):
    plain, withheld = helped(ada, ben), helped(ada, ben, withheld=True)
    corrections.correct(plain.id, by=olga, why="It was entered twice.", at=NOON)
    unasked.not_me(withheld.id, by=ada, at=NOON)

    assert shown(ada).every.all == 0
    assert session.scalars(select(LogMonth)).all() == []
    assert log.compare(session, ada.group_id).differences == []


def test_whoever_tampers_with_the_months_is_found(session, ada, ben):
    helped(ada, ben)
    session.scalars(select(LogMonth)).one().favors = 7
    session.flush()

    assert any("counts of months differ" in said for said in log.compare(session, ada.group_id).differences)


def test_the_organisers_stand_first_by_name_with_what_everybody_may_see(session, group, ada, ben, olga):
    joined(session, group, "Nora Kim", email="nora@bar.example")
    helped(olga, ben)
    ((organiser, year),) = shown(ada).organisers

    assert (organiser.name, year.given) == ("Olga Petrenko", 1)


def test_a_need_is_met_once_the_log_names_who_met_it(ada, ben, met):
    favor = met()
    clocks.due(at=NOON + 10 * DAY)
    assert shown(ada, NOON + 10 * DAY).needs == group_numbers.Found(1, 0, None)

    favors.confirm(favor.id, by=ada, at=NOON + 10 * DAY)
    assert shown(ada, NOON + 10 * DAY).needs == group_numbers.Found(1, 1, 2)


def test_a_need_that_was_met_without_names_looks_like_one_that_nobody_met(ada, ben, cleo, met):
    favor = met(category="advice")
    needed(cleo, category="advice", closes_at=NOON + 9 * DAY)
    favors.withhold(favor.id, by=ada)
    favors.confirm(favor.id, by=ada, at=NOON + 3 * DAY)
    clocks.due(at=NOON + 10 * DAY)

    assert shown(cleo, NOON + 10 * DAY).needs == group_numbers.Found(2, 0, None)


def test_a_need_that_was_kept_from_somebody_is_not_counted(ada, ben, cleo, met):
    favor = met(hidden_from=[cleo.number])
    favors.confirm(favor.id, by=ada, at=NOON + 3 * DAY)

    assert shown(ben, NOON + 10 * DAY).needs.of == 0


def test_newcomers_have_their_first_favor_when_the_log_names_them(session, group, ada, ben, cleo):
    helped(ada, ben, at=ada.joined_at + 10 * DAY)
    helped(ada, cleo, withheld=True)
    page = shown(cleo)

    assert (page.newcomers.found, page.newcomers.days) == (2, 10)
    assert page.newcomers.of >= 3


def test_a_void_first_favor_gives_way_to_the_next_and_nobody_counts_who_has_none(session, ada, ben, cleo, olga):
    first = helped(ada, ben, at=ada.joined_at + 10 * DAY)
    helped(ben, ada, at=ada.joined_at + 30 * DAY)
    only = helped(ada, cleo)
    assert shown(ada).people == 3

    for favor in (first, only):
        corrections.correct(favor.id, by=olga, why="It was entered twice.", at=NOON)
    page = shown(ada)

    assert (page.people, page.newcomers.found, page.newcomers.days) == (2, 2, 30)
    assert log.compare(session, ada.group_id).differences == []


@pytest.mark.parametrize(("table", "told", "noun"), [(LogCount, "first", "members"), (LogTotal, "people", "people")])
def test_whoever_tampers_with_first_days_or_with_how_many_there_are_is_found(session, ada, ben, table, told, noun):
    helped(ada, ben)
    row = session.scalars(select(table)).first()
    setattr(row, told, (NOON - 90 * DAY).date() if told == "first" else 7)
    session.flush()

    assert any(f"counts of {noun} differ" in said for said in log.compare(session, ada.group_id).differences)
