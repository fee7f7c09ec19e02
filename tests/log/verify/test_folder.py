"""The folder: everything that a log of its size has, nothing that contradicts it."""

import json

import pytest

from exchange.log import note
from exchange.log.verify import verify
from tests.log.verify.book import SEED, Book


@pytest.fixture
def export(tmp_path):
    """600 entries: three bundles, two of them full."""
    book = Book()
    for number in range(1, 600):
        book.favor(number % 3 + 1, number % 3 + 2)
    return book.write(tmp_path / "export")


def only(report):
    """The one failure of a report."""
    (failure,) = report.findings.kept
    return failure.sentence


def test_a_folder_that_is_none(tmp_path):
    assert "is no folder" in only(verify(tmp_path / "nowhere"))


@pytest.mark.parametrize("name", ["checkpoint", "vkey"])
def test_without_checkpoint_or_key_it_is_no_export(export, name):
    (export / name).unlink()

    assert f"has no file “{name}”, so this is no export of a log" in only(verify(export))


@pytest.mark.parametrize("change", [("\n600\n", "\n599\n"), ("exchange.example/g/7f3a\n600", "other.example\n600")])
def test_a_checkpoint_that_was_changed(export, change):
    path = export / "checkpoint"
    path.write_text(path.read_text().replace(*change, 1))

    assert "is not signed by the key in its file “vkey”" in only(verify(export))


def test_a_checkpoint_that_another_key_signed(export):
    (export / "vkey").write_text(Book(seed=SEED[::-1]).vkey)

    assert "is not signed by the key in its file “vkey”" in only(verify(export))


def test_a_key_of_another_log(export):
    path = export / "checkpoint"
    text = path.read_text().rpartition("\n\n")[0] + "\n"
    stranger = Book(origin="other.example/g/1")
    path.write_text(note.signed(text, stranger.signer))
    (export / "vkey").write_text(stranger.vkey)

    assert "signed with the key of other.example/g/1" in only(verify(export))


def test_a_bundle_that_is_missing(export):
    (export / "tile/entries/001").unlink()

    report = verify(export)

    assert "tile/entries/001 is missing: entries 256 to 511 are not in this export" in report.sentences[0]
    assert "its root cannot be rebuilt" in report.sentences[1]


@pytest.mark.parametrize("name", ["tile/0/001", "tile/1/000.p/2", "tile/0/002.p/88"])
def test_a_tile_that_is_missing(export, name):
    (export / name).unlink()

    assert only(verify(export)) == f"{name} is missing: other programs cannot read this export."


def test_openings_that_are_missing_altogether(export):
    (export / "openings.jsonl").unlink()

    assert "openings.jsonl is missing" in only(verify(export))


def test_a_bundle_that_is_cut_off(export):
    path = export / "tile/entries/000"
    path.write_bytes(path.read_bytes()[:-1])

    assert "tile/entries/000 cannot be taken apart" in only(verify(export))


def test_a_bundle_with_an_entry_too_few(export):
    path = export / "tile/entries/002.p/88"
    data = path.read_bytes()
    path.write_bytes(data[2 + int.from_bytes(data[:2], "big") :])

    assert "tile/entries/002.p/88 should hold 88 entries and holds 87" in only(verify(export))


def test_a_tile_that_was_changed_names_the_entry(export):
    path = export / "tile/0/001"
    data = bytearray(path.read_bytes())
    data[32 * 5] ^= 1
    path.write_bytes(data)

    failure = verify(export).findings.kept[0]

    assert failure.entry == 261
    assert "Entry 261 is not what tile/0/001 says it was" in failure.sentence


@pytest.mark.parametrize("length", [0, 31, 32 * 87, 32 * 88 + 1])
def test_a_tile_of_another_length(export, length):
    path = export / "tile/0/002.p/88"
    path.write_bytes((path.read_bytes() + b"x")[:length])

    assert not verify(export).holds


@pytest.mark.parametrize("size", [7, 256, 300])
def test_entries_and_tiles_that_fit_each_other_and_not_the_checkpoint(tmp_path, size):
    book, other = Book(), Book()
    for number in range(1, size):
        book.favor(1, 2)
        other.favor(1, 2 + (number == 5))
    export = book.write(tmp_path / "export")
    (export / "checkpoint").write_text(other.checkpoint())

    assert f"The {size} entries do not give the root that the checkpoint signs" in only(verify(export))


def test_an_upper_tile_that_was_changed(export):
    (export / "tile/1/000.p/2").write_bytes(b"x" * 64)

    assert "tile/1/000.p/2 is not what the entries give" in only(verify(export))


def test_an_older_partial_tile_may_stay(export):
    for name in ("tile/0/000.p/9", "tile/0/002.p/80"):
        (export / name).parent.mkdir(exist_ok=True)
        whole = export / ("tile/0/000" if "000" in name else "tile/0/002.p/88")
        (export / name).write_bytes(whole.read_bytes()[: 32 * int(name.rpartition("/")[2])])

    assert verify(export).sentences == []


@pytest.mark.parametrize("name", ["tile/0/000.p/9", "tile/1/000.p/1", "tile/entries/001.p/3"])
def test_an_older_partial_tile_that_contradicts_shows_that_the_log_was_changed(export, name):
    (export / name).parent.mkdir(exist_ok=True)
    (export / name).write_bytes(b"\x00\x00" * 16 * 9)

    assert f"{name} holds something else than the tile that replaced it" in only(verify(export))


@pytest.mark.parametrize("name", ["tile/entries/003", "tile/0/002", "tile/2/000.p/1", "tile/0/002.p/89"])
def test_a_tile_beyond_the_checkpoint(export, name):
    (export / name).parent.mkdir(exist_ok=True, parents=True)
    (export / name).write_bytes(b"")

    assert f"{name} lies beyond the 600 entries that the checkpoint signs" in only(verify(export))


def test_what_is_no_tile_is_noted_and_left_alone(export):
    (export / "tile/.DS_Store").write_bytes(b"")
    (export / "tile/0/1").write_bytes(b"")
    (export / "README").write_text("Ours.")

    report = verify(export)

    assert report.holds
    assert report.notes == ["2 files under “tile” are no part of the log and were not read, such as tile/.DS_Store."]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda lines: [*lines[:3], lines[4], lines[3], *lines[5:]], "out of order"),
        (lambda lines: [*lines[:3], lines[2], *lines[3:]], "out of order"),
        (lambda lines: lines[6:] + lines[:6], "out of order"),
        (lambda lines: [*lines[:9], b"{}", *lines[9:]], "a line that is no opening"),
        (lambda lines: [b" " + lines[0], *lines[1:]], "a line that is no opening"),
        (lambda lines: [*lines, b""], "a line that is no opening"),
        (lambda lines: [lines[0].replace(b'":"', b'": "'), *lines[1:]], "a line that is no opening"),
        (lambda lines: [lines[0].replace(b":1}", b":01}"), *lines[1:]], "a line that is no opening"),
        (lambda lines: [lines[0] + lines[1], *lines[2:]], "a line that is no opening"),
    ],
)
def test_lines_that_are_no_openings_or_out_of_order(export, change, what):
    path = export / "openings.jsonl"
    lines = path.read_bytes().removesuffix(b"\n").split(b"\n")
    path.write_bytes(b"\n".join(change(lines)) + b"\n")

    assert what in " ".join(verify(export).sentences)


def test_the_last_line_ends_like_every_other(export):
    path = export / "openings.jsonl"
    path.write_bytes(path.read_bytes().removesuffix(b"\n"))

    assert "a line that is no opening" in " ".join(verify(export).sentences)


def test_an_opening_of_an_entry_that_the_log_does_not_have(export):
    path = export / "openings.jsonl"
    last = path.read_bytes().splitlines()[-1]
    path.write_bytes(path.read_bytes() + last.replace(b":599}", b":600}") + b"\n")

    assert "openings.jsonl opens entry 600, which the log does not have" in only(verify(export))


@pytest.mark.parametrize("at_once", [1, 2])
def test_a_line_that_stands_in_another_stretch_is_found(export, at_once):
    path = export / "openings.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:10], *lines[11:], lines[10]]))

    assert not verify(export, at_once=at_once).holds


@pytest.mark.parametrize(
    "line", ["{", '{"member":17,"name":"x"}', '{"name":"x"}', '["m1","x"]', '{"member":"mx","name":"x"}']
)
def test_members_that_cannot_be_read(export, line):
    (export / "members.jsonl").write_text(line + "\n")

    assert "members.jsonl has a line that names no member" in only(verify(export))


def test_members_are_named_once_and_need_not_be_named(export):
    path = export / "members.jsonl"
    path.write_text(2 * (json.dumps({"member": "m1", "name": "Ada"}) + "\n"))
    assert "members.jsonl names m1 twice" in only(verify(export))

    path.unlink()
    assert verify(export).holds
