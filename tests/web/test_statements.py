"""How many statements a page asks the database: so many, and not one for each line of it."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from exchange.domain import corrections, disputes, entries, favors, responses, unasked
from exchange.domain.desk import reports
from exchange.storage.db import db
from exchange.storage.desk import TargetKind
from tests.builders import answered, favors_of, needed, offered
from tests.domain.desk.casework import rule_of
from tests.people import NOON, joined

MOST = 8
PAGES = {
    "board": "",
    "search": "search?q=cargo",
    "search of posts": "search?q=cargo&in=posts",
    "log": "log",
    "member": "members/{other}",
    "one's own page": "members/{me}",
    "group": "numbers",
    "directory": "members/?help=cargo",
    "favors/new": "favors/new",
}


@pytest.fixture
def busy(session, group, ada, ben, cleo, favor):
    """A group in which every page has something to show, and something waits."""
    favors.confirm(favor.id, by=ben, at=NOON, thanks="Cargo at last.")
    for n in range(6):
        member = joined(session, group, f"Member Number {n}", email=f"member{n}@bar.example")
        member.can_help_with = "Cargo"
        session.commit()
        needed(member, title=f"Cargo number {n}", closes_at=NOON + timedelta(days=n + 2))
        offered(member, title=f"A seat in cargo bay {n}", closes_at=NOON + timedelta(days=n + 2), event_at=None)
        unasked.helped_by(ada.number, by=member, category="advice", title=f"Cargo {n}", withheld=n == 3, at=NOON)
    answered(needed(ben), cleo)
    unasked.helped(ben.number, by=cleo, category="advice", title="An hour", at=NOON)


@pytest.fixture
def dora(session, group):
    return joined(session, group, "Dora Quint", email="dora@bar.example")


@pytest.fixture
def asked(app):
    """The statements that something asks."""
    found = []

    def note(_connection, _cursor, statement, *_more):
        if statement.startswith(("SELECT", "WITH", "(SELECT")):
            found.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield found
    event.remove(db.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_asks_at_most_eight_statements(reader, busy, asked, ada, ben, page, monkeypatch):
    monkeypatch.setattr(entries, "PAGE", 6)
    ben_reads = reader.as_(ben)
    path = f"/g/bar/{PAGES[page].format(me=ben.number, other=ada.number)}"
    ben_reads.visit(path)
    asked.clear()
    ben_reads.visit(path)

    assert 0 < len(asked) <= MOST, "\n".join(asked)


@pytest.fixture
def everything_waits(busy, olga, ada, ben, cleo, dora):
    """For a member: to confirm, to say how it went, to choose, to stand by, to agree to, and to extend."""
    unasked.helped(dora.number, by=cleo, category="advice", title="An hour on tax", at=NOON)
    answered(offered(ada, title="A seat on the ferry", event_at=NOON + timedelta(hours=30)), dora)
    answered(needed(dora, title="A room for the seminar"), cleo)
    needed(dora, title="A driver to the seminar", closes_at=NOON + timedelta(hours=25))
    taken = offered(ben, title="A place at the dinner")
    answered(taken, cleo)
    responses.answer(taken.id, by=dora, text="", at=NOON, standing_by=True)
    mistaken = unasked.helped_by(dora.number, by=ben, category="advice", title="An hour on customs", at=NOON)
    corrections.propose(mistaken.id, by=ben, why="It was two hours.", at=NOON)


def test_a_board_on_which_everything_waits_asks_no_more(reader, everything_waits, asked, clock, dora):
    clock.pass_by(hours=12)
    dora_reads = reader.as_(dora)
    dora_reads.visit("/g/bar/")
    asked.clear()
    main = dora_reads.visit("/g/bar/").main()

    waits = (
        "Say that it happened",
        "Choose",
        "Give it another week",
        "Look at it",
        "You stand by",
        "seat on the ferry",
    )
    assert [said for said in waits if said not in main] == []
    assert 0 < len(asked) <= MOST, "\n".join(asked)


def waits_at_the_desk(session, group, number):
    """A dispute and a report, of people whom nothing links to an organiser."""
    one, other, third = (
        joined(session, group, f"{name} {number}", email=f"{name}{number}@x.example") for name in "uvw"
    )
    post = offered(one, title=f"A lift to the ferry, {number}")
    answered(post, other)
    (favor,) = favors_of(session, post)
    favors.deliver(favor.id, by=one, at=NOON)
    disputes.dispute(favor.id, by=other, why="It was another day.", at=NOON)
    again = needed(one, title=f"A quiet room, {number}")
    reports.report(TargetKind.POST, again.id, by=third, rule=rule_of(third), at=NOON)


def test_an_organiser_s_board_asks_no_more_for_more_that_waits_at_the_desk(session, group, reader, asked, olga):
    def statements():
        asked.clear()
        main = reader.as_(olga).visit("/g/bar/").main()
        return main.count("Settle it"), len(asked)

    waits_at_the_desk(session, group, 1)
    statements()
    one, few = statements()
    for number in range(2, 6):
        waits_at_the_desk(session, group, number)

    assert (one, statements()) == (1, (5, few))
