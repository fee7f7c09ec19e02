"""Fixtures: each test runs in a transaction on the real database that is rolled back afterwards."""

import base64
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from exchange import create_app
from exchange.config import Settings
from exchange.storage import migrate
from exchange.storage.db import db
from exchange.storage.favor import Favor, FavorState
from exchange.storage.group import Category, Group
from exchange.storage.membership import Membership, Role
from tests.databases import fresh
from tests.people import NOON, Clock, founded, joined
from tests.web.reader import Reader

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=("sqlite", "postgres"), default="sqlite")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What never opens a database, or says that it looks at something else, runs once, with those on SQLite."""
    if config.getoption("--database") != "postgres":
        return
    once = [
        item
        for item in items
        if "database_kind" not in getattr(item, "fixturenames", ()) or item.get_closest_marker("once")
    ]
    config.hook.pytest_deselected(items=once)
    left_out = set(once)
    items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.config.getoption("--database"))


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory, database_kind: str, worker_id: str) -> Iterator[Settings]:
    folder = tmp_path_factory.mktemp("instance")
    with fresh(database_kind, folder, f"exchange_{worker_id}") as url:
        yield Settings(
            production=False,
            secret_key="a secret that only the tests know, long enough",
            database_url=url,
            queue_url=f"sqlite:///{folder / 'queue.sqlite'}",
            smtp_url="",
            base_url="http://exchange.example",
            log_key=base64.b64encode(b"0" * 24),
            instance=folder,
        )


@pytest.fixture(scope="session")
def house(settings: Settings) -> Iterator[Flask]:
    """The application on a migrated database, made once."""
    engine = create_engine(settings.database_url)
    migrate.upgrade(engine)
    engine.dispose()
    app = create_app(settings, clock=Clock())
    app.testing = True
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def app(house: Flask) -> Iterator[Flask]:
    """The application inside a transaction that is rolled back; commits of verbs become savepoints."""
    house.extensions["clock"].at = NOON
    house.extensions["limits"].reset()
    with house.app_context():
        engine = db.engine
        with engine.connect().execution_options(sqlite_begin="IMMEDIATE") as connection:
            outer = connection.begin()
            engines: Any = db.engines
            engines[None] = connection
            db.session.configure(join_transaction_mode="create_savepoint")
            try:
                yield house
            finally:
                db.session.remove()
                engines[None] = engine
                outer.rollback()


@pytest.fixture
def clock(app: Flask) -> Clock:
    found: Clock = app.extensions["clock"]
    return found


@pytest.fixture
def session(app: Flask) -> Session:
    return db.session()


@pytest.fixture
def group(session: Session) -> Group:
    return founded(session, "bar", "Harbor County Bar, Business Law", "olga@bar.example")


@pytest.fixture
def olga(session: Session, group: Group) -> Membership:
    """Organises."""
    return joined(session, group, "Olga Petrenko", role=Role.ORGANISER)


@pytest.fixture
def ada(session: Session, group: Group) -> Membership:
    """Gives."""
    return joined(session, group, "Ada Farouk")


@pytest.fixture
def ben(session: Session, group: Group) -> Membership:
    """Receives."""
    return joined(session, group, "Ben Castellanos")


@pytest.fixture
def cleo(session: Session, group: Group) -> Membership:
    """A third member, who is party to nothing."""
    return joined(session, group, "Cleo Marchetti")


@pytest.fixture
def sam(session: Session) -> Membership:
    """A stranger: a member of another group."""
    other = founded(session, "med", "Harbor Medical Society", "otto@med.example")
    return joined(session, other, "Sam Oduya", email="sam@med.example")


@pytest.fixture
def favor(session: Session, group: Group, ada: Membership, ben: Membership) -> Favor:
    """Ada has agreed to help Ben."""
    advice = session.query(Category).filter_by(group_id=group.id, slug="advice").one()
    agreed = Favor(
        group_id=group.id,
        giver=ada,
        receiver=ben,
        category=advice,
        title="An hour on the escrow clause",
        state=FavorState.AGREED,
        agreed_at=NOON,
        clock_from=NOON,
    )
    session.add(agreed)
    session.commit()
    return agreed


@pytest.fixture
def runner(app: Flask, session: Session) -> CliRunner:
    """Runs commands inside the test's own transaction."""
    return CliRunner()


@pytest.fixture
def reader(app: Flask) -> Reader:
    """A browser with nobody signed in; `reader.as_(ada)` is one with Ada signed in."""
    return Reader(app)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real data beside the repository, which is never part of it."""
    if not (SHARED / "data").is_dir():
        pytest.skip("../shared/data is not here, so the real data cannot be imported")
    return SHARED / "data"


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In continuous integration a skipped test is an error, except where ../shared is missing."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if not os.environ.get("CI") or reporter is None:
        return
    for report in reporter.stats.get("skipped", []):
        if "../shared" not in str(report.longrepr):
            reporter.write_line(f"Skipped, which is an error here: {report.nodeid}: {report.longrepr}")
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
