"""A dispute on the desk of the site's administrator, and what its two read meanwhile."""

import pytest
from sqlalchemy import select

from exchange.domain import accounts, disputes, favors, ties
from exchange.domain.ties import TieKind
from exchange.storage.favor import FavorState
from tests.people import NOON
from tests.web.reader import Reader

DESK = "/admin/desk"


@pytest.fixture
def as_rosa(session, app):
    """Administers the site, and is a member of nothing."""
    person = accounts.add(session, email="rosa@site.example", name="Rosa Root", at=NOON)
    person.is_administrator = True
    session.commit()
    reader = Reader(app)
    reader.sign_in(person)
    return reader


@pytest.fixture
def disputed(olga, ada, ben, favor):
    """Ben says that it was otherwise; Olga, who organises alone, is of Ada's family."""
    ties.declare(ada.number, by=olga, kind=TieKind.FAMILY, at=NOON)
    favors.deliver(favor.id, by=ada, at=NOON)
    return disputes.dispute(favor.id, by=ben, why="It was another day.", at=NOON)


def press(page, path, **said):
    token = page.soup.select_one("[name=csrf_token]")["value"]
    return page.reader.post(path, csrf_token=token, **said)


@pytest.mark.parametrize("happened", ["1", "0"])
def test_the_administrator_reads_both_sides_and_settles_it(session, reader, as_rosa, disputed, ada, ben, happened):
    page = as_rosa.visit(DESK).follow("A favor on which two disagree")
    for said in ("An hour on the escrow clause", "Ada Farouk", "Ben Castellanos", "“It was another day.”"):
        assert said in page.main()
    path = f"{DESK}/disputes/{disputed.id}"
    bad = press(page, path, happened=happened, why=" ")
    assert (bad.status, "The reason is empty" in bad.main()) == (422, True)
    assert press(page, path, why="There is no trace of it.").status == 422
    assert session.get_one(type(disputed), disputed.id).state is FavorState.DISPUTED

    page = press(page, path, happened=happened, why="There is no trace of it.")
    assert (page.path, "No case waits for you." in page.main()) == (DESK, True)
    assert as_rosa.visit(path).status == 404
    for member in (ada, ben):
        theirs = reader.as_(member).visit(f"/g/bar/favors/{disputed.id}").main()
        assert "“There is no trace of it.”" in theirs
        assert "An organiser" not in theirs
    assert ("The site’s administrator settled it." in theirs) is (happened == "1")


def test_its_two_read_who_decides(reader, disputed, ada, ben, cleo):
    for member in (ada, ben):
        page = reader.as_(member).visit(f"/g/bar/favors/{disputed.id}")
        assert "No organiser is free to decide, so the site’s administrator does." in page.main()
    assert reader.as_(cleo).visit(f"/g/bar/favors/{disputed.id}").status == 404


def test_the_organiser_reads_that_somebody_else_decides_and_nothing_of_it(reader, disputed, olga):
    page = reader.as_(olga).visit("/g/bar/desk")

    assert "There is a declared tie between you and Ada Farouk." in page.main()
    assert "The site’s administrator decides." in page.main()
    assert "escrow" not in page.main()


def test_what_was_not_handed_over_is_not_there(session, as_rosa, olga, ada, ben, favor):
    favors.deliver(favor.id, by=ada, at=NOON)
    disputes.dispute(favor.id, by=ben, why="It was another day.", at=NOON)

    assert as_rosa.visit(f"{DESK}/disputes/{favor.id}").status == 404
    assert "No case waits for you." in as_rosa.visit(DESK).main()
    assert session.scalar(select(type(favor).handed_at)) is None
