"""The life of a favor, and what the log makes of it."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from exchange import log
from exchange.domain import favor_page, favors
from exchange.domain.errors import BadInput, NotFound, NotYours, Refusal
from exchange.log import Balance
from exchange.storage.favor import FavorState
from exchange.storage.group import Category
from exchange.storage.letter import Letter
from tests.builders import letters_to, logged
from tests.people import NOON

ONE_GIVEN = Balance(given=1, people_helped=1, people=1)
ONE_RECEIVED = Balance(received=1, people_helped_by=1, people=1)


def test_the_log_counts_it_for_both(session, favor, ada, ben):
    favors.confirm(favor.id, by=ben, at=NOON)

    assert log.balance(session, ada) == ONE_GIVEN
    assert log.balance(session, ben) == ONE_RECEIVED


def test_the_giver_cannot_confirm_their_own_gift(session, favor, ada):
    with pytest.raises(NotYours, match="Only the person who was helped"):
        favors.confirm(favor.id, by=ada, at=NOON)

    assert log.balance(session, ada) == Balance()


def test_confirming_twice_is_refused_and_logged_once(session, group, favor, ben):
    favors.confirm(favor.id, by=ben, at=NOON)

    with pytest.raises(Refusal, match="already closed"):
        favors.confirm(favor.id, by=ben, at=NOON)
    assert len(logged(session, group.id)) == 1


def test_the_thanks_go_along_by_letter_and_stand_in_the_log(session, group, favor, ada, ben):
    favors.confirm(favor.id, by=ben, at=NOON, thanks="You found the gap in clause 9.")

    (entry,) = logged(session, group.id)
    (letter,) = session.scalars(select(Letter).filter_by(email=ada.person.email))
    assert entry.thanks == "You found the gap in clause 9."
    assert (letter.kind, letter.facts["thanks"], letter.facts["entry"]) == (
        "confirmed",
        "You found the gap in clause 9.",
        entry.index,
    )


def test_saying_that_it_was_delivered_asks_the_receiver(session, favor, ada, ben):
    favors.deliver(favor.id, by=ada, at=NOON)

    assert favor.state is FavorState.DELIVERED
    assert letters_to(session, ben) == ["please_confirm"]
    with pytest.raises(Refusal):
        favors.deliver(favor.id, by=ada, at=NOON)


def test_only_the_giver_says_that_it_was_delivered(favor, ben):
    with pytest.raises(NotYours):
        favors.deliver(favor.id, by=ben, at=NOON)


@pytest.mark.parametrize("who", ["ada", "ben"])
def test_either_side_calls_off_what_was_agreed_and_the_other_is_told(request, session, favor, ada, ben, who):
    by, other = (ada, ben) if who == "ada" else (ben, ada)
    favors.cancel(favor.id, by=by, at=NOON, why="A hearing came up.")

    assert (favor.state, favor.cancelled_by_id, favor.cancelled_why) == (
        FavorState.CANCELLED,
        by.id,
        "A hearing came up.",
    )
    assert letters_to(session, other) == ["cancelled"]
    assert letters_to(session, by) == []


def test_what_was_delivered_cannot_be_called_off(favor, ada):
    favors.deliver(favor.id, by=ada, at=NOON)

    with pytest.raises(Refusal, match="not yet delivered"):
        favors.cancel(favor.id, by=ada, at=NOON)


def test_a_third_member_sees_a_favor_only_once_it_is_in_the_log(favor, ben, cleo):
    with pytest.raises(NotFound):
        favor_page.show(favor.id, seen_by=cleo, at=NOON)
    favors.confirm(favor.id, by=ben, at=NOON)

    assert favor_page.show(favor.id, seen_by=cleo, at=NOON).contact == ""
    with pytest.raises(NotFound):
        favors.confirm(favor.id, by=cleo, at=NOON)


def test_a_stranger_never_sees_it(favor, ben, sam):
    favors.confirm(favor.id, by=ben, at=NOON)

    with pytest.raises(NotFound):
        favor_page.show(favor.id, seen_by=sam, at=NOON)


def test_the_two_see_each_others_contact_line_until_thirty_days_after_it_ended(favor, ada, ben):
    favors.confirm(favor.id, by=ben, at=NOON)

    def seen(days):
        return favor_page.show(favor.id, seen_by=ben, at=NOON + timedelta(days=days)).contact

    assert (seen(29), seen(30)) == (ada.contact, "")


def test_a_neutral_favor_is_logged_and_counted_for_nobody(session, group, favor, ada, ben):
    favor.category = session.scalars(select(Category).filter_by(group_id=group.id, slug="referral")).one()
    session.commit()
    favors.confirm(favor.id, by=ben, at=NOON)

    assert log.balance(session, ada) == Balance()
    assert [entry.counts for entry in logged(session, group.id)] == [False]


def test_making_a_category_neutral_later_changes_no_entry(session, group, favor, ada, ben):
    favors.confirm(favor.id, by=ben, at=NOON)
    favor.category.neutral = True
    session.commit()

    assert log.balance(session, ada) == ONE_GIVEN
    assert log.compare(session, group.id).differences == []


def test_thanks_that_are_too_long_lose_nothing(session, favor, ben):
    with pytest.raises(BadInput, match="1,001 characters"):
        favors.confirm(favor.id, by=ben, at=NOON, thanks="x" * 1001)

    assert favor.state is FavorState.AGREED


def test_when_the_log_fails_nothing_is_confirmed(session, monkeypatch, favor, ben):
    def broken(*_args, **_kwargs):
        raise DatabaseError("the disk is full", None, Exception())

    monkeypatch.setattr(log, "record_favor", broken)
    with pytest.raises(DatabaseError):
        favors.confirm(favor.id, by=ben, at=NOON)

    session.expire_all()
    assert favor.state is FavorState.AGREED


@pytest.mark.parametrize(
    "change",
    ["giver_id = receiver_id", "state = 'confirmed'", "confirmed_at = agreed_at", "entry = 7", "state = 'cancelled'"],
)
def test_the_database_refuses_a_favor_that_makes_no_sense(session, favor, change):
    with pytest.raises(DatabaseError), session.begin_nested():
        session.execute(text(f"UPDATE favor SET {change} WHERE id = {favor.id}"))  # noqa: S608 (ours)
