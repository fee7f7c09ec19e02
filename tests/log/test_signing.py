"""A checkpoint is signed once for each size, kept before anybody sees it, and never over a database set back."""

import errno
import os
import stat
import threading
from base64 import b64encode
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select

from exchange.log import kept, signing
from exchange.log.append import head_of
from exchange.log.checkpoint import read
from exchange.log.kept import BehindItsCheckpoint, NotSigned, UnreadableCheckpoint
from exchange.log.keys import signer
from exchange.log.tree import root
from exchange.storage.db import db
from exchange.storage.entry import LogCheckpoint
from tests.log.growing import bare, grown, leaf_hashes, plain, set_back, statements, tampered
from tests.people import NOON

KEY = b"a key that nobody else has, 32 b"


@pytest.fixture
def group_id(session):
    return bare(session).id


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "instance" / "checkpoints"


@pytest.fixture
def sign(group_id, folder):
    """Ask for the checkpoint of the group's log."""

    def ask(folder=folder, key=KEY):
        return signing.checkpoint(group_id, key=key, folder=folder, at=NOON)

    return ask


@pytest.fixture
def path(session, group_id, folder):
    return kept.path_of(folder, head_of(session, group_id).origin)


def test_it_states_size_and_root_under_the_logs_own_key(session, group_id, sign):
    head = grown(session, group_id, plain(12))
    stated = read(sign(), signing.vkey(session, group_id, key=KEY))

    assert (stated.origin, stated.size, stated.root) == (head.origin, 13, root(leaf_hashes(session, head.log_id)))


def test_it_stays_the_same_until_the_log_grows(session, group_id, sign):
    first = sign()
    assert sign() == first == signing.stored(session, group_id, 1)

    grown(session, group_id, plain(1))
    assert sign() != first
    assert signing.stored(session, group_id, 1) == first
    assert signing.stored(session, group_id, 3) is None
    assert session.scalar(select(func.count()).select_from(LogCheckpoint)) == 2


def test_asking_again_takes_one_query_and_no_lock(session, sign):
    sign()
    with statements(session) as said:
        sign()

    assert [statement.split()[0] for statement in said] == ["SELECT"]
    assert not any("FOR UPDATE" in statement for statement in said)


def test_it_is_kept_beside_the_database_for_its_owner_only(sign, folder, path):
    note = sign()

    assert path.read_text() == note
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert sorted(one.suffix for one in folder.iterdir()) == [".checkpoint", ".lock"]


def test_two_origins_never_share_a_file(folder):
    origins = ["a.example/g/1", "a.example/g-1", "a.example_g_1", "a.example:80/g/1", "a.example%2Fg%2F1", "../g/1"]

    paths = {kept.path_of(folder, origin) for origin in origins}
    assert len(paths) == len(origins)
    assert {path.resolve().parent for path in paths} == {folder}


def test_every_step_is_on_the_disk_before_the_note_is_handed_out(session, group_id, sign, path, monkeypatch):
    order = []
    fsync, replace = os.fsync, Path.replace

    def noted_fsync(handle):
        order.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "draft")
        assert signing.stored(session, group_id, 1) is not None, "it is committed by then"
        fsync(handle)

    def noted_replace(draft, target):
        order.append("name")
        return replace(draft, target)

    path.parent.mkdir(parents=True)
    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    sign()

    assert order == ["draft", "name", "folder"]


def test_one_at_a_time_signs_with_a_folder(folder):
    order, origin = [], "exchange.example/g/1"

    def other():
        with kept.locked(folder, origin):
            order.append("other")

    waiting = threading.Thread(target=other)
    with kept.locked(folder, origin):
        waiting.start()
        with kept.locked(folder, "exchange.example/g/2"):
            waiting.join(0.1)
            order.append("first")
    waiting.join()

    assert order == ["first", "other"]


def test_what_is_kept_is_read_and_written_under_the_lock(sign, monkeypatch):
    order, locked = [], kept.locked

    @contextmanager
    def noted(*given):
        with locked(*given):
            order.append("locked")
            yield
            order.append("released")

    monkeypatch.setattr(kept, "locked", noted)
    monkeypatch.setattr(kept, "keep", lambda *_: order.append("kept"))
    sign()

    assert order == ["locked", "kept", "released"]


@pytest.mark.parametrize("failing", [(os, "fsync"), (Path, "replace"), (os, "fdopen")])
def test_what_cannot_be_kept_is_not_given_out_and_later_it_is_the_same_note(sign, path, monkeypatch, failing):
    def full(*_arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    path.parent.mkdir(parents=True)
    with monkeypatch.context() as broken:
        broken.setattr(*failing, full)
        for _ in range(2):
            with pytest.raises(NotSigned, match=r"cannot be kept in .*: No space left on device"):
                sign()
        assert not path.exists()

    assert sign() == path.read_text()


def test_a_folder_that_cannot_be_made_is_a_sentence(sign, tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(NotSigned, match="let the server write to that folder"):
        sign(folder=tmp_path / "file" / "checkpoints")


def test_a_database_that_was_set_back_is_refused_with_the_way_out(session, group_id, sign, path):
    sign()
    with set_back() as later:
        grown(later, group_id, plain(4))
        note = sign()

    for _ in range(2):
        with pytest.raises(BehindItsCheckpoint) as refused:
            sign()
    assert str(refused.value) == (
        f"log: the checkpoint kept in {path} was signed over 5 entries, and the database holds 1: "
        "it was set back to an older state. Restore the newer backup, or run: exchange log renew log"
    )
    assert path.read_text() == note


@pytest.mark.parametrize("entries", [4, 9], ids=["as many", "more"])
def test_a_database_that_went_another_way_since_then_is_refused(group_id, sign, folder, entries):
    with set_back() as later:
        grown(later, group_id, plain(4))
        sign()
    grown(db.session(), group_id, plain(entries, word="other"))

    with pytest.raises(BehindItsCheckpoint, match="signed over 5 entries, and the first 5 in the database are not the"):
        sign()
    with pytest.raises(BehindItsCheckpoint, match="signed over 5 entries"):
        signing.agreeing(db.session(), group_id, key=KEY, folder=folder)


def test_the_same_entries_again_are_good(group_id, sign):
    with set_back() as later:
        grown(later, group_id, plain(4))
        note = sign()
    grown(db.session(), group_id, plain(4))

    assert sign() == note


def test_two_servers_with_folders_of_their_own_give_the_same_note(session, group_id, sign, tmp_path):
    grown(session, group_id, plain(4))
    one, other = tmp_path / "one", tmp_path / "other"

    assert sign(folder=one) == sign(folder=other)
    grown(session, group_id, plain(4))
    assert sign(folder=other) == sign(folder=one)
    with set_back() as later:
        grown(later, group_id, plain(1))
        sign(folder=one)
        sign(folder=other)
    for folder in (one, other):
        with pytest.raises(BehindItsCheckpoint):
            sign(folder=folder)


def test_a_server_without_the_file_begins_to_keep_it(session, group_id, sign, path):
    grown(session, group_id, plain(4))
    note = sign()
    path.unlink()

    assert sign() == note == path.read_text()


def damaged(name, note, origin):
    """The note as it should not be."""
    stranger = "stranger.example/g/1"
    foreign = note.replace(origin, stranger)
    other_root = b64encode(bytes(32)).decode()
    return {
        "empty line": b"\n",
        "garbage": os.urandom(200),
        "cut off": note.encode()[:-30],
        "another root": note.replace(note.splitlines()[2], other_root).encode(),
        "another size": note.replace("\n5\n", "\n3\n").encode(),
        "another log": foreign.encode(),
    }[name]


@pytest.mark.parametrize("name", ["empty line", "garbage", "cut off", "another root", "another size", "another log"])
def test_what_is_kept_and_damaged_or_foreign_is_refused(session, group_id, sign, path, name):
    head = grown(session, group_id, plain(4))
    path.write_bytes(damaged(name, sign(), head.origin))

    with pytest.raises(UnreadableCheckpoint, match=r"kept in .* is damaged"):
        sign()
    with pytest.raises(UnreadableCheckpoint):
        signing.agreeing(session, group_id, key=KEY, folder=path.parent)


def test_the_note_of_another_group_of_the_same_house_is_refused(session, group_id, sign, path, folder):
    other = bare(session, slug="other")
    foreign = signing.checkpoint(other.id, key=KEY, folder=folder, at=NOON)
    path.write_text(foreign)

    with pytest.raises(UnreadableCheckpoint, match="None of the known keys has signed this note"):
        sign()


def test_another_key_is_refused_with_the_way_out(session, group_id, sign, path):
    sign()
    said = "Put back the file and EXCHANGE_LOG_KEY as they were, or run: exchange log renew log"
    with pytest.raises(UnreadableCheckpoint, match=said):
        sign(key=bytes(32))

    path.unlink()
    with pytest.raises(UnreadableCheckpoint, match="in the database is damaged, or was not signed with the key"):
        sign(key=bytes(32))


@pytest.mark.parametrize(
    ("table", "change", "sentence"),
    [
        ("log_head", "UPDATE log_head SET frontier = (SELECT hash FROM log_leaf WHERE idx = 2)", "does not go with"),
        ("log_head", "UPDATE log_head SET size = 8", "lacks: 1"),
        ("log_head", "UPDATE log_head SET size = 3", "does not have these 1 hashes as its frontier"),
        ("log_node", "DELETE FROM log_node WHERE level = 2", "lacks: 1"),
    ],
)
def test_a_damaged_tree_is_not_signed(session, group_id, sign, table, change, sentence):
    grown(session, group_id, plain(3))
    tampered(session, table, change)
    session.commit()

    with pytest.raises(NotSigned, match=sentence):
        sign()


def test_looking_whether_it_agrees_signs_nothing(session, group_id, sign, folder):
    assert signing.agreeing(session, group_id, key=KEY, folder=folder) is None
    assert session.scalar(select(func.count()).select_from(LogCheckpoint)) == 0

    sign()
    grown(session, group_id, plain(4))
    agreed = signing.agreeing(session, group_id, key=KEY, folder=folder)
    assert agreed is not None
    assert agreed.size == 1


def test_each_log_has_a_key_of_its_own(session, group_id):
    other_id = bare(session, slug="other").id
    own, other = (signing.vkey(session, one, key=KEY) for one in (group_id, other_id))

    assert own == signer(KEY, head_of(session, group_id).origin).vkey
    assert own.rpartition("+")[2] != other.rpartition("+")[2]
