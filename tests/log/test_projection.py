"""The projection is written with each leaf, and can be rebuilt from leaves and openings alone."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DatabaseError

from exchange import log
from exchange.domain import clocks, favors, leaving, unasked
from exchange.storage.entry import LogCount, LogEntry, LogHead, LogLeaf, LogOpening, LogOpeningSubject, LogPair
from exchange.storage.favor import Favor, FavorState, How
from exchange.storage.group import Category
from tests.builders import logged, sides
from tests.people import NOON


@pytest.fixture
def confirmed(favor, ben):
    return favors.confirm(favor.id, by=ben, at=NOON)


def test_a_fresh_log_holds_its_genesis_and_its_organiser_and_agrees_with_its_projection(session, group):
    found = log.compare(session, group.id)

    assert (found.entries, found.differences) == (2, [])
    assert log.size(session, group.id) == 2


def test_each_confirmed_favor_is_one_leaf_with_six_openings_and_its_subjects(session, group, confirmed, ada, ben):
    head = session.scalars(select(LogHead).filter_by(group_id=group.id)).one()
    openings = session.scalars(select(LogOpening.field).filter_by(log_id=head.log_id, idx=2)).all()
    subjects = session.execute(
        select(LogOpeningSubject.field, LogOpeningSubject.member_id).where(LogOpeningSubject.idx == 2)
    ).all()

    assert (head.size, confirmed.entry) == (3, 2)
    assert sorted(openings) == ["from", "how", "kind", "tie", "to", "what"]
    assert {tuple(row) for row in subjects} == {
        ("from", ada.id),
        ("to", ben.id),
        ("what", ada.id),
        ("what", ben.id),
    }


def test_the_database_refuses_to_change_or_take_out_a_leaf(session, confirmed):
    for statement in (
        update(LogLeaf).values(leaf=b"x"),
        delete(LogLeaf),
        update(LogOpening).values(disclosure="x"),
    ):
        with pytest.raises(DatabaseError, match="never changed"), session.begin_nested():
            session.execute(statement)


def test_an_opening_can_be_deleted_and_takes_its_subjects_along(session, confirmed):
    session.execute(delete(LogOpening).where(LogOpening.field == "what"))

    assert session.scalars(select(LogOpeningSubject).filter_by(field="what")).all() == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (update(LogEntry).values(what="Something else"), "Entry 2 is shown with another “what”"),
        (update(LogEntry).values(counts=False), "Entry 2 is shown with another “counts”"),
        (delete(LogEntry), "Entry 2 is in the log and is not shown"),
        (update(LogPair).values(count=2), "counts of pairs differ"),
        (update(LogCount).values(given=5), "counts of members differ"),
        (update(LogHead).values(size=9), "says 9 entries and holds 3"),
    ],
)
def test_whoever_tampers_with_the_projection_is_found(session, group, confirmed, change, sentence):
    session.execute(change)

    assert any(sentence in said for said in log.compare(session, group.id).differences)


def test_people_are_counted_once_on_each_side_and_in_all(session, group, ada, ben, cleo):
    for giver, receiver in ((ada, ben), (ada, ben), (ben, ada), (cleo, ada)):
        favors.confirm(_agreed(session, group, giver, receiver).id, by=receiver, at=NOON)

    assert log.balance(session, ada) == log.Balance(given=2, received=2, people_helped=1, people_helped_by=2, people=2)
    assert log.compare(session, group.id).differences == []


def test_a_year_counts_what_lies_in_it(session, group, ada, ben):
    for days in (0, 100, 400):
        favors.confirm(_agreed(session, group, ada, ben).id, by=ben, at=NOON - timedelta(days=days))

    year = log.balances_since(session, [ada.id, ben.id], (NOON - timedelta(days=365)).date())
    assert (year[ada.id].given, year[ben.id].received, log.balance(session, ada).given) == (2, 2, 3)


def test_many_at_once_are_the_same_as_one_by_one(session, group, ada, ben, cleo):
    many = [_agreed(session, group, ada, ben), _agreed(session, group, cleo, ada)]
    for favor in many:
        favor.confirmed_at = NOON
    with session.no_autoflush:
        indexes = log.record_favors(session, group.id, many, how=How.IMPORTED)
        for favor, index in zip(many, indexes, strict=True):
            favor.state, favor.entry = FavorState.CONFIRMED, index
    session.commit()

    assert list(indexes) == [2, 3]
    assert log.compare(session, group.id).differences == []
    assert [entry.how for entry in logged(session, group.id)] == ["imported", "imported"]


def test_the_page_of_entries_goes_back_in_time_and_filters(session, group, ada, ben, cleo):
    for giver, receiver in ((ada, ben), (ben, ada), (ben, cleo)):
        favors.confirm(_agreed(session, group, giver, receiver).id, by=receiver, at=NOON)

    assert [entry.index for entry in logged(session, group.id)] == [4, 3, 2]
    assert [entry.index for entry in logged(session, group.id, limit=1, before=4)] == [3]
    assert [entry.index for entry in logged(session, group.id, member_id=cleo.id)] == [4]
    assert logged(session, group.id, category="review") == []


def test_rolled_back_entries_leave_no_gap(session, group, ada, ben):
    lost = session.begin_nested()
    log.record_favor(session, _agreed(session, group, ada, ben, commit=False), how=How.RECEIVER, at=NOON)
    lost.rollback()

    assert favors.confirm(_agreed(session, group, ada, ben).id, by=ben, at=NOON).entry == 2
    assert session.execute(text("SELECT count(*) FROM log_leaf")).scalar() == 3


def _agreed(session, group, giver, receiver, commit=True):
    favor = Favor(
        group_id=group.id,
        giver=giver,
        receiver=receiver,
        category=session.scalars(select(Category).filter_by(group_id=group.id, slug="advice")).one(),
        title="An hour",
        state=FavorState.AGREED,
        agreed_at=NOON,
        clock_from=NOON,
    )
    session.add(favor)
    session.commit() if commit else session.flush()
    return favor


def test_a_correction_stands_in_the_log_beside_what_it_makes_void(session, group, ada, ben):
    favor = unasked.helped_by(ada.number, by=ben, category="advice", title="An hour", at=NOON)
    unasked.not_me(favor.id, by=ada, at=NOON)

    correction, entry = logged(session, group.id)
    assert (correction.kind, correction.of, entry.voided_by) == ("correction", entry.index, correction.index)
    assert log.balance(session, ada) == log.balance(session, ben) == log.Balance()
    assert log.compare(session, group.id).differences == []


def test_somebody_who_is_forgotten_stays_one_nameless_person_in_the_counts(session, group, ada, ben, cleo):
    for giver, receiver in ((ada, ben), (ada, ben), (cleo, ben)):
        favors.confirm(_agreed(session, group, giver, receiver).id, by=receiver, at=NOON)
    before = log.balance(session, ben)
    leaving.erase(ada.id, at=NOON)

    assert log.balance(session, ben) == before
    found = log.compare(session, group.id)
    assert (found.entries, found.differences) == (6, [])
    assert [entry.what for entry in logged(session, group.id, member_id=ben.id)] == ["An hour", "", ""]
    told = session.scalars(select(LogOpeningSubject).filter_by(member_id=ada.id)).all()
    assert told == []


@pytest.mark.parametrize("gone", ["giver", "receiver"])
def test_what_was_delivered_by_somebody_forgotten_is_recorded_without_their_name(session, group, ada, ben, gone):
    for giver, receiver in ((ada, ben), (ada, ben)):
        favor = _agreed(session, group, giver, receiver)
        favors.deliver(favor.id, by=giver, at=NOON)
    favors.confirm(favor.id, by=ben, at=NOON)
    one, other = (ada, ben) if gone == "giver" else (ben, ada)
    leaving.erase(one.id, at=NOON)
    clocks.due(at=NOON + timedelta(days=14))
    lines = [json.loads(leaf) for leaf in session.scalars(select(LogLeaf.leaf).order_by(LogLeaf.idx))]
    openings = session.execute(select(LogOpening.field, LogOpening.disclosure).where(LogOpening.idx == 4)).all()

    assert [line["k"] for line in lines] == ["genesis", "role", "favor", "erase", "favor", "erase"]
    side = "from" if gone == "giver" else "to"
    assert (lines[5]["as"], lines[5]["what"]) == (3, [[4, side], [4, "what"]])
    assert sorted(field for field, _ in openings) == sorted({"from", "to", "how", "kind", "tie"} - {side})
    assert (log.balance(session, other).people, log.compare(session, group.id).differences) == (1, [])


def test_an_opening_that_is_gone_without_a_word_is_found(session, group, confirmed):
    session.execute(delete(LogOpening).where(LogOpening.field == "to"))

    said = log.compare(session, group.id).differences
    assert "The opening “to” of entry 2 is gone, and no entry says why." in said


def test_a_withheld_favor_counts_in_nothing_that_others_see(session, group, favor, ada, ben, cleo):
    favors.withhold(favor.id, by=ada)
    favors.confirm(favor.id, by=ben, at=NOON)
    (seen,) = logged(session, group.id, seen_by_id=cleo.id)
    (own,) = logged(session, group.id, seen_by_id=ben.id)

    assert (seen.giver, seen.receiver, seen.what, seen.day) == (None, None, "", NOON.date().replace(day=1))
    assert (sides(own), own.what) == ([ada.id, ben.id], "An hour on the escrow clause")
    assert log.balance(session, ada) == log.Balance()
    assert log.balance_of(ada.id, log.lines(session, ada, NOON.date(), own=True)).given == 1
    assert logged(session, group.id, seen_by_id=cleo.id, member_id=ada.id) == []
    assert log.compare(session, group.id).differences == []
