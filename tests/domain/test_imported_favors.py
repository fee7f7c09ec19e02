"""Past favors from files: each becomes an entry of the log, or its line is named and nothing is kept."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from exchange import log
from exchange.domain import imports
from exchange.domain.errors import NotFound
from exchange.log import Balance
from exchange.storage.favor import Favor, FavorState
from exchange.storage.letter import Letter
from exchange.storage.membership import MembershipState
from tests.builders import logged
from tests.domain.test_imports import csv_of, lines_refused, stored
from tests.people import NOON

FAVORS = "giver,receiver,at,category,title"
GOOD = "ada@bar.example,ben@bar.example,2024-05-31,advice,An hour on escrow"


def test_favors_become_entries_of_the_log_and_confirmed_favors(session, group, ada, ben):
    done = imports.favors("bar", csv_of(FAVORS, GOOD), at=NOON)

    favor = session.scalars(select(Favor)).one()
    day = datetime(2024, 5, 31, tzinfo=UTC)
    assert done.added == 1
    assert (favor.giver, favor.receiver, favor.category.slug) == (ada, ben, "advice")
    assert (favor.state, favor.agreed_at, favor.confirmed_at) == (FavorState.CONFIRMED, day, day)
    assert (favor.title, favor.thanks, favor.post_id, favor.entry) == ("An hour on escrow", "", None, 2)
    (entry,) = logged(session, group.id)
    assert (entry.how, entry.favor_id, entry.day) == ("imported", favor.id, day.date())
    assert log.compare(session, group.id).differences == []
    assert stored(session, Letter) == 0


def test_identical_lines_are_separate_favors(session, group, ada, ben):
    assert imports.favors("bar", csv_of(FAVORS, GOOD, GOOD, GOOD), at=NOON).added == 3
    assert log.balance(session, ada) == Balance(given=3, people_helped=1, people=1)


def test_favors_stand_in_the_log_by_their_days_and_equal_days_as_in_the_file(session, group, ada, ben):
    told = [
        ("2024-05-31", "third"),
        ("2023-01-01T10:00+05:00", "second"),
        ("2024-05-31", "fourth"),
        ("2023-01-01", "1"),
    ]
    lines = [f"ada@bar.example,ben@bar.example,{day},advice,{title}" for day, title in told]
    imports.favors("bar", csv_of(FAVORS, *lines), at=NOON)

    assert [entry.what for entry in reversed(logged(session, group.id))] == ["1", "second", "third", "fourth"]


def test_a_second_file_goes_on_where_the_first_ended(session, group, ada, ben):
    imports.favors("bar", csv_of(FAVORS, GOOD), at=NOON)
    imports.favors("bar", csv_of(FAVORS, GOOD, "ben@bar.example,ada@bar.example,2020-01-01,review,Mine"), at=NOON)

    assert [entry.index for entry in logged(session, group.id)] == [4, 3, 2]
    assert log.balance(session, ada) == Balance(2, 1, 1, 1, 1)
    assert log.compare(session, group.id).differences == []


def test_a_favor_in_a_category_that_is_off_and_neutral_is_logged_and_counted_for_nobody(session, group, ada, ben):
    imports.favors("bar", csv_of(FAVORS, GOOD.replace("advice", "referral")), at=NOON)

    assert [entry.counts for entry in logged(session, group.id)] == [False]
    assert log.balance(session, ada) == Balance()


def test_a_favor_may_lie_before_both_joined_and_concern_somebody_who_has_left(session, group, ada, ben):
    ben.state = MembershipState.LEFT
    session.commit()

    done = imports.favors("bar", csv_of(FAVORS, GOOD.replace("2024-05-31", "1999-01-01")), at=NOON)

    assert done.added == 1


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (GOOD.replace("ben@", "sam@"), "sam@bar.example is no member of this group"),
        (GOOD.replace("ada@", "sam@"), "sam@bar.example is no member of this group"),
        (GOOD.replace("ben@", "ADA@"), "ada@bar.example stands on both sides"),
        (GOOD.replace("advice", "golf"), "“golf” is no category of this group. It has: event_place, introduction"),
        (GOOD.replace("2024-05-31", ""), "is not a date such as 2024-05-31"),
        (GOOD.replace("2024-05-31", "2024-05-31T18:00"), "has no time zone"),
        (GOOD.replace("2024-05-31", "2026-10-15T12:00:01Z"), "lies in the future"),
        (GOOD.replace("2024-05-31", "0024-05-31"), "lies before 1900"),
        (GOOD.replace("2024-05-31", "0001-01-01T00:00+14:00"), "is no day or time of the calendar"),
        (GOOD.replace("2024-05-31", "2024-W22-5"), "is not a date such as 2024-05-31"),
        (GOOD.replace("An hour on escrow", " "), "The title is empty"),
        (GOOD.replace("An hour on escrow", "x" * 121), "The title has 121 characters; 120 fit"),
        (f"{GOOD},with a comma", "This line has 6 fields; the first line names 5"),
    ],
)
def test_a_bad_line_of_favors_is_named_and_nothing_is_kept(session, group, ada, ben, line, sentence):
    ((number, said),) = lines_refused(imports.favors, csv_of(FAVORS, GOOD, line, GOOD))

    assert (number, sentence in said) == (3, True), said
    assert (stored(session, Favor), log.size(session, group.id)) == (0, 2)


@pytest.mark.parametrize(
    "moment", ["2026-10-15", "2026-10-15T12:00:00Z", "2026-10-15T14:00+02:00", "2024-02-29 09:00z"]
)
def test_a_day_or_a_moment_with_its_zone_is_taken(group, ada, ben, moment):
    assert imports.favors("bar", csv_of(FAVORS, GOOD.replace("2024-05-31", moment)), at=NOON).added == 1


@pytest.mark.parametrize(("withheld", "kept"), [("", False), ("0", False), ("No", False), ("1", True), ("yes", True)])
def test_a_file_says_which_favors_are_withheld(session, group, ada, ben, withheld, kept):
    imports.favors("bar", csv_of(f"{FAVORS},withheld", f"{GOOD},{withheld}"), at=NOON)

    (entry,) = logged(session, group.id)
    assert (entry.withheld, entry.giver is None) == (kept, kept)
    assert (log.balance(session, ada).given == 0) == kept


def test_what_is_neither_yes_nor_no_is_refused(group, ada, ben):
    ((_line, said),) = lines_refused(imports.favors, csv_of(f"{FAVORS},withheld", f"{GOOD},giver"))
    assert said == "“giver” is neither yes nor no."


def test_a_file_with_an_unknown_member_in_line_812_is_refused_whole(session, group, ada, ben):
    lines = [GOOD] * 1_000
    lines[810] = GOOD.replace("ben@", "bne@")

    assert lines_refused(imports.favors, csv_of(FAVORS, *lines)) == [
        (812, "bne@bar.example is no member of this group.")
    ]
    assert log.size(session, group.id) == 2


def test_skip_invalid_takes_the_rest_and_lists_what_was_left_out(session, group, ada, ben):
    data = csv_of(FAVORS, GOOD, "who,is,this", GOOD, GOOD.replace("ben@", "ada@"))
    done = imports.favors("bar", data, at=NOON, skip_invalid=True)

    assert (done.added, [fault.line for fault in done.left_out]) == (2, [3, 5])
    assert log.size(session, group.id) == 4


def test_somebody_who_only_asks_to_join_is_no_member_yet(session, group, ada, ben):
    ben.state = MembershipState.APPLIED
    session.commit()

    assert [line for line, _said in lines_refused(imports.favors, csv_of(FAVORS, GOOD))] == [2]


def test_a_member_of_another_group_is_unknown_in_this_one(group, ada, sam):
    ((_line, said),) = lines_refused(imports.favors, csv_of(FAVORS, GOOD.replace("ben@bar", "sam@med")))

    assert said == "sam@med.example is no member of this group."


def test_the_favors_of_one_group_leave_the_other_groups_log_alone(session, group, ada, ben, sam):
    imports.favors("bar", csv_of(FAVORS, GOOD), at=NOON)

    assert log.size(session, sam.group_id) == 2


def test_a_group_that_does_not_exist_is_said_so(session):
    for verb, header in ((imports.members, "email,name"), (imports.favors, FAVORS)):
        with pytest.raises(NotFound, match="There is no group “nowhere”"):
            verb("nowhere", csv_of(header), at=NOON)


def test_progress_ends_with_all_of_it(group, ada, ben):
    told = []
    imports.favors("bar", csv_of(FAVORS, *[GOOD] * 600), at=NOON, progress=lambda *so_far: told.append(so_far))

    assert told == [(0, 600), (500, 600), (600, 600)]
