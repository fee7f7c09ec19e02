"""Real processes against a counting SMTP server: killed at random points, two at once, slow, and broken off.

EXCHANGE_LETTERS says how many letters (80), EXCHANGE_KILLS how many kills (5), EXCHANGE_SEED which chances.
"""

import os
import random
import secrets
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from subprocess import Popen

import pytest
from sqlalchemy import func, select

from exchange.digest import bounces, verp
from exchange.digest.skips import Skip
from exchange.storage.db import db
from exchange.storage.digest import DigestIssue, DigestRun, DigestWish, IssueState, Rhythm
from exchange.storage.letter import Letter, LetterState
from exchange.storage.person import Person
from tests.databases import fresh
from tests.digest.issues import MONDAY
from tests.digest.mailbox import Mailbox, mailbox, readers
from tests.jobs.running import eventually, free_port, inside, instance, kill, start, told
from tests.mail.samples import due as other_letter

LETTERS = int(os.environ.get("EXCHANGE_LETTERS", "80"))
KILLS = int(os.environ.get("EXCHANGE_KILLS", "5"))
SEED = int(os.environ.get("EXCHANGE_SEED", "0")) or secrets.randbelow(10**9)
SEND = ("digest", "send", "--at", MONDAY.isoformat())
PATIENCE = 120.0


@pytest.fixture
def box() -> Iterator[tuple[Mailbox, str]]:
    with mailbox(seconds=0.002) as running:
        yield running


@pytest.fixture
def env(database_kind: str, tmp_path: Path, worker_id: str, box: tuple[Mailbox, str]) -> Iterator[dict[str, str]]:
    with fresh(database_kind, tmp_path, f"exchange_digest_{worker_id}", migrated=True) as url:
        yield instance(tmp_path, database=url, queue=f"sqlite:///{tmp_path / 'queue.sqlite'}", smtp=box[1])


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """What the processes wrote."""
    return tmp_path / "output"


def states() -> dict[IssueState, int]:
    db.session.rollback()
    rows = db.session.execute(select(DigestIssue.state, func.count()).group_by(DigestIssue.state))
    return {state: number for state, number in rows}  # noqa: C416 (rows are no pairs to mypy)


def ends(*processes: Popen[bytes], output: Path) -> None:
    """Each of them ends, and well."""
    assert [process.wait(PATIENCE) for process in processes] == [0] * len(processes), told(output)[-3000:]


def test_kill_9_at_random_points_loses_none_and_doubles_at_most_one_for_each_kill(
    env, box, output, database_kind
) -> None:
    chance, began = random.Random(SEED), time.monotonic()  # noqa: S311 (nothing secret)
    print(f"\nEXCHANGE_SEED={SEED} EXCHANGE_LETTERS={LETTERS} EXCHANGE_KILLS={KILLS} on {database_kind}")  # noqa: T201
    emails, kills = readers(env, LETTERS), 0
    running = [start(env, output, *SEND) for _ in range(2)]
    try:
        while kills < KILLS and len(box[0].ids) < LETTERS * 0.9:
            number = chance.randrange(2)
            enough = min(len(box[0].taken) + chance.randint(1, max(2, LETTERS // KILLS // 2)), LETTERS)
            eventually(lambda: len(box[0].taken) >= enough, what=told(output)[-3000:], patience=PATIENCE)  # noqa: B023
            time.sleep(chance.uniform(0, 0.02))
            kills += running[number].poll() is None
            kill(running[number])
            running[number] = start(env, output, *SEND)
        ends(*running, output=output)
    finally:
        for process in running:
            kill(process)

    with inside(env):
        assert states() == {IssueState.SENT: LETTERS}
        assert set(db.session.scalars(select(DigestIssue.message_id))) == box[0].ids
        assert db.session.scalars(select(DigestRun.moment)).all() == [MONDAY]
    assert set(box[0].by_reader) == set(emails), "none is missing"
    assert len(box[0].ids) == LETTERS
    assert box[0].extras <= kills, "at most one for each kill, under the same Message-ID"
    print(  # noqa: T201
        f"{LETTERS} letters, {kills} kills, none missing, {box[0].extras} sent again, {time.monotonic() - began:.0f} s"
    )


def test_two_schedulers_at_the_same_instant_make_one_run_and_one_letter_each(env, box, output) -> None:
    emails = readers(env, 40)
    with inside(env):
        session = db.session()
        stopped = session.scalars(select(Person.id).filter_by(email=emails[0])).one()
        session.add(DigestWish(person_id=stopped, paused_until=datetime(2027, 1, 1, tzinfo=UTC), rhythm=Rhythm.WEEKLY))
        session.add(other_letter(1))
        session.commit()
    ends(*(start(env, output, *SEND, "--json") for _ in range(2)), output=output)

    assert box[0].by_reader == Counter(emails[1:])
    with inside(env):
        assert states() == {IssueState.SENT: 39, IssueState.SKIPPED: 1}
        assert db.session.scalars(select(DigestIssue.reason).filter_by(state=IssueState.SKIPPED)).all() == [Skip.PAUSED]
        assert db.session.scalars(select(DigestRun.moment)).all() == [MONDAY]
        assert db.session.scalars(select(Letter.state)).all() == [LetterState.DUE], "and no other letters"
    ends(start(env, output, *SEND), output=output)
    assert len(box[0].taken) == 39, "a third run sends none"


def test_the_rate_holds_over_all_workers(env, box, output) -> None:
    readers(env, 40, domains=2)
    limited = env | {"EXCHANGE_MAIL_PER_SECOND": "10"}
    ends(*(start(limited, output, *SEND) for _ in range(2)), output=output)

    came = sorted(moment for _, _, moment in box[0].taken)
    assert len(came) == 40
    # What one process has taken its turn for may arrive a little later than what the other took after it.
    assert max(sum(begin <= one < begin + 1 for one in came) for begin in came) <= 12
    assert came[-1] - came[0] >= 3.5


def test_a_slow_domain_holds_no_other_up(env, box, output) -> None:
    readers(env, 24, domains=4)
    ends(start(env | {"EXCHANGE_MAIL_PER_DOMAIN": "3"}, output, *SEND), output=output)

    for domain in ("0.example", "1.example", "2.example", "3.example"):
        came = sorted(moment for to, _, moment in box[0].taken if to.endswith(domain))
        assert len(came) == 6
        assert max(sum(begin <= one < begin + 1 for one in came) for begin in came) <= 4
    every = sorted(moment for _, _, moment in box[0].taken)
    assert every[-1] - every[0] < 5, "one after the other it would be eight seconds"


class Breaking:
    """A server that takes one letter whole and hangs up before it says so, then behaves."""

    def __init__(self) -> None:
        self.letters: list[bytes] = []
        self.socket = socket.create_server(("127.0.0.1", free_port()))
        self.url = f"smtp://127.0.0.1:{self.socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self.socket.accept()
                with connection, suppress(OSError), connection.makefile("rwb") as file:
                    self._talk(file)

    def _talk(self, file) -> None:
        def say(line: bytes) -> None:
            file.write(line + b"\r\n")
            file.flush()

        say(b"220 here")
        while line := file.readline():
            if line.upper().startswith(b"DATA"):
                say(b"354 go on")
                lines = list(iter(file.readline, b".\r\n"))
                self.letters.append(b"".join(lines))
                if len(self.letters) == 1:
                    return
            say(b"221 bye" if line.upper().startswith(b"QUIT") else b"250 fine")
            if line.upper().startswith(b"QUIT"):
                return

    def close(self) -> None:
        """Stop."""
        self.socket.close()


def test_a_connection_that_broke_after_data_sends_that_letter_once_more(env, output) -> None:
    readers(env, 3)
    server = Breaking()
    try:
        ends(start(env | {"EXCHANGE_SMTP_URL": server.url}, output, *SEND), output=output)
    finally:
        server.close()

    ids = Counter(str(message_from_bytes(one, policy=default)["Message-ID"]) for one in server.letters)
    assert sorted(ids.values()) == [1, 1, 2]
    with inside(env):
        assert states() == {IssueState.SENT: 3}


def test_the_envelope_names_where_each_letter_comes_back_to(env, box, output) -> None:
    readers(env, 2)
    ends(start(env | {"EXCHANGE_BOUNCES_TO": "bounces@bar.example"}, output, *SEND), output=output)

    with inside(env) as app:
        settings = app.extensions["settings"]
        found = {verp.issue_of(settings, address, bounces.email_of) for address in box[0].senders}
        assert found == set(db.session.scalars(select(DigestIssue.id)))
    assert all(address.startswith("bounces+") and address.endswith("@bar.example") for address in box[0].senders)


def test_a_worker_sends_them_too_and_ends_when_asked(env, box, output) -> None:
    """The worker looks at the clock: an hour after the moment, by a rehearsal's clock."""
    emails = readers(env, 10)
    offset = Path(env["EXCHANGE_INSTANCE_PATH"]) / "offset"
    offset.write_text(str((MONDAY + timedelta(hours=1) - datetime.now(UTC)).total_seconds()))
    worker = start(env | {"EXCHANGE_CLOCK_OFFSET_FILE": str(offset)}, output, "worker")
    try:
        eventually(lambda: set(box[0].by_reader) == set(emails), what=told(output)[-3000:], patience=PATIENCE)
        worker.send_signal(signal.SIGTERM)
        ends(worker, output=output)
    finally:
        kill(worker)

    assert len(box[0].taken) == 10
