"""Two people doing the same thing at once never break a rule: real processes, the real database."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from exchange import create_app, log
from exchange.config import from_environment
from exchange.domain import responses
from exchange.storage.db import db, transaction
from exchange.storage.favor import Favor
from exchange.storage.membership import Membership
from exchange.storage.person import Person
from exchange.storage.post import Post, Response
from tests.builders import offered
from tests.databases import fresh
from tests.people import NOON, founded, joined
from tests.racing import race

RACER = """
from datetime import UTC, datetime
from exchange import create_app
from exchange.domain import favors, responses
from exchange.domain.errors import Refusal
from exchange.storage.db import db
from exchange.storage.membership import Membership

verb, row_id, member_id = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
app = create_app()
with app.app_context():
    by = db.session.get_one(Membership, member_id)
    db.session.commit()
    at_the_same_moment()
    try:
        if verb == "answer":
            responses.answer(row_id, by=by, text="", at=datetime.now(UTC))
        else:
            favors.confirm(row_id, by=by, at=datetime.now(UTC))
        print("done")
    except Refusal as refusal:
        print(f"refused {refusal.status}: {refusal}")
"""


@pytest.fixture
def shared_house(database_kind: str, tmp_path: Path, worker_id: str):
    """A database of its own that other processes can open, and the environment that leads them to it."""
    with fresh(database_kind, tmp_path, f"race_{worker_id}", migrated=True) as url:
        env = {"EXCHANGE_DATABASE_URL": url, "EXCHANGE_INSTANCE_PATH": str(tmp_path), "PATH": "/usr/bin:/bin"}
        app = create_app(from_environment(env))
        with app.app_context():
            yield env
            db.session.remove()
            db.engine.dispose()


def test_the_last_place_is_given_once_to_two_processes_at_the_same_moment(shared_house):
    session = db.session()
    group = founded(session, "bar", "Bar", "olga@bar.example")
    ada, ben, cleo = (joined(session, group, name) for name in ("Ada Farouk", "Ben Castellanos", "Cleo Marchetti"))
    post = golf_place(ada, datetime.now(UTC))
    session.commit()

    assert race(RACER, shared_house, *(["answer", str(post.id), str(one.id)] for one in (ben, cleo))) == [
        "done",
        "refused 409: The last place was given a moment before you asked. Nothing of yours was lost or changed.",
    ]
    session.commit()
    assert len(session.scalars(select(Favor)).all()) == 1
    assert len(session.scalars(select(Response)).all()) == 1


def test_a_favor_is_logged_once_when_it_is_confirmed_twice_at_the_same_moment(shared_house):
    session = db.session()
    group = founded(session, "bar", "Bar", "olga@bar.example")
    ada, ben = (joined(session, group, name) for name in ("Ada Farouk", "Ben Castellanos"))
    responses.answer(golf_place(ada, datetime.now(UTC)).id, by=ben, text="", at=datetime.now(UTC))
    favor = session.scalars(select(Favor)).one()
    session.commit()

    assert race(RACER, shared_house, *[["confirm", str(favor.id), str(ben.id)]] * 2) == [
        "done",
        "refused 409: This favor is already closed.",
    ]
    session.commit()
    assert log.compare(session, group.id).differences == []
    assert log.size(session, group.id) == 3


def test_a_verb_refuses_to_sweep_along_what_was_changed_outside_one(session, ada):
    ada.firm = "Somewhere else"

    with pytest.raises(RuntimeError, match="outside a verb"), transaction():
        pass
    session.rollback()


def test_what_fails_half_way_leaves_nothing_behind(session, group):
    def fail_half_way():
        with transaction() as running:
            running.add(Person(email="new@bar.example", name="New", fs_uniquifier="x", created_at=NOON))
            running.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    assert session.scalar(select(Person).filter_by(email="new@bar.example")) is None


def golf_place(ada: Membership, now: datetime) -> Post:
    return offered(ada, at=now, closes_at=now + timedelta(days=1), event_at=None)
