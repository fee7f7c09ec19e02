"""`exchange log`: what it prints, what it writes, and its exit status."""

import json
import subprocess
import sys

import pytest

from exchange.cli import main
from exchange.domain import favors, leaving, unasked
from exchange.log import export as exporting
from exchange.log.checkpoint import read
from exchange.log.receipt import checked
from tests.log.growing import set_back
from tests.people import NOON


@pytest.fixture
def exchange(runner):
    """Run a command; it has to end as it should."""

    def run(*words, status=0, **given):
        result = runner.invoke(main, ["log", *map(str, words)], **given)
        assert result.exit_code == status, result.output
        return result

    return run


@pytest.fixture
def entry(session, favor, ben):
    """The index of Ada's help for Ben."""
    return favors.confirm(favor.id, by=ben, at=NOON).entry


@pytest.fixture
def vkey(exchange, group):
    return exchange("vkey", "bar").stdout.strip()


def test_the_checkpoint_is_the_signed_note_and_nothing_else(exchange, vkey, entry):
    note = exchange("checkpoint", "bar").stdout

    assert read(note, vkey).size == entry + 1
    assert exchange("checkpoint", "bar").stdout == note


def test_what_was_exported_can_be_verified(exchange, entry, tmp_path):
    said = exchange("export", "bar", "-o", tmp_path / "out").stdout

    assert f"was written to {tmp_path / 'out'}: {entry + 1} entries, code " in said
    lines = exchange("verify", tmp_path / "out").stdout.splitlines()
    assert lines[0].startswith("Log         exchange.example/g/")
    assert lines[1].startswith(f"Checkpoint  {entry + 1} entries, code ")
    assert lines[-1] == "All of it holds."
    assert "Ada Farouk" in lines[-4]


def test_an_export_never_overwrites(exchange, entry, tmp_path):
    exchange("export", "bar", "-o", tmp_path / "out")

    assert "is not empty. Name a folder that is new" in (
        exchange("export", "bar", "-o", tmp_path / "out", status=1).stderr
    )


def test_a_member_exports_what_only_they_may_open(exchange, favor, ada, ben, cleo, tmp_path):
    favors.withhold(favor.id, by=ada)
    favors.confirm(favor.id, by=ben, at=NOON)

    for name, words in (("all", ()), ("cleo", ("--as", "cleo@bar.example")), ("ben", ("--as", "ben@bar.example"))):
        exchange("export", "bar", "-o", tmp_path / name, *words)
        opened = (tmp_path / name / "openings.jsonl").read_text()
        assert ('"from"' in opened, name) == (name == "ben", name)
    assert "no active member" in exchange(
        "export", "bar", "-o", tmp_path / "x", "--as", "sam@med.example", status=1
    ).stderr  # fmt: skip


def test_an_export_that_is_outrun_begins_again(exchange, session, entry, ben, tmp_path, monkeypatch):
    members = exporting._write_members
    member = ben.id

    def once(*given):
        monkeypatch.setattr(exporting, "_write_members", members)
        leaving.erase(member, at=NOON)
        members(*given)

    monkeypatch.setattr(exporting, "_write_members", once)

    exchange("export", "bar", "-o", tmp_path / "out")
    assert "gone because somebody was forgotten" in exchange("verify", tmp_path / "out").stdout


def test_a_receipt_proves_its_entry(exchange, vkey, entry, tmp_path):
    said = exchange("receipt", "bar", entry, "-o", tmp_path / "r.tlog-proof").stdout

    receipt = checked((tmp_path / "r.tlog-proof").read_text(), vkey)
    assert (receipt.index, receipt.told["what"]) == (entry, "An hour on the escrow clause")
    assert f"The receipt of entry {entry} was written to" in said


def test_a_receipt_of_a_withheld_favor_opens_it_for_its_two(exchange, vkey, favor, ada, ben, tmp_path):
    favors.withhold(favor.id, by=ada)
    index = favors.confirm(favor.id, by=ben, at=NOON).entry

    exchange("receipt", "bar", index, "-o", tmp_path / "all")
    exchange("receipt", "bar", index, "-o", tmp_path / "ben", "--as", "ben@bar.example")

    assert "from" not in checked((tmp_path / "all").read_text(), vkey).told
    assert checked((tmp_path / "ben").read_text(), vkey).told["from"] == f"m{ada.number}"


def test_a_receipt_is_never_overwritten_and_needs_an_entry(exchange, entry, tmp_path):
    exchange("receipt", "bar", entry, "-o", tmp_path / "r")

    assert "is there already" in exchange("receipt", "bar", entry, "-o", tmp_path / "r", status=1).stderr
    assert f"there is no entry {entry + 1}" in (
        exchange("receipt", "bar", entry + 1, "-o", tmp_path / "s", status=1).stderr
    )


def test_a_log_is_begun_anew(exchange, session, vkey, entry, tmp_path):
    note = exchange("checkpoint", "bar").stdout
    (tmp_path / "june.txt").write_text(note)

    said = exchange("renew", "bar", "--yes").stdout

    assert f"{entry + 1} entries of it go on in exchange.example/g/" in said
    assert exchange("vkey", "bar").stdout.strip() in said
    assert exchange("vkey", "bar").stdout.strip() != vkey
    exchange("export", "bar", "-o", tmp_path / "out")
    assert "This log continues" in exchange("verify", tmp_path / "out", "--against", tmp_path / "june.txt").stdout


def test_beginning_anew_asks_first(exchange, entry):
    assert "Aborted" in exchange("renew", "bar", status=1, input="n\n").output


def test_a_database_that_was_set_back_is_refused_with_the_way_out(exchange, group, favor, ben, tmp_path):
    favor_id, member = favor.id, ben
    with set_back():
        favors.confirm(favor_id, by=member, at=NOON)
        exchange("checkpoint", "bar")

    for words in (["checkpoint", "bar"], ["export", "bar", "-o", tmp_path / "x"], ["receipt", "bar", "1", "-o", "x"]):
        assert "exchange log renew bar" in exchange(*words, status=1).stderr
    assert not (tmp_path / "x").exists()


def test_verify_fails_with_a_sentence_for_each_thing(exchange, entry, tmp_path):
    exchange("export", "bar", "-o", tmp_path / "out")
    (tmp_path / "out/openings.jsonl").write_text("")

    said = exchange("verify", tmp_path / "out", status=1).stdout.splitlines()

    assert said[-1] == "This log does not hold, so no balances are shown."
    assert any(line.startswith("WRONG       The opening “from” of entry") for line in said)


def test_verify_shows_twenty_failures_and_how_many_more(exchange, group, ada, ben, tmp_path):
    for number in range(5):
        unasked.helped_by(ada.number, by=ben, category="advice", title=f"Help {number}", at=NOON)
    exchange("export", "bar", "-o", tmp_path / "out")
    (tmp_path / "out/openings.jsonl").write_text("")

    said = exchange("verify", tmp_path / "out", status=1).stdout

    assert said.count("WRONG") == 20
    assert " failures more." in said


def test_verify_compares_with_files_however_they_are_given(exchange, entry, tmp_path):
    for name in ("a", "b", "c"):
        (tmp_path / name).write_text(exchange("checkpoint", "bar").stdout)
    exchange("receipt", "bar", entry, "-o", tmp_path / "d")
    exchange("export", "bar", "-o", tmp_path / "out")
    files = [tmp_path / name for name in ("a", "b", "d")]

    one = exchange("verify", tmp_path / "out", "--against", *files, "--mine", "m2", "--json")
    other = exchange("verify", tmp_path / "out", *(word for file in files for word in ("--against", file)), "--json")

    found = json.loads(one.stdout)
    assert found == json.loads(other.stdout) | {"notes": found["notes"]}
    assert found["notes"] == ["Favors here that are yours, m2: 1. Your receipts prove all of them."]
    assert (found["holds"], len(found["compared"]), found["failed"]) == (True, 4, 0)
    assert found["balances"][0]["name"] == "Ada Farouk"


def test_verify_says_what_it_cannot_read(exchange, entry, tmp_path):
    exchange("export", "bar", "-o", tmp_path / "out")

    assert "is no folder" in exchange("verify", tmp_path / "nothing", status=1).stdout
    assert "cannot be read" in exchange("verify", tmp_path / "out", "--against", tmp_path / "x", status=1).stdout
    assert "is no member's number" in exchange("verify", tmp_path / "out", "--mine", "Ada", status=2).stderr


def test_verify_runs_without_database_server_and_settings(exchange, entry, tmp_path):
    exchange("export", "bar", "-o", tmp_path / "out")
    program = (
        "import sys; from exchange.cli import main\n"
        "try: main()\n"
        "finally: print([n for n in ('sqlalchemy', 'flask', 'exchange.config') if n in sys.modules], file=sys.stderr)"
    )
    environment = {"EXCHANGE_ENV": "production", "EXCHANGE_DATABASE_URL": "postgresql://nowhere/none"}

    done = subprocess.run(
        [sys.executable, "-c", program, "log", "verify", str(tmp_path / "out")],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        cwd=tmp_path,
    )

    assert (done.returncode, done.stderr.strip()) == (0, "[]")
    assert done.stdout.endswith("All of it holds.\n")
    assert not (tmp_path / "instance").exists()
