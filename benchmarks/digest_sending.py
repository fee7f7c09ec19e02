"""Processes that send the weekly letters of a site: two workers, the mail server that discards them, and the peer."""

import multiprocessing
import os
import shutil
import smtplib
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event, func, select

from benchmarks.digest_world import MONDAY, forgotten, opened
from exchange.config import Settings
from exchange.digest import issue, leases, ticks, unsubscribe, verp
from exchange.digest.fragments import Fragments
from exchange.digest.prepare import composed
from exchange.digest.send import send_all
from exchange.digest.write import letter, written
from exchange.storage.db import db
from exchange.storage.digest import DigestIssue, IssueState
from exchange.storage.ticking import Ticking
from tests.digest.standard import standard

SINK = "smtp-sink"
PATIENCE = 7_200


@dataclass(frozen=True)
class Told:
    """What one process tells of its work: letters, seconds of the processor, MB at the most, statements."""

    sent: int
    processor: float
    memory: float
    statements: int


@dataclass(frozen=True)
class Sent:
    """One round: letters sent and skipped, seconds, what each worker tells, and what the sink counted.

    `ids` are distinct Message-IDs in the table of issues, `sink_processor` the sink's own seconds.
    """

    sent: int
    skipped: int
    seconds: float
    workers: tuple[Told, ...]
    sunk: int
    ids: int
    sink_processor: float


class Sink:
    """Postfix's smtp-sink, which takes letters and discards them; it counts."""

    def __init__(self, folder: Path) -> None:
        # Here, because it brings a mail server along, and a worker's memory is measured.
        from tests.jobs.running import free_port

        self.port, self.output = free_port(), folder / "sink"
        with self.output.open("wb") as file:
            address = f"127.0.0.1:{self.port}"
            self.process = subprocess.Popen([found(), "-u", "nobody", "-c", address, "1000"], stdout=file, stderr=file)
        time.sleep(0.5)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def taken(self) -> int:
        """How many letters it took, as it says at each."""
        said = self.output.read_bytes().rpartition(b"mesg=")[2]
        return int(said) if said else 0

    def cost(self) -> tuple[float, float]:
        """Seconds of the processor so far, and MB at the most."""
        words = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / 100, highest(self.process.pid)


def found() -> str:
    """Where smtp-sink is; empty where it is not installed."""
    return shutil.which(SINK) or shutil.which(SINK, path="/usr/sbin") or ""


def highest(pid: int) -> float:
    """The most memory that a process had, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


@contextmanager
def sink(folder: Path) -> Iterator[Sink]:
    """A running sink."""
    running = Sink(folder)
    try:
        yield running
    finally:
        running.process.terminate()
        running.process.wait()


def ours(settings: Settings) -> int:
    """Send all that is due as `exchange digest send` does."""
    return send_all(at=MONDAY, settings=settings).sent


def naive(settings: Settings, most: int) -> int:
    """The peer: for each reader the statements, the templates, the style sheet, an e-mail of the standard package and
    a connection of their own, then one commit. The first so many of all that is due.
    """
    sent, ticking = 0, Ticking()
    for _ in range(most):
        claimed = leases.claim(MONDAY, 1)
        if not claimed:
            break
        what = composed(db.session(), claimed, folder=settings.checkpoints, at=MONDAY)
        ticks.skipped(what.reasons, claimed)
        for ready in what.ready:
            person = ready.digest.reader.person_id
            stop = unsubscribe.address(settings, person_id=person, at=ready.digest.reader.window_until)
            message = standard(written(ready.digest, settings=settings, stop=stop, fragments=Fragments()))
            _alone(message, settings, ready.issue.id)
            posts = ready.digest.shown
            message_id = str(message["Message-ID"])
            carried = ready.digest.carried
            sent += ticks.sent(
                ready.issue, at=MONDAY, message_id=message_id, carried=carried, shown=posts, ticking=ticking
            )
    return sent


def _alone(message: EmailMessage, settings: Settings, issue_id: int) -> None:
    host, port = settings.smtp_url.removeprefix("smtp://").split(":")
    to = str(message["To"].addresses[0].addr_spec)
    with smtplib.SMTP(host, int(port)) as connection:
        connection.send_message(message, verp.sender(settings, issue_id, to))


def round_of(settings: Settings, taker: Sink, *, peer: int = 0) -> Sent:
    """Two workers at once send everything, or so many letters each as the peer would. They begin at the same instant,
    when all their code is loaded.
    """
    with opened(settings):
        forgotten()
        if peer:
            issue.due(at=MONDAY)
    taken, cost = taker.taken, taker.cost()[0]
    context = multiprocessing.get_context("spawn")
    gate, answers = context.Barrier(3), context.Queue()
    workers = [context.Process(target=_work, args=(settings, gate, answers, peer)) for _ in range(2)]
    for worker in workers:
        worker.start()
    gate.wait(PATIENCE)
    begun = time.perf_counter()
    told = tuple(answers.get(timeout=PATIENCE) for _ in workers)
    seconds = time.perf_counter() - begun
    for worker in workers:
        worker.join()
    with opened(settings):
        sent, ids = _sent()
        skipped = db.session.scalar(select(func.count()).where(DigestIssue.state == IssueState.SKIPPED)) or 0
    return Sent(sent, skipped, seconds, told, taker.taken - taken, ids, taker.cost()[0] - cost)


def _sent() -> tuple[int, int]:
    ids = func.count(DigestIssue.message_id.distinct())
    row = db.session.execute(select(func.count(), ids).where(DigestIssue.state == IssueState.SENT)).one()
    return row[0], row[1]


def _work(settings: Settings, gate: Barrier, answers: "Queue[Told]", peer: int) -> None:
    """One worker."""
    count = [0]
    with opened(settings):
        event.listen(Engine, "before_cursor_execute", lambda *_: count.__setitem__(0, count[0] + 1))
        leases.any_waits(MONDAY)
        gate.wait(PATIENCE)
        count[0], before = 0, time.process_time()
        sent = naive(settings, peer) if peer else ours(settings)
        answers.put(Told(sent, time.process_time() - before, highest(os.getpid()), count[0]))


def statements(settings: Settings, number: int) -> tuple[int, int]:
    """How many statements read what so many readers' letters need, and the mean size of these letters in bytes."""
    count = 0

    def counted(*_: Any) -> None:
        nonlocal count
        count += 1

    with opened(settings):
        forgotten()
        issue.due(at=MONDAY)
        claimed = leases.claim(MONDAY, number)
        event.listen(Engine, "before_cursor_execute", counted)
        what = composed(db.session(), claimed, folder=settings.checkpoints, at=MONDAY)
        event.remove(Engine, "before_cursor_execute", counted)
        sizes = [
            len(letter(ready.digest, settings=settings, stop="http://bench.example/stop").as_bytes())
            for ready in what.ready
        ]
        db.session.rollback()
        forgotten()
    return count, sum(sizes) // max(1, len(sizes))


__all__ = ["Sent", "Sink", "Told", "found", "round_of", "sink", "statements"]
