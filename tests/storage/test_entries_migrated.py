"""What pages read of a log, and what is searched, is made again when the database comes up to date."""

from pathlib import Path

import pytest
from sqlalchemy import text

from exchange import create_app, log
from exchange.config import from_environment
from exchange.digest.issue import due
from exchange.domain import corrections, disputes, favors, groups, leaving, posts, redaction, unasked
from exchange.storage import migrate
from exchange.storage.db import db
from exchange.storage.digest import IssueState
from exchange.storage.membership import Role
from tests.builders import answered, favors_of, index_of, needed, offered
from tests.databases import fresh
from tests.digest.issues import DAY, MONDAY, became, issue
from tests.domain.conftest import kept, written_anew
from tests.people import NOON, founded, joined


@pytest.fixture
def house(database_kind: str, tmp_path: Path, worker_id: str):
    """A database of its own, up to date, with the application on it."""
    with fresh(database_kind, tmp_path, f"entries_{worker_id}", migrated=True) as url:
        env = {"EXCHANGE_DATABASE_URL": url, "EXCHANGE_INSTANCE_PATH": str(tmp_path), "PATH": "/usr/bin:/bin"}
        app = create_app(from_environment(env))
        with app.app_context():
            yield app
            db.session.remove()
            db.engine.dispose()


def everything_happens(session):
    """One entry of each kind, with some of it gone again. Returns the group's id."""
    group = founded(session, "bar", "Bar", "olga@bar.example")
    people = {name: joined(session, group, name) for name in ("Ada Farouk", "Ben Castellanos", "Cleo Marchetti")}
    ada, ben, cleo = people.values()
    olga, otto = (joined(session, group, name, role=Role.ORGANISER) for name in ("Olga Petrenko", "Otto Brandt"))
    told = [
        unasked.helped_by(ada.number, by=ben, category="advice", title=f"Hour {hour}", at=NOON) for hour in range(3)
    ]
    unasked.helped_by(cleo.number, by=ben, category="advice", title="An hour", at=NOON, withheld=True)
    proposed = corrections.propose(told[0].id, by=ada, why="It was two hours.", at=NOON)
    corrections.agree(proposed.id, by=ben, at=NOON)
    corrections.correct(told[1].id, by=olga, why="It was entered twice.", at=NOON)
    redaction.take_out(index_of(told[2]), by=olga, why="It names a client.", at=NOON)
    groups.switch(group.categories[0].id, by=olga, at=NOON)
    post = offered(cleo, event_at=None, category="advice")
    answered(post, ben)
    (favor,) = favors_of(session, post)
    favors.deliver(favor.id, by=cleo, at=NOON)
    disputes.dispute(favor.id, by=ben, why="I was ill.", at=NOON)
    disputes.settle(favor.id, by=otto, happened=False, why="She was ill.", at=NOON)
    leaving.erase(ada.id, at=NOON)
    session.commit()
    return group.id


def shown(session, group_id):
    """Every line as others see it. Who made a correction with somebody forgotten is told by no opening any more."""
    return [
        (entry.index, entry.kind, entry.day, entry.what, entry.of, entry.redacted_by, entry.told)
        for entry in log.entries(session, group_id)
    ]


def test_the_lines_of_every_kind_come_back(house):
    session = db.session()
    group_id = everything_happens(session)
    before = shown(session, group_id)
    assert {line[1] for line in before} == {"favor", "correction", "role", "setting", "decision", "redact", "erase"}
    assert log.compare(session, group_id).differences == []
    db.session.remove()
    for to in ("0003", migrate.newest()):
        (migrate.downgrade if to == "0003" else migrate.upgrade)(db.engine, to)

    session = db.session()
    after = shown(session, group_id)
    assert after == before
    assert log.compare(session, group_id).differences == []


def test_what_is_searched_is_filled_with_what_was_there(house):
    session = db.session()
    everything_happens(session)
    before = kept(session)
    assert all(before.values())
    assert before == written_anew(session)
    db.session.remove()
    for to in ("0012", migrate.newest()):
        (migrate.downgrade if to == "0012" else migrate.upgrade)(db.engine, to)

    assert kept(db.session()) == before


def test_what_a_letter_showed_of_posts_that_wait_comes_along_both_ways(house):
    session = db.session()
    group = founded(session, "bar", "Bar", "olga@bar.example")
    ada, ben = joined(session, group, "Ada Farouk"), joined(session, group, "Ben Castellanos")
    posted = (needed(ada, title=title, at=MONDAY - DAY, closes_at=MONDAY + DAY) for title in ("A", "B", "C"))
    first, second, over = (post.id for post in posted)
    due(at=MONDAY)
    became(session, issue(session, ben), IssueState.SENT, shown=[second, first, over])
    session.commit()
    posts.withdraw(over, by=ada, at=MONDAY)
    letter = issue(session, ben).id
    db.session.remove()

    migrate.downgrade(db.engine, "0021")
    with db.engine.connect() as connection:
        rows = connection.execute(text("SELECT issue_id, post_id FROM digest_shown ORDER BY post_id")).all()
    assert rows == [(letter, first), (letter, second)]

    migrate.upgrade(db.engine, migrate.newest())
    assert issue(db.session(), ben).shown == [first, second]
