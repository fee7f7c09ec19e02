"""Two organisers decide at the same moment: one decision, one 409. Real processes, the real database."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from exchange import create_app, log
from exchange.config import from_environment
from exchange.domain.desk import cases
from exchange.storage.db import db
from exchange.storage.desk import Case, Decision, Report
from exchange.storage.membership import Role
from tests.builders import offered
from tests.databases import fresh
from tests.domain.desk.casework import reported, rule_of
from tests.people import founded, joined
from tests.racing import race

RACER = """
from datetime import UTC, datetime
from exchange import create_app
from exchange.domain.desk import decisions, reports
from exchange.domain.errors import Refusal
from exchange.storage.db import db
from exchange.storage.desk import Act, TargetKind
from exchange.storage.membership import Membership

verb, row_id, member_id, rule = sys.argv[1], *map(int, sys.argv[2:5])
app = create_app()
with app.app_context():
    by = db.session.get_one(Membership, member_id)
    db.session.commit()
    at_the_same_moment()
    try:
        if verb == "decide":
            decisions.decide(row_id, Act.HIDE, by=by, rule=rule, why="It is a trade.", at=datetime.now(UTC))
        else:
            reports.report(TargetKind.POST, row_id, by=by, rule=rule, at=datetime.now(UTC))
        print("done")
    except Refusal as refusal:
        print(f"refused {refusal.status}: {refusal}")
"""


@pytest.fixture
def shared_house(database_kind: str, tmp_path: Path, worker_id: str):
    """A database of its own that other processes can open, and the environment that leads them to it."""
    with fresh(database_kind, tmp_path, f"desk_{worker_id}", migrated=True) as url:
        env = {"EXCHANGE_DATABASE_URL": url, "EXCHANGE_INSTANCE_PATH": str(tmp_path), "PATH": "/usr/bin:/bin"}
        app = create_app(from_environment(env))
        with app.app_context():
            yield env
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def people(shared_house):
    """Two organisers, and Ada, Ben and Cleo; Ada has posted."""
    session = db.session()
    group = founded(session, "bar", "Bar", "olga@bar.example")
    olga = joined(session, group, "Olga Petrenko", role=Role.ORGANISER)
    otto = joined(session, group, "Otto Brandt", role=Role.ORGANISER)
    ada, ben, cleo = (joined(session, group, name) for name in ("Ada Farouk", "Ben Castellanos", "Cleo Marchetti"))
    now = datetime.now(UTC)
    post = offered(ada, at=now, closes_at=now + timedelta(days=1), event_at=None)
    session.commit()
    return olga, otto, ben, cleo, post


def test_of_two_decisions_at_the_same_moment_one_is_a_409_that_shows_the_other(shared_house, people):
    session = db.session()
    olga, otto, ben, _cleo, post = people
    case = reported(post, ben, at=datetime.now(UTC))
    rule, ids = rule_of(ben), [olga.id, otto.id]
    session.commit()

    done, refused = race(RACER, shared_house, *(["decide", str(case.id), str(one), str(rule)] for one in ids))
    assert done == "done"
    assert refused.startswith("refused 409: O")
    assert refused.endswith("decided a moment before you: “It is a trade.”")
    session.commit()
    assert session.scalar(select(func.count()).select_from(Decision)) == 1
    assert len(log.entries(session, case.group_id, kinds=["decision"])) == 1


def test_two_reports_at_the_same_moment_are_one_case(shared_house, people):
    session = db.session()
    olga, _otto, ben, cleo, post = people
    rule, ids = rule_of(ben), [ben.id, cleo.id]
    session.commit()

    assert race(RACER, shared_house, *(["report", str(post.id), str(one), str(rule)] for one in ids)) == [
        "done",
        "done",
    ]
    session.commit()
    assert session.scalar(select(func.count()).select_from(Case)) == 1
    assert session.scalar(select(func.count()).select_from(Report)) == 2
    assert len(cases.desk(seen_by=olga, at=datetime.now(UTC)).waiting) == 1
