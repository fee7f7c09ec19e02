"""A log that cannot go on begins anew: with the old checkpoint, all entries under their indexes, and a new key."""

import json

import pytest
from sqlalchemy import func, select

from exchange import log
from exchange.domain import favors, leaving
from exchange.log import kept, nodes, renew, signing
from exchange.log.append import head_of
from exchange.log.checkpoint import read
from exchange.log.kept import BehindItsCheckpoint, NotSigned
from exchange.log.proofs import verify_inclusion
from exchange.log.regrown import torn
from exchange.storage.db import db
from exchange.storage.entry import LogEntry, LogHead, LogLeaf, LogOpening, LogOpeningSubject
from exchange.storage.favor import Favor
from exchange.storage.membership import Membership
from tests.log.growing import grown, plain, set_back, tampered
from tests.log.test_projection import _agreed as agreed
from tests.people import HOST, NOON

KEY = b"a key that nobody else has, 32 b"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "checkpoints"


@pytest.fixture
def sign(group, folder):
    """Ask for the checkpoint of the group's log."""
    group_id = group.id
    return lambda key=KEY: signing.checkpoint(group_id, key=key, folder=folder, at=NOON)


@pytest.fixture
def renewed(group, folder):
    """Begin the group's log anew."""
    group_id = group.id
    return lambda key=KEY: renew.renew(group_id, key=key, folder=folder, host=HOST, at=NOON)


@pytest.fixture
def lived(session, group, ada, ben):
    """Ada has helped Ben twice; returns the id of the log."""
    for _ in range(2):
        favors.confirm(agreed(session, group, ada, ben).id, by=ben, at=NOON)
    return head_of(session, group.id).log_id


def leaves(log_id):
    return list(db.session.scalars(select(LogLeaf.leaf).filter_by(log_id=log_id).order_by(LogLeaf.idx)))


def rows(table, log_id):
    columns = [column for column in table.__table__.c if column.name != "log_id"]
    return sorted(map(str, db.session.execute(select(*columns).where(table.log_id == log_id))))


def test_it_begins_with_the_last_checkpoint_and_goes_on_with_the_same_entries(session, group, lived, sign, renewed):
    prev = sign()
    done = renewed()
    head = head_of(session, group.id)
    old, new = leaves(lived), leaves(head.log_id)

    assert (done.origin, done.entries, done.signed, done.lost) == (head.origin, head.size, head.size, 0)
    assert json.loads(new[0]) == {"k": "genesis", "prev": prev, "v": 1}
    assert new[1:] == old[1:]
    assert torn(session, group.id) == log.compare(session, group.id).differences == []


def test_openings_subjects_and_pages_move_along(session, group, ada, ben, lived, renewed):
    before = [rows(table, lived) for table in (LogOpening, LogOpeningSubject, LogEntry)]
    shown, balance = log.entries(session, group.id), log.balance(session, ada)
    renewed()
    new = head_of(session, group.id).log_id

    assert [rows(table, new) for table in (LogOpening, LogOpeningSubject, LogEntry)] == before
    assert [rows(table, lived) for table in (LogOpening, LogOpeningSubject, LogEntry)] == [[], [], []]
    assert [(entry.index, entry.what) for entry in log.entries(session, group.id)] == [
        (entry.index, entry.what) for entry in shown
    ]
    assert log.balance(session, ada) == balance


def test_it_goes_on_growing_and_its_origin_and_key_are_new(session, group, ada, ben, lived, sign, renewed):
    sign()
    old_vkey = signing.vkey(session, group.id, key=KEY)
    done = renewed()
    size = log.size(session, group.id)
    favors.confirm(agreed(session, group, ada, ben).id, by=ben, at=NOON)

    vkey = signing.vkey(session, group.id, key=KEY)
    assert vkey.split("+")[0] == done.origin != done.ended == old_vkey.split("+")[0]
    assert vkey.rpartition("+")[2] != old_vkey.rpartition("+")[2]
    assert read(done.checkpoint, vkey).size == size
    assert read(sign(), vkey).size == size + 1
    assert log.compare(session, group.id).differences == []


def test_the_old_log_stays_and_an_old_receipt_still_holds(session, group, lived, sign, renewed):
    stated = read(sign(), signing.vkey(session, group.id, key=KEY))
    index = stated.size - 1
    (leaf,) = session.scalars(select(LogLeaf.hash).filter_by(log_id=lived, idx=index))
    proof = nodes.inclusion(session, lived, index, stated.size)
    old = leaves(lived)
    renewed()

    assert leaves(lived) == old
    assert nodes.inclusion(session, lived, index, stated.size) == proof
    assert verify_inclusion(proof, leaf=leaf, index=index, size=stated.size, root=stated.root)
    ended = session.get_one(LogHead, lived)
    assert (ended.size, ended.ended_at) == (stated.size, NOON)


def test_it_is_the_way_out_once_yesterdays_backup_was_restored(group, lived, sign, renewed, folder):
    group_id = group.id
    with set_back() as later:
        grown(later, group_id, plain(5))
        prev = sign()
    with pytest.raises(BehindItsCheckpoint):
        sign()
    done = renewed()

    assert done.lost == 5
    assert json.loads(leaves(head_of(db.session(), group_id).log_id)[0])["prev"] == prev
    assert sign() == done.checkpoint == kept.last(folder, done.origin)
    assert kept.last(folder, done.ended) == prev
    assert torn(db.session(), group_id) == log.compare(db.session(), group_id).differences == []


def test_it_is_the_way_out_once_the_key_is_lost(session, group, lived, sign, renewed):
    prev = sign()
    with pytest.raises(NotSigned):
        sign(key=bytes(32))
    done = renewed(key=bytes(32))

    assert sign(key=bytes(32)) == done.checkpoint
    assert json.loads(leaves(head_of(session, group.id).log_id)[0])["prev"] == prev


@pytest.mark.parametrize("damage", [b"garbage", b"\xff\xfe", b"stranger.example/g/1\n900\n" + b"A" * 43 + b"=\n\n-\n"])
def test_what_is_kept_and_of_no_use_is_left_aside_for_what_is_stored(
    session, group, lived, sign, renewed, folder, damage
):
    prev = sign()
    kept.path_of(folder, head_of(session, group.id).origin).write_bytes(damage)
    done = renewed()

    assert json.loads(leaves(head_of(session, group.id).log_id)[0])["prev"] == prev
    assert sign() == done.checkpoint


def test_a_log_that_was_never_signed_begins_without_one(session, group, lived, renewed):
    assert renewed().signed == 0
    assert json.loads(leaves(head_of(session, group.id).log_id)[0])["prev"] == ""


def test_it_can_be_done_again(session, group, lived, renewed):
    first, second = renewed(), renewed()

    assert second.ended == first.origin
    assert json.loads(leaves(head_of(session, group.id).log_id)[0])["prev"] == first.checkpoint
    ended = select(func.count()).select_from(LogHead).where(LogHead.ended_at.is_not(None))
    assert session.scalar(ended) == 2
    assert torn(session, group.id) == log.compare(session, group.id).differences == []


def test_who_is_forgotten_later_is_forgotten_in_the_old_log_too(session, group, ada, ben, lived, renewed):
    renewed()
    leaving.erase(ada.id, at=NOON)

    assert session.get_one(Membership, ada.id).erased_by_entry is not None
    told = select(func.count()).select_from(LogOpening).where(LogOpening.field.in_(["from", "what"]))
    assert session.scalar(told) == 0
    assert log.compare(session, group.id).differences == []


def test_favors_still_find_their_entries(session, group, lived, renewed):
    renewed()
    new = head_of(session, group.id).log_id

    for favor in session.scalars(select(Favor).where(Favor.entry.is_not(None))):
        assert session.scalars(select(LogEntry.what).filter_by(log_id=new, idx=favor.entry)).one() == favor.title


def test_a_log_with_a_gap_is_refused_and_stays_as_it_is(session, group, lived, renewed):
    before = rows(LogOpening, lived)
    grown(session, group.id, [b"goes missing", b"comes after it"])
    tampered(session, "log_leaf", "DELETE FROM log_leaf WHERE length(leaf) = 12")
    session.commit()

    with pytest.raises(NotSigned, match=r"lacks entries after 0\. Restore a backup that is whole"):
        renewed()
    assert session.scalar(select(func.count()).select_from(LogHead)) == 1
    assert rows(LogOpening, lived) == before
