"""Receipts: what one file proves, and every way in which it can prove nothing."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.log.checkpoint import Checkpoint
from exchange.log.leaf import canonical, disclosure, favor_leaf, genesis_leaf
from exchange.log.note import Signer, signed, to_base64
from exchange.log.proofs import inclusion_proof
from exchange.log.receipt import BadReceipt, Receipt, checked, extra_of, parsed
from exchange.log.tree import Frontier, leaf_hash
from tests.people import NOON

SIGNER = Signer("exchange.example/g/bar", sha256(b"not secret").digest())
FAVOR = favor_leaf(
    giver=17, receiver=4, category="advice", title="Señas “y más”", how="receiver", tie=False, counts=True, at=NOON
)
LEAVES = [genesis_leaf().data, *(b'{"n":%d}' % number for number in range(4)), FAVOR.data, b"{}"]
INDEX = LEAVES.index(FAVOR.data)


def noted(leaves, signer=SIGNER):
    """The signed checkpoint of a log of these leaves, and its subtrees by place."""
    hashes = [leaf_hash(leaf) for leaf in leaves]
    frontier = Frontier()
    places = {(node.level, node.index): node.hash for node in frontier.extend(hashes)}
    places |= {(0, index): one for index, one in enumerate(hashes)}
    return signed(Checkpoint(signer.name, len(leaves), frontier.root()).text(), signer), places


def receipt(leaf=FAVOR.data, openings=FAVOR.openings, index=INDEX, leaves=LEAVES):
    note, places = noted(leaves)
    return Receipt(index, inclusion_proof(index, len(leaves), places.__getitem__), note, extra_of(leaf, openings))


def test_a_receipt_proves_its_entry_and_what_its_openings_tell():
    found = checked(receipt().text(), SIGNER.vkey)

    assert (found.index, found.leaf, found.openings) == (5, FAVOR.data, FAVOR.openings)
    assert (found.checkpoint.origin, found.checkpoint.size) == ("exchange.example/g/bar", 7)
    assert found.told == {
        "from": "m17",
        "to": "m4",
        "kind": "advice",
        "what": "Señas “y más”",
        "how": "receiver",
        "tie": 0,
    }


def test_the_file_has_the_form_of_the_specification():
    made = receipt()
    head, index, *rest = made.text().split("\n")[0:1] + made.text().split("\n")[2:]

    assert head == "c2sp.org/tlog-proof@v1"
    assert made.text().split("\n")[1] == f"extra {to_base64(made.extra)}"
    assert index == "index 5"
    assert rest[:4] == [*(to_base64(one) for one in made.proof), ""]
    assert made.text().endswith(f"\n\n{made.checkpoint_note}")


hashes = st.binary(min_size=32, max_size=32)


@settings(deadline=None)
@given(st.integers(0, 2**63 - 1), st.lists(hashes, max_size=63), st.binary(max_size=200))
def test_every_receipt_comes_back(index, proof, extra):
    made = Receipt(index, proof, "example.com/log\n1\nroot\n\n— example.com/log AAAAAAAA\n", extra)

    assert parsed(made.text()) == made


def test_each_form_of_the_file_is_written_and_read():
    one, two = leaf_hash(b"one"), leaf_hash(b"two")
    for made, text in {
        Receipt(5, (one, two), "a note\n"): (
            f"c2sp.org/tlog-proof@v1\nindex 5\n{to_base64(one)}\n{to_base64(two)}\n\na note\n"
        ),
        Receipt(0, (), "a note\n"): "c2sp.org/tlog-proof@v1\nindex 0\n\na note\n",
        Receipt(10, (one,), "a note\n", b"Ada"): (
            f"c2sp.org/tlog-proof@v1\nextra QWRh\nindex 10\n{to_base64(one)}\n\na note\n"
        ),
    }.items():
        assert made.text() == text
        assert replace(parsed(text), proof=tuple(parsed(text).proof)) == made


HASH = to_base64(bytes(32))
EXTRA = to_base64(b"Ada and Ben")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tlog-proof\nindex 0\n\na note\n",
        "c2sp.org/tlog-proof@v2\nindex 0\n\na note\n",
        "c2sp.org/tlog-proof@v1\r\nindex 0\r\n\r\na note\r\n",
        " c2sp.org/tlog-proof@v1\nindex 0\n\na note\n",
        "c2sp.org/tlog-proof@v1\nextra no base64\nindex 0\n\na note\n",
        f"c2sp.org/tlog-proof@v1\nextra {EXTRA[:-1]}\nindex 0\n\na note\n",
        f"c2sp.org/tlog-proof@v1\nextra {EXTRA}\nextra {EXTRA}\nindex 0\n\na note\n",
        f"c2sp.org/tlog-proof@v1\nindex 0\nextra {EXTRA}\n\na note\n",
        "c2sp.org/tlog-proof@v1\n\n\na note\n",
        "c2sp.org/tlog-proof@v1\nindex\n\na note\n",
        "c2sp.org/tlog-proof@v1\nindex five\n\na note\n",
        "c2sp.org/tlog-proof@v1\nindex -5\n\na note\n",
        "c2sp.org/tlog-proof@v1\nindex 05\n\na note\n",
        "c2sp.org/tlog-proof@v1\nindex  5\n\na note\n",
        "c2sp.org/tlog-proof@v1\nIndex 5\n\na note\n",
        "c2sp.org/tlog-proof@v1\nindex 99999999999999999999\n\na note\n",
        "c2sp.org/tlog-proof@v1\nindex 0\nno base64\n\na note\n",
        f"c2sp.org/tlog-proof@v1\nindex 0\n{to_base64(bytes(64))}\n\na note\n",
        f"c2sp.org/tlog-proof@v1\nindex 0\n{HASH} \n\na note\n",
        f"c2sp.org/tlog-proof@v1\nindex 0\n{(HASH + chr(10)) * 64}\na note\n",
        "c2sp.org/tlog-proof@v1\nindex 0\n" + "a" * 65 * 1024 + "\n",
        f"c2sp.org/tlog-proof@v1\nindex 0\n{HASH}\n",
        f"c2sp.org/tlog-proof@v1\nindex 0\n{HASH}\n\n",
        "c2sp.org/tlog-proof@v1\n",
    ],
)
def test_what_has_another_form_is_refused(text):
    with pytest.raises(BadReceipt):
        parsed(text)


def test_another_entry_is_refused():
    with pytest.raises(BadReceipt, match="does not contain this entry at index 5"):
        checked(receipt(leaf=FAVOR.data.replace(b'"counts":1', b'"counts":0')).text(), SIGNER.vkey)


def test_another_index_or_proof_is_refused():
    made = receipt()
    for wrong in (
        replace(made, index=4),
        replace(made, index=7),
        replace(made, proof=made.proof[:-1]),
        replace(made, proof=made.proof[::-1]),
        replace(made, proof=[*made.proof, bytes(32)]),
    ):
        with pytest.raises(BadReceipt, match="does not contain this entry"):
            checked(wrong.text(), SIGNER.vkey)


def test_a_checkpoint_of_another_log_or_of_nobody_is_refused():
    made = receipt()
    others, _ = noted(LEAVES, Signer("exchange.example/g/bar", bytes(32)))
    for note in (others, made.checkpoint_note.replace("\n7\n", "\n8\n"), "a note\n"):
        with pytest.raises(BadReceipt, match="checkpoint in the receipt cannot be believed"):
            checked(replace(made, checkpoint_note=note).text(), SIGNER.vkey)
    with pytest.raises(BadReceipt, match="cannot be believed"):
        checked(made.text(), Signer("exchange.example/g/med", bytes(32)).vkey)


def test_an_opening_that_the_entry_does_not_contain_is_refused():
    forged = FAVOR.openings | {"from": disclosure("from", "m4")}
    swapped = FAVOR.openings | {"from": FAVOR.openings["to"]}
    added = FAVOR.openings | {"thanks": disclosure("thanks", "Thank you")}
    strange = FAVOR.openings | {"from": "é"}
    for field, openings in {"thanks": added, "from": forged, "": swapped, "fro": strange}.items():
        with pytest.raises(BadReceipt, match=f"does not contain its opening “{field}"):
            checked(receipt(openings=openings).text(), SIGNER.vkey)


def test_a_digest_that_stands_under_another_field_is_refused():
    """Whoever writes the log could put the digest of one field under the name of another."""
    opening = disclosure("to", "m4")
    said = json.loads(FAVOR.data)
    leaf = canonical(said | {"sd": {"from": json.loads(FAVOR.data)["sd"]["to"]}})
    to_as_from = {"from": FAVOR.openings["to"]}

    with pytest.raises(BadReceipt, match="opening “from”"):
        checked(receipt(leaf, to_as_from, 1, [LEAVES[0], leaf]).text(), SIGNER.vkey)
    assert opening != FAVOR.openings["to"]


def test_an_entry_without_openings_needs_none():
    assert checked(receipt(LEAVES[0], {}, 0).text(), SIGNER.vkey).told == {}
    assert checked(receipt(b"{}", {}, 0, [b"{}"]).text(), SIGNER.vkey).checkpoint.size == 1


@pytest.mark.parametrize(
    "extra",
    [
        b"",
        b"{}",
        b"[]",
        b"7",
        b"\xff",
        b'{"leaf":7,"openings":{}}',
        b'{"leaf":"e30="}',
        b'{"leaf":"e30","openings":[]}',
        b'{"leaf":"e30=","openings":{}}',
        b'{"leaf":"e31","openings":{}}',
        b'{"leaf":"e3 0","openings":{}}',
        b'{"leaf":"e30","openings":{"from":7}}',
        b'{"leaf": "e30", "openings": {}}',
        b'{"leaf":"e30","more":1,"openings":{}}',
        b'{"leaf":"","leaf":"e30","openings":{}}',
        b"[" * 100_000,
    ],
)
def test_an_extra_line_of_another_form_is_refused(extra):
    with pytest.raises(BadReceipt, match="form that this software writes"):
        checked(replace(receipt(b"{}", {}, 0, [b"{}"]), extra=extra).text(), SIGNER.vkey)


@pytest.mark.parametrize("leaf", [b"", b"no json", b"[]", b'{"sd":7}', b"\xff", b"[" * 60_000])
def test_an_entry_of_another_form_is_refused_in_a_sentence(leaf):
    with pytest.raises(BadReceipt, match="form that this software does not know"):
        checked(receipt(leaf, {}, 0, [leaf]).text(), SIGNER.vkey)


def test_the_entry_travels_in_base64url_without_padding():
    said = json.loads(extra_of(FAVOR.data, FAVOR.openings))

    assert said["leaf"] == urlsafe_b64encode(FAVOR.data).rstrip(b"=").decode()
    assert urlsafe_b64decode(said["leaf"] + "=" * (-len(said["leaf"]) % 4)) == FAVOR.data
    assert sorted(said) == ["leaf", "openings"]
