"""`exchange digest` and `exchange bounces`."""

import json
from dataclasses import replace
from email import message_from_bytes
from email.policy import default

import pytest

from exchange.cli import main
from exchange.digest import verp
from exchange.digest.issue import due
from exchange.digest.send import send_all
from exchange.storage.digest import DigestIssue, IssueState, Rhythm
from exchange.storage.letter import Letter, LetterState
from exchange.storage.suppression import Suppression
from tests.builders import needed
from tests.digest.bag import Bag
from tests.digest.issues import DAY, MONDAY, WEEK, issue, nobody_else, wishes
from tests.digest.returned import holiday, report
from tests.mail.samples import due as other_letter
from tests.people import NOON

pytestmark = pytest.mark.usefixtures("alone")
AT = ("--at", MONDAY.isoformat())


@pytest.fixture
def alone(session, group):
    nobody_else(session, group)


@pytest.fixture
def cargo(session, ben):
    """Ben needs something, and nobody has answered: news for everybody but Ben."""
    wishes(session, ben, rhythm=Rhythm.NEVER)
    return needed(ben, at=NOON, closes_at=MONDAY + 5 * DAY)


@pytest.fixture
def mail(settings):
    """The folder of letters, where there is no SMTP server."""
    folder = settings.instance / "mail"
    for file in folder.glob("*.eml"):
        file.unlink()
    return folder


def said(runner, *words: str, status: int = 0) -> str:
    result = runner.invoke(main, words)
    assert result.exit_code == status, result.output
    return str(result.output)


def test_it_sends_what_is_due_then_and_no_other_letters(session, runner, mail, cargo, ada, cleo):
    session.add(other_letter(1))
    session.commit()

    assert said(runner, "digest", "send", *AT) == "Due: 2. 2 sent, 0 skipped, 0 failed.\n"
    assert len(list(mail.glob("*-digest.eml"))) == len(list(mail.glob("*.eml"))) == 2
    assert session.query(Letter).one().state is LetterState.DUE
    assert said(runner, "digest", "send", *AT) == "Due: 0. 0 sent, 0 skipped, 0 failed.\n"


def test_without_a_moment_it_is_now(session, runner, mail, cargo, ada, clock):
    assert said(runner, "digest", "send") == "Due: 0. 0 sent, 0 skipped, 0 failed.\n"
    clock.at = MONDAY
    assert said(runner, "digest", "send") == "Due: 1. 1 sent, 0 skipped, 0 failed.\n"


def test_skips_are_counted_with_their_reasons(session, runner, mail, ada, ben, cargo):
    wishes(session, ben, rhythm=Rhythm.WEEKLY)  # to whom nothing is new but what Ben said

    assert said(runner, "digest", "send", *AT) == "Due: 2. 1 sent, 1 skipped (1 empty), 0 failed.\n"


def test_json_says_the_same(session, runner, mail, cargo, ada):
    found = json.loads(said(runner, "digest", "send", *AT, "--json"))

    assert found == {"due": 1, "sent": 1, "skipped": {}, "failed": 0}


def test_a_dry_run_says_what_would_be_sent_and_writes_nothing_down(session, runner, mail, cargo, ada, cleo, ben):
    wishes(session, cleo, paused_until=MONDAY + WEEK)
    wishes(session, ben, rhythm=Rhythm.WEEKLY)
    would = said(runner, "digest", "send", *AT, "--dry-run")

    assert would == "Due: 3. 1 would be sent, 2 skipped (1 empty, 1 paused), 0 failed.\n"
    assert session.query(DigestIssue).count() == 0
    assert list(mail.glob("*.eml")) == []
    assert said(runner, "digest", "send", *AT) == would.replace("would be sent", "sent")


@pytest.mark.parametrize("moment", ["2026-10-19T08:00", "2026-10-19T08:00+00:00", "2026-10-19T10:00+02:00"])
def test_a_moment_is_written_as_people_write_it(session, runner, mail, cargo, ada, moment):
    assert "1 sent" in said(runner, "digest", "send", "--at", moment)


def test_what_is_no_moment_is_refused(runner):
    assert "is no moment" in said(runner, "digest", "send", "--at", "next Monday", status=1)


def test_the_preview_is_what_is_sent_byte_for_byte(session, settings, runner, cargo, ada, tmp_path):
    file = tmp_path / "next.eml"
    assert "is in" in said(runner, "digest", "preview", "ada@bar.example", "-o", str(file))
    bag = Bag()
    send_all(at=MONDAY, settings=settings, way=bag)

    assert file.read_bytes() == bag.written[0]


def test_without_a_file_the_preview_is_written_out(session, runner, cargo, ada):
    message = message_from_bytes(said(runner, "digest", "preview", "ada@bar.example").encode(), policy=default)

    assert message["To"].addresses[0].addr_spec == "ada@bar.example"


def test_a_preview_of_a_letter_that_still_waits_is_that_letter(session, settings, runner, cargo, ada, tmp_path, clock):
    due(at=MONDAY)
    clock.at = MONDAY + DAY
    file = tmp_path / "next.eml"
    said(runner, "digest", "preview", "ada@bar.example", "-o", str(file))

    assert str(issue(session, ada).id) in message_from_bytes(file.read_bytes(), policy=default)["Message-ID"]


def test_where_nothing_is_new_there_is_no_file(session, runner, ada, tmp_path):
    file = tmp_path / "next.eml"

    assert "Nothing is new" in said(runner, "digest", "preview", "ada@bar.example", "-o", str(file))
    assert not file.exists()


def test_a_preview_needs_somebody_who_gets_the_letter(session, runner, ada):
    assert "Nobody here has the address" in said(runner, "digest", "preview", "zoe@bar.example", status=1)
    wishes(session, ada, rhythm=Rhythm.NEVER)
    assert "has stopped the letter" in said(runner, "digest", "preview", "ada@bar.example", status=1)


def test_a_preview_looks_past_a_pause(session, runner, ada, ben, tmp_path):
    needed(ben, at=NOON, closes_at=MONDAY + 2 * WEEK)
    wishes(session, ada, paused_until=MONDAY + DAY)
    file = tmp_path / "next.eml"
    said(runner, "digest", "preview", "ada@bar.example", "-o", str(file))

    date = message_from_bytes(file.read_bytes(), policy=default)["Date"].datetime
    assert date == MONDAY + WEEK


def test_bounces_are_read_from_a_maildir(session, app, settings, runner, monkeypatch, cargo, ada, tmp_path):
    own = replace(settings, bounces_to="bounces@exchange.example")
    monkeypatch.setitem(app.extensions, "settings", own)
    send_all(at=MONDAY, settings=settings, way=Bag())
    for name in ("new", "cur", "tmp"):
        (tmp_path / name).mkdir()
    to = verp.sender(own, issue(session, ada).id, ada.person.email)
    (tmp_path / "new" / "1").write_bytes(report(to))
    (tmp_path / "new" / "2").write_bytes(holiday(to))

    assert said(runner, "bounces", str(tmp_path)) == (
        "2 e-mails read, 1 of them letters that came back. Addresses that get no more letters: 1.\n"
    )
    assert session.get(Suppression, "ada@bar.example") is not None
    assert issue(session, ada).state is IssueState.SENT


def test_bounces_need_a_box(runner, tmp_path):
    assert "EXCHANGE_BOUNCES_BOX" in said(runner, "bounces", status=1)
    assert "There is no Maildir" in said(runner, "bounces", str(tmp_path / "nowhere"), status=1)
    assert "could not be read" in said(runner, "bounces", "imap://user:secret@127.0.0.1:1/INBOX", status=1)
