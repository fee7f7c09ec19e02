"""Fixtures: each test runs in a transaction on the real database that is rolled back afterwards."""

import base64
import gc
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from jinja2 import FileSystemBytecodeCache, Undefined
from jinja2.utils import missing
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.orm import Session

from exchange import create_app
from exchange.cli.demo.make import SIGN_IN, SLUG, make
from exchange.config import Settings
from exchange.domain import groups
from exchange.storage.db import db
from exchange.storage.favor import Favor, FavorState
from exchange.storage.group import Category, Group
from exchange.storage.membership import Membership, Role
from tests.databases import fresh
from tests.people import HOST, NOON, Clock, founded, joined
from tests.web.reader import Reader

# What takes longest begins first: while it runs, another process does the rest.
LONGEST = ("tests/kill/", "tests/web/test_withheld.py", "tests/web/test_fuzz.py", "tests/domain/test_machine.py")
SWEPT_AFTER = 20
_RAN = count(1)
SHARED = Path(__file__).resolve().parent.parent.parent / "shared"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=("sqlite", "postgres"), default="sqlite")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What never opens a database, or says that it looks at something else, runs once, with those on SQLite."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))
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


def pytest_collection_finish(session: pytest.Session) -> None:
    """What is there by now stays until the end: nobody need look through it for garbage again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000)


@pytest.fixture(scope="session", autouse=True)
def compiled_templates(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> None:
    """Every application in every process of one run finds the templates that another has compiled."""
    own = tmp_path_factory.getbasetemp()
    folder = (own if worker_id == "master" else own.parent) / "templates"
    folder.mkdir(exist_ok=True)
    Flask.jinja_options = {"bytecode_cache": FileSystemBytecodeCache(str(folder))}


@pytest.fixture(scope="session")
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.config.getoption("--database"))


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory, database_kind: str, worker_id: str) -> Iterator[Settings]:
    folder = tmp_path_factory.mktemp("instance")
    with fresh(database_kind, folder, f"exchange_{worker_id}", migrated=True) as url:
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


class Misspelt(Undefined):
    """What a template asks an object of ours for, and it has not: on a page that would be silently nothing."""

    def __init__(self, hint: str | None = None, obj: Any = missing, name: str | None = None, *more: Any) -> None:
        super().__init__(hint, obj, name, *more)
        assert type(obj).__module__.partition(".")[0] != "exchange", f"{type(obj).__name__} has no {name}"


@pytest.fixture(scope="session")
def house(settings: Settings) -> Iterator[Flask]:
    """The application on a migrated database, made once."""
    app = create_app(settings, clock=Clock())
    app.testing = True
    app.jinja_env.undefined = Misspelt
    # What a password costs a thief is tests/web/test_sessions.py's business; here it would cost a quarter of a second.
    app.extensions["security"].pwd_context.update(argon2__rounds=1, argon2__memory_cost=8, argon2__parallelism=1)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@contextmanager
def _standing_on(ground: Engine | Connection) -> Iterator[None]:
    """The session works on this, and not on the database of the settings."""
    engines: Any = db.engines
    before = engines[None]
    engines[None] = ground
    try:
        yield
    finally:
        db.session.remove()
        engines[None] = before


def _fill_with_the_demo() -> None:
    make(at=NOON, host=HOST, passwords=dict.fromkeys(SIGN_IN, "a long and quiet river"))


def _fill_with_a_group() -> None:
    founded(db.session(), "bar", "Harbor County Bar, Business Law", "olga@bar.example")


# What would be made again for each test that asks for it: databases that begin with it, each made when first asked for.
BEGINNINGS = {"with_the_demo": _fill_with_the_demo, "with_a_group": _fill_with_a_group}


@pytest.fixture(scope="session")
def beginning(
    house: Flask, tmp_path_factory: pytest.TempPathFactory, database_kind: str, worker_id: str
) -> Iterator[Callable[[str], Engine]]:
    """The database in which there is from the beginning what a name in BEGINNINGS says."""
    engines: dict[str, Engine] = {}
    with ExitStack() as open_ones:

        def begun(name: str) -> Engine:
            if name not in engines:
                folder = tmp_path_factory.mktemp(name)
                url = open_ones.enter_context(fresh(database_kind, folder, f"{name}_{worker_id}", migrated=True))
                engines[name] = create_engine(url)
                open_ones.callback(engines[name].dispose)
                with house.app_context(), _standing_on(engines[name]):
                    BEGINNINGS[name]()
                    db.session.commit()
            return engines[name]

        yield begun


@pytest.fixture
def app(request: pytest.FixtureRequest, house: Flask, beginning: Callable[[str], Engine]) -> Iterator[Flask]:
    """The application inside a transaction that is rolled back; commits of verbs become savepoints."""
    house.extensions["clock"].at = NOON
    house.extensions["limits"].reset()
    shutil.rmtree(house.extensions["settings"].checkpoints, ignore_errors=True)  # no rollback takes files back
    with house.app_context():
        asked = next((name for name in BEGINNINGS if name in request.fixturenames), "")
        engine = beginning(asked) if asked else db.engine
        with engine.connect().execution_options(sqlite_begin="IMMEDIATE") as connection:
            outer = connection.begin()
            db.session.configure(join_transaction_mode="create_savepoint")
            try:
                with _standing_on(connection):
                    yield house
            finally:
                outer.rollback()
        if next(_RAN) % SWEPT_AFTER == 0:
            _sweep(engine)


def _sweep(engine: Engine) -> None:
    """PostgreSQL keeps what was rolled back until it is swept out, and looks through it meanwhile."""
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM"))


@pytest.fixture
def clock(app: Flask) -> Clock:
    found: Clock = app.extensions["clock"]
    return found


@pytest.fixture
def session(app: Flask) -> Session:
    return db.session()


@pytest.fixture
def with_the_demo() -> None:
    """Whoever asks for this, by whatever way, has a database that begins with the demo, and nothing else."""


@pytest.fixture
def with_a_group() -> None:
    """The same with one group."""


@pytest.fixture
def demo(with_the_demo: None, session: Session) -> Group:
    """The group of the demo, as it is at noon."""
    return groups.named(SLUG)


@pytest.fixture
def group(with_a_group: None, session: Session) -> Group:
    return groups.named("bar")


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
