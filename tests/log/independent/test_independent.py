"""What others wrote believes a log of ours, made by the pure modules, and nothing that was altered.

Two programs: Go's sumdb packages, which check whole logs, and Sigstore's `@sigstore/verify`, which checks receipts. The
latter was taken instead of `aics-tlog`, whose every version needs Python 3.12 while Exchange supports 3.11; it is kept
by the Sigstore project, has three small dependencies of that same project, and is pinned with hashes in
`package-lock.json`. Both are tools of the tests only.

`EXCHANGE_ENTRIES` says how many entries the big log has; a tenth of 70,000 unless it is set.
"""

import os
import random
import re
from dataclasses import replace
from hashlib import sha256

import pytest

from exchange.log.checkpoint import Checkpoint
from exchange.log.leaf import favor_leaf
from exchange.log.note import BadNote, Signer, Verifier, opened, signed, to_base64
from exchange.log.proofs import inclusion_proof
from exchange.log.receipt import Receipt, checked, extra_of
from exchange.log.tree import leaf_hash, root
from tests.log.independent.folder import served, written
from tests.log.independent.programs import NotBelieved, check_with_go, check_with_sigstore, opened_by_go
from tests.people import NOON

ENTRIES = int(os.environ.get("EXCHANGE_ENTRIES", "7000"))
SIGNER = Signer("exchange.example/g/bar", sha256(b"not secret").digest())
IMPOSTOR = Signer("exchange.example/g/bar", sha256(b"another seed").digest())


def entries(count):
    return [b"" if number == 3 else b'{"n":%d}' % number for number in range(count)]


@pytest.fixture
def log(tmp_path):
    """A folder that holds a log of 300 entries: a full tile, partial ones, and two levels."""
    written(tmp_path / "log", entries(300), SIGNER)
    return tmp_path / "log"


def refused_by_go(log, match, **options):
    with served(log) as url, pytest.raises(NotBelieved, match=match):
        check_with_go(url, SIGNER.vkey, **options)


def test_go_believes_the_whole_of_a_big_log(tmp_path):
    written(tmp_path / "log", entries(ENTRIES), SIGNER)
    hashes = [leaf_hash(entry) for entry in entries(ENTRIES)]
    old = tmp_path / "old"
    size = ENTRIES * 2 // 3
    old.write_text(signed(Checkpoint(SIGNER.name, size, root(hashes[:size])).text(), SIGNER), encoding="utf-8")

    with served(tmp_path / "log") as url:
        said = check_with_go(url, SIGNER.vkey, old=old)

    assert said.startswith(f"{ENTRIES} entries in {-(-ENTRIES // 256)} bundles, ")
    assert f"{ENTRIES} inclusion proofs" in said
    assert f"continues the checkpoint of {size}: " in said
    assert float(re.findall(r"([0-9.]+) s$", said)[0]) < 5


@pytest.mark.parametrize("size", [1, 2, 3, 255, 256, 257, 512, 600])
def test_go_believes_logs_at_the_edges_of_tiles(tmp_path, size):
    written(tmp_path, entries(size), SIGNER)

    with served(tmp_path) as url:
        assert check_with_go(url, SIGNER.vkey).startswith(f"{size} entries")


def test_go_reads_the_empty_log(tmp_path):
    written(tmp_path, [], SIGNER)

    with served(tmp_path) as url:
        assert check_with_go(url, SIGNER.vkey).startswith("the log is empty")


def test_go_is_let_in_with_the_read_token_only(log):
    with served(log, token="ada reads") as url:
        assert check_with_go(url, SIGNER.vkey, token="ada reads").startswith("300 entries")
        with pytest.raises(NotBelieved, match="404"):
            check_with_go(url, SIGNER.vkey)


def test_go_refuses_an_altered_entry(log):
    bundle = log / "tile/entries/000"
    bundle.write_bytes(bundle.read_bytes().replace(b'{"n":17}', b'{"n":71}'))

    refused_by_go(log, "entry 17 does not have the hash")


def test_go_refuses_entries_that_changed_places(log):
    bundle = log / "tile/entries/001.p/44"
    bundle.write_bytes(bundle.read_bytes().replace(b"260", b"xxx").replace(b"261", b"260").replace(b"xxx", b"261"))

    refused_by_go(log, "entry 260 does not have the hash")


@pytest.mark.parametrize(
    ("tile", "why"),
    [
        ("tile/0/000", "entry 0 does not have the hash"),
        ("tile/0/001.p/44", "inconsistent tile"),
        ("tile/1/000.p/1", "inconsistent tile"),
    ],
)
def test_go_refuses_an_altered_tile(log, tile, why):
    data = bytearray((log / tile).read_bytes())
    data[5] ^= 1
    (log / tile).write_bytes(data)

    refused_by_go(log, why)


def test_go_misses_a_tile_that_is_not_served(tmp_path):
    written(tmp_path, entries(512), SIGNER)
    (tmp_path / "tile/1/000.p/2").unlink()

    refused_by_go(tmp_path, "tile/1/000.p/2: the server answers 404")


def test_go_refuses_what_is_cut_off(log):
    bundle = log / "tile/entries/000"
    bundle.write_bytes(bundle.read_bytes()[:-1])

    refused_by_go(log, "in the middle of an entry")


def test_go_refuses_a_checkpoint_that_another_key_signed(log):
    hashes = [leaf_hash(entry) for entry in entries(300)]
    text = Checkpoint(SIGNER.name, 300, root(hashes)).text()
    (log / "checkpoint").write_text(signed(text, IMPOSTOR), encoding="utf-8")

    refused_by_go(log, "no verifiable signatures")


def test_go_refuses_a_log_that_does_not_continue_an_older_checkpoint(log, tmp_path):
    other = [b"another beginning", *entries(200)]
    (tmp_path / "old").write_text(
        signed(Checkpoint(SIGNER.name, 201, root([leaf_hash(entry) for entry in other])).text(), SIGNER),
        encoding="utf-8",
    )
    refused_by_go(log, "does not continue the one of 201", old=tmp_path / "old")

    written(tmp_path / "longer", entries(301), SIGNER)
    refused_by_go(log, "has 300 entries now and had 301", old=tmp_path / "longer/checkpoint")


def strange_notes(count, seed):
    """Notes whose text and signature lines are put together by chance, some with a byte too few or too many.

    Most texts are signed properly, even those that must not be.
    """
    chance = random.Random(seed)  # noqa: S311 (the same notes every time)
    texts = ["one\n", "\n", "\n\n", "— x.example AAAAAAAA\n", "é", " ", "\u2028", "\x7f", "\u0085", "\r", "\t", "\0"]
    others = [
        "— x.example AAAAAAAA\n",
        "— x.example AAAAAAB=\n",
        "— x.example AAAA\n",
        "— x AAAAAAAA \n",
        "- x AAAAAAAA\n",
    ]
    others += [
        "—  AAAAAAAA\n",
        "— x+y AAAAAAAA\n",
        "— x\u00a0y AAAAAAAA\n",
        "— x\u200by AAAAAAAA\n",
        "\n",
        "— x AAAAAAA_\n",
    ]
    weights = [30, 8, 2, 8, 8, 8, 2, 2, 2, 1, 1, 1]
    for _ in range(count):
        text = "".join(chance.choices(texts, weights, k=chance.randint(1, 5))) + "\n" * (chance.random() < 0.9)
        lines = [signed_anyway(text, SIGNER), signed_anyway(text, IMPOSTOR), *chance.choices(others, k=3)]
        note = f"{text}\n{''.join(chance.sample(lines, chance.randint(1, 3)))}".encode()
        if chance.random() < 0.2:
            at = chance.randrange(len(note))
            note = note[:at] + chance.choice([b"", b"\n", b" ", b"=", b"\xff"]) + note[at + chance.randint(0, 1) :]
        yield note


def signed_anyway(text, signer):
    return f"— {signer.name} {to_base64(signer.key_id + signer._private.sign(text.encode()))}\n"


def our_reading(note):
    try:
        return opened(note, [Verifier.parse(SIGNER.vkey)]).text.encode()
    except BadNote:
        return None


def test_go_opens_every_note_that_we_open_and_reads_the_same_text(tmp_path):
    """The other way round it does not hold: base64 with stray bits behind its end is good enough for Go."""
    notes = list(strange_notes(4_000, seed=5))
    theirs = opened_by_go(notes, SIGNER.vkey, tmp_path)
    ours = [our_reading(note) for note in notes]

    assert [(one, other) for one, other in zip(ours, theirs, strict=True) if one is not None and one != other] == []
    assert 300 < sum(one is not None for one in ours) < 3_000
    assert all(
        b"AAAAAAB=" in note for note, one, other in zip(notes, ours, theirs, strict=True) if one is None and other
    )


@pytest.fixture
def receipt(tmp_path):
    """A receipt for the fifth of seven entries."""
    leaf = favor_leaf(
        giver=17, receiver=4, category="advice", title="An hour", how="receiver", tie=False, counts=True, at=NOON
    )
    leaves = [*entries(4), leaf.data, b"{}", b"[]"]
    places = written(tmp_path / "log", leaves, SIGNER)
    note = (tmp_path / "log/checkpoint").read_text(encoding="utf-8")
    return Receipt(4, inclusion_proof(4, 7, places.__getitem__), note, extra_of(leaf.data, leaf.openings))


def test_sigstore_believes_a_receipt(receipt, tmp_path):
    file = tmp_path / "favor.tlog-proof"
    file.write_text(receipt.text(), encoding="utf-8")

    assert checked(receipt.text(), SIGNER.vkey).index == 4
    assert check_with_sigstore(file, SIGNER.vkey) == "entry 4 is in the log"


def test_sigstore_refuses_what_was_altered(receipt, tmp_path):
    file = tmp_path / "favor.tlog-proof"
    for wrong, why in {
        "leaf": (replace(receipt, extra=extra_of(b"{}", {})), "does not match"),
        "index": (replace(receipt, index=5), "does not match"),
        "proof": (replace(receipt, proof=[*receipt.proof[:2], bytes(32)]), "does not match"),
        "short": (replace(receipt, proof=receipt.proof[:2]), "hash count"),
        "size": (replace(receipt, checkpoint_note=receipt.checkpoint_note.replace("\n7\n", "\n6\n")), "signature"),
    }.values():
        file.write_text(wrong.text(), encoding="utf-8")
        with pytest.raises(NotBelieved, match=why):
            check_with_sigstore(file, SIGNER.vkey)


def test_sigstore_refuses_another_logs_receipt(receipt, tmp_path):
    file = tmp_path / "favor.tlog-proof"
    file.write_text(receipt.text(), encoding="utf-8")

    with pytest.raises(NotBelieved, match="invalid checkpoint signature"):
        check_with_sigstore(file, IMPOSTOR.vkey)
