"""Checkpoints and the keys that sign them."""

from base64 import b64decode
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives import hmac
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.log import keys
from exchange.log.checkpoint import Checkpoint, parsed, read, short_code, whole_number
from exchange.log.note import BadNote, Signer, signed, to_base64
from exchange.log.tiles import bundle, bundle_path, tile_path
from exchange.log.tree import EMPTY_ROOT, leaf_hash, root
from tests.log.vectors import published

ORIGIN = "favours.example/g/7f3a"
SIGNER = Signer(ORIGIN, sha256(b"research key, not secret").digest())
CHECKPOINT = Checkpoint(ORIGIN, 70_000, b64decode("0+5aZhx45EBx6YFBCqsY/LQdj4O5QmaoBGAVVJk2b9s="))
NOTE = (
    "favours.example/g/7f3a\n"
    "70000\n"
    "0+5aZhx45EBx6YFBCqsY/LQdj4O5QmaoBGAVVJk2b9s=\n"
    "\n"
    "— favours.example/g/7f3a /it5UjPoi2sBofy/ScBC3m89qwsnp5Cp5cErsFvWv86kvS8vSUG4w4uhdUU+BOjL81iIrgpx"
    "BcDYbuBHWN3n5GwgZAw=\n"
)
# The log that Tessera publishes for tests, whose private key is public: `testdata/log` of its repository.
TESSERA = Signer("example.com/log/testdata", b64decode("AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg")[1:])
WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eit"]
WORDS += ["nain", "ten", "ileven", "twelf", "threeten", "fourten", "fivten"]


def tesseras_log():
    """By path, every checkpoint, tile and bundle of the log, made by our own code."""
    files = {}
    for size in range(len(WORDS) + 1):
        entries = [word.encode() for word in WORDS[:size]]
        hashes = [leaf_hash(entry) for entry in entries]
        text = Checkpoint(TESSERA.name, size, root(hashes)).text()
        files[f"checkpoint.{size}"] = signed(text, TESSERA).encode()
        if size:
            files[tile_path(0, 0, size)] = b"".join(hashes)
            files[bundle_path(0, size)] = bundle(entries)
    return files


def test_the_example_of_the_reference_is_written_and_read():
    assert signed(CHECKPOINT.text(), SIGNER) == NOTE
    assert read(NOTE, SIGNER.vkey) == read(NOTE.encode(), SIGNER.vkey) == CHECKPOINT


def test_the_log_of_another_program_is_signed_again_in_the_same_bytes():
    last = tesseras_log()["checkpoint.15"].decode()

    assert TESSERA.vkey == "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
    assert last == (
        "example.com/log/testdata\n15\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=\n\n— example.com/log/testdata "
        "M9e0luh4jTG+UMBqOUo9/q+yAEvx1ilBEniMvjf1zfcBOhg+CKubMt53MvIt/uEWP6zdkdIQzd/fmwlM/dlPWF74ewI=\n"
    )


def test_all_its_46_files_have_the_bytes_that_were_once_compared():
    """The digest is of our own files, on the day on which all of them were found equal to the published ones."""
    ours = tesseras_log()
    digest = sha256(b"".join(ours[path] for path in sorted(ours))).hexdigest()

    assert len(ours) == 46
    assert digest == "3d2c5f9fca4e39aa24ef7a664f3886cf69769eeb848852dc318372117dd712c4"


def test_all_its_46_files_have_the_published_bytes():
    theirs = {path: b64decode(data) for path, data in published("tessera").items()}
    ours = tesseras_log()

    assert theirs == ours | {"checkpoint": ours["checkpoint.15"]}


roots = st.binary(min_size=32, max_size=32)
names = st.text(st.sampled_from("abcxyz0189./-"), min_size=1)


@settings(deadline=None)
@given(names, st.integers(1, 2**63 - 1), roots)
def test_every_checkpoint_comes_back(origin, size, under):
    signer = Signer(origin, bytes(32))
    checkpoint = Checkpoint(origin, size, under)

    assert parsed(checkpoint.text()) == checkpoint
    assert read(signed(checkpoint.text(), signer), signer.vkey) == checkpoint


def test_further_lines_are_kept_though_we_write_none():
    checkpoint = Checkpoint(ORIGIN, 1, leaf_hash(b""), ("time 1", "place 2"))

    assert parsed(checkpoint.text()) == checkpoint
    assert CHECKPOINT.text().count("\n") == 3


def test_the_empty_log_has_the_root_of_the_empty_tree():
    empty = Checkpoint(ORIGIN, 0, EMPTY_ROOT)

    assert parsed(empty.text()) == empty
    with pytest.raises(BadNote, match="empty log"):
        parsed(Checkpoint(ORIGIN, 0, leaf_hash(b"")).text())


ROOT = "0+5aZhx45EBx6YFBCqsY/LQdj4O5QmaoBGAVVJk2b9s="


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "\n\n\n",
        f"log\n5\n{ROOT}",
        "log\n5\n",
        f"log\n5\n{ROOT}\nmore",
        f"\n5\n{ROOT}\n",
        f"log\n\n{ROOT}\n",
        "log\n5\n\n",
        f"log\n5\n{ROOT}\n\n",
        f"log\n5\n{ROOT}\n\nmore\n",
        f"log\n05\n{ROOT}\n",
        f"log\n+5\n{ROOT}\n",
        f"log\n-5\n{ROOT}\n",
        f"log\n5 \n{ROOT}\n",
        f"log\n5_0\n{ROOT}\n",
        f"log\n٥\n{ROOT}\n",
        f"log\n5.0\n{ROOT}\n",
        f"log\n9223372036854775808\n{ROOT}\n",
        f"log\n{'9' * 5000}\n{ROOT}\n",
        f"log\n5\n{ROOT[:-1]}\n",
        f"log\n5\n{ROOT.replace('+', '-')}\n",
        f"log\n5\n{ROOT[:-2]}t=\n",
        f"log\n5\n {ROOT}\n",
        f"log\n5\n{to_base64(bytes(31))}\n",
        f"log\n5\n{to_base64(bytes(33))}\n",
    ],
)
def test_what_has_another_form_is_refused(text):
    with pytest.raises(BadNote):
        parsed(text)


def test_a_checkpoint_of_another_log_is_refused():
    other = signed(Checkpoint("favours.example/g/other", 5, leaf_hash(b"")).text(), SIGNER)

    with pytest.raises(BadNote, match="checkpoint of the log favours"):
        read(other, SIGNER.vkey)


def test_a_checkpoint_that_another_key_signed_is_refused():
    with pytest.raises(BadNote, match="None of the known keys"):
        read(signed(CHECKPOINT.text(), Signer(ORIGIN, bytes(32))), SIGNER.vkey)


def test_an_altered_size_is_refused():
    with pytest.raises(BadNote, match="is wrong"):
        read(NOTE.replace("70000", "70001"), SIGNER.vkey)


def test_all_who_see_the_same_log_see_the_same_short_code():
    witnessed = signed(CHECKPOINT.text(), SIGNER, Signer("witness.example", bytes(32)))
    digits = sha256(CHECKPOINT.text().encode()).hexdigest()

    assert short_code(NOTE) == short_code(witnessed) == short_code(CHECKPOINT.text())
    assert short_code(NOTE) == f"{digits[:4]} {digits[4:8]} {digits[8:12]} {digits[12:16]}"
    assert short_code(NOTE.replace("70000", "70001")) != short_code(NOTE)


def test_numbers_have_one_form_only():
    assert [whole_number(text) for text in ("0", "7", "9223372036854775807")] == [0, 7, 2**63 - 1]
    with pytest.raises(BadNote, match="“007” is not a whole number"):
        whole_number("007")


def test_each_log_has_its_own_key_which_the_seed_and_the_origin_give():
    seed = sha256(b"the installation's seed").digest()
    one, other = keys.signer(seed, ORIGIN), keys.signer(seed, "favours.example/g/other")

    assert one.name == ORIGIN
    assert one.vkey == keys.signer(seed, ORIGIN).vkey
    assert len({one.vkey.split("+", 2)[2], other.vkey.split("+", 2)[2], keys.signer(b"x", ORIGIN).vkey}) == 3


def test_the_key_is_derived_as_rfc_5869_says():
    def mac(key, data):
        made = hmac.HMAC(key, SHA256())
        made.update(data)
        return made.finalize()

    seed = sha256(b"the installation's seed").digest()
    derived = mac(mac(bytes(32), seed), ORIGIN.encode() + b"\x01")

    assert keys.signer(seed, ORIGIN).vkey == Signer(ORIGIN, derived).vkey
