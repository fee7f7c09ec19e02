"""How many statements a page asks the database: so many, and not one for each line of it."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from exchange.domain import entries, favors, unasked
from exchange.storage.db import db
from tests.builders import answered, needed, offered
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
