"""A dispute that no organiser is free to settle goes to the site's administrator, and the log says so."""

import pytest
from sqlalchemy import select

from exchange import log
from exchange.domain import accounts, disputes, favors, ties
from exchange.domain.desk import cases
from exchange.domain.errors import NotFound, NotYours
from exchange.domain.ties import TieKind
from exchange.storage.favor import FavorState, How
from exchange.storage.letter import Letter
from exchange.storage.membership import Role
from tests.builders import letters_to
from tests.people import NOON, joined

WHY = "There is no trace of it."


@pytest.fixture
def rosa(session):
    """Administers the site, and is a member of nothing."""
    person = accounts.add(session, email="rosa@site.example", name="Rosa Root", at=NOON)
    person.is_administrator = True
    session.commit()
    return person


def disputed(favor, ada, ben):
    favors.deliver(favor.id, by=ada, at=NOON)
    return disputes.dispute(favor.id, by=ben, why="It was another day.", at=NOON)


@pytest.fixture
def close(olga, ada):
    """Olga, who organises alone, is of Ada's family."""
    return ties.declare(ada.number, by=olga, kind=TieKind.FAMILY, at=NOON)


def settled(favor, by, happened=True):
    return disputes.settle(favor.id, by=by, happened=happened, why=WHY, at=NOON)


def told(session, person):
    return list(session.scalars(select(Letter.kind).filter_by(email=person.email)))


@pytest.mark.parametrize("organisers", [1, 2, 3])
def test_where_no_organiser_is_free_it_is_handed_over(session, group, favor, ada, ben, olga, close, rosa, organisers):
    for name in ("Otto Brandt", "Oskar Lind")[: organisers - 1]:
        ties.declare(ben.number, by=joined(session, group, name, role=Role.ORGANISER), kind=TieKind.CLIENT, at=NOON)
    disputed(favor, ada, ben)

    assert (favor.handed_at, told(session, rosa)) == (NOON, ["handed_over"])
    entry = log.entries(session, group.id, kinds=["decision"])[0]
    assert (entry.told["act"], entry.by, entry.about) == ("handed_over", (), ())
    (line,) = cases.handed(by=rosa, at=NOON)
    assert (line.kind, line.target_id, line.group) == ("dispute", favor.id, group.name)


def test_where_one_is_it_stays_with_them(session, group, favor, ada, ben, olga, close, rosa):
    otto = joined(session, group, "Otto Brandt", role=Role.ORGANISER)
    disputed(favor, ada, ben)

    assert (favor.handed_at, told(session, rosa), cases.handed(by=rosa, at=NOON)) == (None, [], [])
    with pytest.raises(NotFound):
        settled(favor, rosa)
    assert settled(favor, otto).settled_by_id == otto.id


@pytest.mark.parametrize("happened", [True, False])
def test_the_administrator_settles_it_and_the_log_says_by_whom_it_was(
    session, group, favor, ada, ben, olga, close, rosa, happened
):
    disputed(favor, ada, ben)
    settled(favor, rosa, happened)

    assert (favor.state, favor.settled_by_id, favor.settled_why) == (
        FavorState.CONFIRMED if happened else FavorState.CANCELLED,
        None,
        WHY,
    )
    assert favor.how is (How.SETTLED if happened else None)
    decisions = [one for one in log.entries(session, group.id, kinds=["decision"]) if one.told["act"] == "settled"]
    assert [(one.by, one.about, one.what) for one in decisions] == [((), (), "")]
    assert letters_to(session, ada)[-1] == letters_to(session, ben)[-1] == "settled"
    assert log.compare(session, group.id).differences == []
    with pytest.raises(NotFound):
        settled(favor, rosa)


def test_an_administrator_with_a_part_in_it_is_one_like_anybody(session, favor, ada, ben, cleo, olga, close):
    ties.declare(ben.number, by=cleo, kind=TieKind.CLIENT, at=NOON)
    disputed(favor, ada, ben)
    for member in (ada, ben, cleo):
        member.person.is_administrator = True
        session.commit()
        with pytest.raises(NotYours, match="no party and close to neither"):
            settled(favor, member.person)
        assert cases.handed(by=member.person, at=NOON) == []
    with pytest.raises(NotFound):
        settled(favor, olga.person)
    assert favor.state is FavorState.DISPUTED


def test_of_a_withheld_favor_the_entry_tells_others_nothing(session, group, favor, ada, ben, cleo, olga, close, rosa):
    favors.withhold(favor.id, by=ben)
    disputed(favor, ada, ben)
    settled(favor, rosa)

    for one in log.entries(session, group.id, kinds=["decision"], seen_by_id=cleo.id):
        assert (one.closed, one.by, one.about, one.what) == (True, (), (), "")
    assert [one.told["act"] for one in log.entries(session, group.id, kinds=["decision"], seen_by_id=ada.id)] == [
        "settled",
        "handed_over",
    ]
