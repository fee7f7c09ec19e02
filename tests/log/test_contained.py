"""Entries with their proofs, and with the openings that one reader may have."""

from pathlib import Path

import pytest

from exchange.config import Settings
from exchange.domain import unasked
from exchange.log import signing
from exchange.log.contained import contained, taken_out
from exchange.log.nodes import TornTree
from exchange.log.receipt import checked
from tests.log.growing import bare, grown, plain, tampered
from tests.people import NOON

TITLE = "An hour on the escrow clause"


@pytest.fixture
def sign(settings: Settings, tmp_path: Path):
    """`sign(group_id)` is the newest checkpoint."""
    return lambda group_id: signing.checkpoint(group_id, key=settings.log_key, folder=tmp_path, at=NOON)


@pytest.fixture
def read(session, group, sign):
    """`read(index, ada)` is an entry as Ada may have it, `read(index)` as nobody in particular."""

    def one(index, member=None):
        reader_id = member.id if member else None
        return contained(session, group.id, [index], note=sign(group.id), reader_id=reader_id)[0]

    return one


def test_the_steps_lead_from_each_entry_to_the_whole_without_a_gap(session, sign):
    group_id = bare(session).id
    for _ in range(40):
        size = grown(session, group_id, plain(1)).size
        note = sign(group_id)
        for one in contained(session, group_id, range(size), note=note, reader_id=None):
            low = high = one.index
            for step in one.steps:
                assert (step.last + 1 == low) if step.before else (step.first == high + 1)
                low, high = min(low, step.first), max(high, step.last)
                assert (step.low, step.high) == (low, high)
            assert (low, high) == (0, size - 1)
            assert one.is_contained
            if one.steps:
                assert one.steps[-1].gives == one.checkpoint.root


def test_more_entries_than_go_into_one_query_come_in_the_order_asked_for(session, sign):
    group_id = bare(session).id
    size = grown(session, group_id, plain(260)).size
    wanted = list(reversed(range(size)))
    found = contained(session, group_id, wanted, note=sign(group_id), reader_id=None)

    assert [one.index for one in found] == wanted
    assert all(one.is_contained for one in found)
    assert contained(session, group_id, [], note=sign(group_id), reader_id=None) == []


def test_a_receipt_of_it_holds(session, group, settings, read, ada, ben):
    favor = unasked.helped_by(ada.number, by=ben, category="advice", title=TITLE, at=NOON)
    text = read(favor.entry, ben).receipt.text()

    assert checked(text, signing.vkey(session, group.id, key=settings.log_key)).told["what"] == TITLE


def test_what_is_withheld_only_those_have_whom_it_is_about(read, ada, ben, cleo, olga):
    favor = unasked.helped_by(ada.number, by=ben, category="advice", title=TITLE, at=NOON, withheld=True)
    every = {"from", "how", "kind", "tie", "to", "what"}

    for member in (ada, ben):
        assert set(read(favor.entry, member).openings) == every
    for other in (cleo, olga, None):
        assert set(read(favor.entry, other).openings) == {"how", "kind"}


def test_so_it_is_with_the_correction_of_it(read, ada, ben, cleo):
    favor = unasked.helped_by(ada.number, by=ben, category="advice", title=TITLE, at=NOON, withheld=True)
    voided = unasked.not_me(favor.id, by=ada, at=NOON)

    for member in (ada, ben):
        assert set(read(voided.voided_by, member).openings) == {"by", "why"}
    assert read(voided.voided_by, cleo).openings == {}


def test_bytes_that_do_not_have_the_hash_that_is_stored_are_not_contained(session, read, ada, ben):
    favor = unasked.helped_by(ada.number, by=ben, category="advice", title=TITLE, at=NOON)
    assert read(favor.entry).is_contained
    tampered(session, "log_leaf", "UPDATE log_leaf SET hash = (SELECT hash FROM log_leaf WHERE idx = 0) WHERE idx = 2")
    assert favor.entry == 2

    assert not read(favor.entry).is_contained


def test_an_opening_of_another_entry_does_not_fit(session, read, ada, ben):
    first, second = (
        unasked.helped_by(ada.number, by=ben, category="advice", title=title, at=NOON) for title in (TITLE, "A brief")
    )
    assert (first.entry, read(first.entry).misfits) == (2, [])
    exchanged = """
        UPDATE log_opening SET disclosure = (SELECT disclosure FROM log_opening WHERE idx = 3 AND field = 'what')
        WHERE idx = 2 AND field = 'what'
    """
    tampered(session, "log_opening", exchanged)

    assert read(first.entry).misfits == ["what"]
    assert read(second.entry).misfits == []


def test_a_note_of_no_log_of_the_group_or_over_fewer_entries_is_refused(session, group, sign, ada, sam):
    with pytest.raises(ValueError, match="has no log"):
        contained(session, group.id, [0], note=sign(sam.group_id), reader_id=None)
    with pytest.raises(ValueError, match="has no entry"):
        contained(session, group.id, [99], note=sign(group.id), reader_id=None)


def test_a_log_without_what_a_proof_is_made_of_says_so(session, sign):
    group_id = bare(session).id
    grown(session, group_id, plain(6))
    note = sign(group_id)
    tampered(session, "log_node", "DELETE FROM log_node WHERE level = 1")

    with pytest.raises(TornTree):
        contained(session, group_id, [6], note=note, reader_id=None)


def test_nobody_asked_for_anything_that_is_gone(session, group):
    assert taken_out(session, group.id, []) == {}
    assert taken_out(session, group.id, [(0, "what")]) == {}
