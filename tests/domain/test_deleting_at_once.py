"""Two organisers agree at once, and whoever takes the rows out is killed. Real processes, the real database."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from exchange import create_app
from exchange.config import from_environment
from exchange.domain import archiving, clearing, deleting
from exchange.domain.deleting import WAITS
from exchange.storage import migrate
from exchange.storage.db import db
from exchange.storage.deletion import DeletedGroup
from exchange.storage.group import Group
from exchange.storage.letter import Letter
from exchange.storage.membership import Role
from tests.builders import needed
from tests.databases import fresh
from tests.people import founded, joined

RACER = """
import sys, time
from datetime import UTC, datetime
from exchange import create_app
from exchange.domain import deleting
from exchange.domain.errors import Refusal
from exchange.storage.db import db
from exchange.storage.membership import Membership

app = create_app()
with app.app_context():
    by = db.session.get_one(Membership, int(sys.argv[1]))
    db.session.commit()
    time.sleep(max(0, float(sys.argv[2]) - time.time()))
    settings = app.extensions["settings"]
    try:
        deleting.agree(by.group_id, by=by, name="Bar", settings=settings, at=datetime.now(UTC))
        print("done")
    except Refusal as refusal:
        print(f"refused {refusal.status}: {refusal}")
"""
# One row at a time, slowly, so that a kill falls between two of them or into the middle of one.
CLEARER = """
import sys, time
from exchange import create_app
from exchange.domain import clearing

clearing.AT_ONCE = 1
with create_app().app_context():
    while clearing.step(int(sys.argv[1])):
        print("one", flush=True)
"""


@pytest.fixture
def env(database_kind: str, tmp_path: Path, worker_id: str):
    """A database of its own that other processes can open, and the environment that leads them to it."""
    with fresh(database_kind, tmp_path, f"deleting_{worker_id}") as url:
        env = {"EXCHANGE_DATABASE_URL": url, "EXCHANGE_INSTANCE_PATH": str(tmp_path), "PATH": "/usr/bin:/bin"}
        app = create_app(from_environment(env))
        with app.app_context():
            migrate.upgrade(db.engine)
            yield env
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def organisers(env):
    """Three of them; the first has proposed a week ago to delete the group."""
    session, begun = db.session(), datetime.now(UTC) - WAITS - timedelta(hours=1)
    group = founded(session, "bar", "Bar", "olga@bar.example")
    names = ("Olga Petrenko", "Orla Byrne", "Otto Brandt")
    olga, *others = [joined(session, group, name, role=Role.ORGANISER) for name in names]
    needed(joined(session, group, "Ada Farouk"))
    archiving.archive(by=olga, at=begun)
    deleting.propose(by=olga, name="Bar", at=begun)
    return others


def test_two_agree_at_once_and_one_of_them_is_told_so(env, organisers):
    begin = str(datetime.now(UTC).timestamp() + 6)
    running = [
        subprocess.Popen([sys.executable, "-c", RACER, str(one.id), begin], env=env, stdout=subprocess.PIPE, text=True)
        for one in organisers
    ]
    said = sorted(process.communicate(timeout=120)[0].strip() for process in running)

    assert said == ["done", "refused 409: This group was deleted a moment before."]
    db.session.rollback()  # what it saw before is old
    assert db.session.scalars(select(DeletedGroup.slug)).all() == ["bar"]
    told = db.session.scalars(select(Letter.email).filter_by(kind="group_deleted")).all()
    assert len(told) == len(set(told)) == 4


def test_who_takes_the_rows_out_is_killed_and_another_one_goes_on(env, organisers):
    app, group_id = create_app(from_environment(env)), organisers[0].group_id
    settings = app.extensions["settings"]
    deleting.agree(group_id, by=organisers[0], name="Bar", settings=settings, at=datetime.now(UTC))
    every = clearing.rows(group_id)
    db.session.commit()
    for _life in range(2):
        with subprocess.Popen(
            [sys.executable, "-c", CLEARER, str(group_id)], env=env, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            for _step in range(7):
                assert process.stdout.readline() == "one\n"
            os.kill(process.pid, signal.SIGKILL)
    left = clearing.rows(group_id)
    assert 0 < left < every
    db.session.commit()

    assert not clearing.due(at=datetime.now(UTC))
    assert clearing.rows(group_id) == 0
    assert db.session.scalars(select(Group.slug)).all() == []
