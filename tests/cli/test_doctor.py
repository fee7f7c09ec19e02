"""`exchange doctor`: a sentence for everything that it looked at."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import OperationalError

from exchange.cli import doctor_settings
from exchange.cli.doctor import doctor, examined
from exchange.domain import favors
from exchange.log import signing
from exchange.storage import migrate
from exchange.storage.letter import Letter, LetterState
from exchange.storage.membership import MembershipState
from exchange.storage.site_text import SiteText, TextKind
from tests.log.growing import grown, plain, set_back, tampered
from tests.people import NOON


@pytest.fixture(autouse=True)
def server(monkeypatch):
    """A mail server that answers."""
    monkeypatch.setattr(doctor_settings, "silence", lambda _host, _port: "")


@pytest.fixture
def in_charge(session, olga):
    """Olga administers the site and has written who runs it."""
    olga.person.is_administrator = True
    session.add(SiteText(kind=TextKind.IMPRINT, text="Harbor Software", changed_at=NOON))
    session.commit()


@pytest.fixture
def own(settings, tmp_path):
    """The tests' settings with an instance folder of this test's own."""
    return replace(settings, instance=tmp_path)


def wrong(settings):
    return [finding.sentence for finding in examined(settings, at=NOON) if not finding.fine]


def letter(session, **changed):
    session.add(
        Letter(
            kind="agreed",
            email="ada@bar.example",
            once="favor:1:agreed",
            facts={},
            due_at=NOON,
            created_at=NOON,
            **changed,
        )
    )
    session.commit()


def test_a_house_in_order_is_fine_line_by_line(runner, olga):
    result = runner.invoke(doctor)

    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert all(line.startswith("fine ") for line in lines)
    assert "fine   bar: all 2 entries of the log agree with what the pages show." in lines


def test_json_says_the_same(runner, olga):
    found = json.loads(runner.invoke(doctor, ["--json"]).stdout)

    assert {one["about"] for one in found} >= {"instance", "keys", "smtp", "address", "database", "letters", "log"}
    assert all(one["fine"] for one in found)


def test_anything_wrong_ends_with_1(runner, session, olga):
    olga.state = MembershipState.LEFT
    session.commit()
    result = runner.invoke(doctor)

    assert result.exit_code == 1
    assert "WRONG  bar: the group has no active organiser." in result.stdout


def test_an_instance_folder_that_is_missing_is_found(own, session):
    gone = replace(own, instance=own.instance / "gone")

    assert wrong(gone) == [f"The instance folder {gone.instance} cannot be written to: No such file or directory."]


def test_keys_that_others_can_read_are_found_and_closed_ones_are_fine(own, session):
    key = own.instance / "log-key"
    key.write_text("secret")
    key.chmod(0o640)
    assert wrong(own) == [f"Others on this machine can read the keys. Run: chmod 600 {key}"]

    key.chmod(0o600)
    assert wrong(own) == []


def test_production_needs_smtp_and_https(own, session, in_charge):
    assert wrong(replace(own, production=True)) == [
        "No letter can leave: set EXCHANGE_SMTP_URL to your mail server.",
        "People would sign in without TLS: EXCHANGE_BASE_URL is http://exchange.example, not https.",
    ]
    complete = replace(own, production=True, smtp_url="smtp://mail.example", base_url="https://exchange.example")
    assert wrong(complete) == []


def test_letters_that_failed_or_wait_are_counted_with_their_reason(own, session):
    letter(session, state=LetterState.FAILED, why_failed="550 no such mailbox")

    assert wrong(own) == ["Letters that could not be sent: 1. The reason of the latest: 550 no such mailbox"]


@pytest.mark.parametrize(("minutes", "late"), [(59, False), (61, True)])
def test_a_letter_that_waits_for_more_than_an_hour_is_found(own, session, minutes, late):
    letter(session)
    session.execute(update(Letter).values(due_at=NOON - timedelta(minutes=minutes)))

    assert any("wait for longer than an hour: 1, since 2026-10-15 10:59 UTC" in said for said in wrong(own)) == late


def test_a_log_that_goes_on_from_its_checkpoint_is_fine(own, session, group, olga):
    signing.checkpoint(group.id, key=own.log_key, folder=own.checkpoints, at=NOON)
    (said,) = [finding for finding in examined(own, at=NOON) if finding.about == "checkpoint"]

    assert (said.fine, wrong(own)) == (True, [])
    assert said.sentence.startswith("bar: the log goes on from the checkpoint of ")
    assert str(own.checkpoints) in said.sentence


def test_a_database_that_was_set_back_is_found_with_the_way_out(own, session, group, olga):
    group_id = group.id
    with set_back() as later:
        grown(later, group_id, plain(3))
        signing.checkpoint(group_id, key=own.log_key, folder=own.checkpoints, at=NOON)

    (said,) = wrong(own)
    assert "it was set back to an older state" in said
    assert said.endswith("Restore the newer backup, or run: exchange log renew bar")


def test_a_tree_that_somebody_changed_is_found(own, session, group, olga):
    tampered(session, "log_node", "DELETE FROM log_node WHERE level = 1 AND idx = 0")

    tree, checkpoint = wrong(own)
    assert tree.endswith(" that are not what the entries give: 1, the first at level 1, place 0.")
    assert checkpoint.endswith("Restore the newer backup, or run: exchange log renew bar")


@pytest.mark.parametrize("leaf", ["rubbish", '"text"', "[]", "{}"])
def test_an_entry_that_is_none_is_found_and_not_the_end_of_the_doctor(own, session, group, olga, leaf):
    grown(session, group.id, [leaf.encode()])

    assert any("not written as entries are" in said or "is not shown" in said for said in wrong(own)), wrong(own)


def test_a_count_that_somebody_changed_is_found(own, session, olga, ben, favor):
    favors.confirm(favor.id, by=ben, at=NOON)
    session.execute(text("UPDATE log_count SET given = 7 WHERE given = 1"))

    assert wrong(own) == ["bar: 2 counts of members differ from what the entries say."]


@pytest.mark.parametrize(
    ("current", "sentence"),
    [("", "The database has no tables yet. Run: exchange init"), ("0000", "The database is at 0000 and this version")],
)
def test_a_database_that_is_not_up_to_date_is_found(own, session, monkeypatch, current, sentence):
    monkeypatch.setattr(migrate, "current", lambda _engine: current)

    assert [said.startswith(sentence) for said in wrong(own)] == [True]


def test_a_database_that_does_not_answer_is_found(own, session, monkeypatch):
    def refuses(_engine):
        raise OperationalError("SELECT 1", {}, Exception("connection refused\nby the server"))

    monkeypatch.setattr(migrate, "current", refuses)

    assert wrong(own) == ["The database does not answer: connection refused"]
