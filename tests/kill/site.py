"""A site whose processes are killed with SIGKILL at random moments and started again."""

import os
import random
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import NullPool, create_engine, update

from exchange.storage.letter import Letter, LetterState
from tests.jobs.running import eventually, kill, start

WORKERS = 2
# How often each is hit: one process of the web server, its parent alone, all of it at once, a worker.
TARGETS = {"page": 4, "parent": 1, "web": 2, "worker": 4}
ANSWERS_BETWEEN = (8, 40)
LONGEST_WAIT = 0.06


class Site:
    """`exchange serve` and two `exchange worker`, kept running."""

    def __init__(self, env: dict[str, str], port: int, output: Path) -> None:
        self.env, self.port, self.output = env, port, output
        self.kills: Counter[str] = Counter()
        self._engine = create_engine(
            env["EXCHANGE_DATABASE_URL"], poolclass=NullPool, execution_options={"sqlite_begin": "IMMEDIATE"}
        )
        self._web = self._serve()
        self._workers = [self._work() for _ in range(WORKERS)]

    def _serve(self) -> subprocess.Popen[bytes]:
        return start(self.env, self.output, "serve", "--port", str(self.port), "--workers", "2")

    def _work(self) -> subprocess.Popen[bytes]:
        return start(self.env, self.output, "worker")

    def hit(self, chance: random.Random) -> None:
        """Kill something, and start what is missing."""
        (target,) = chance.choices(list(TARGETS), list(TARGETS.values()))
        children = _children(self._web.pid)
        if target == "worker":
            number = chance.randrange(WORKERS)
            kill(self._workers[number])
            self._workers[number] = self._work()
        elif target == "web":
            kill(self._web)
            self._web = self._serve()
        elif not children:  # it has only just been started
            return
        elif target == "page":
            with suppress(ProcessLookupError):
                os.kill(chance.choice(children), signal.SIGKILL)
        else:
            os.kill(self._web.pid, signal.SIGKILL)
            self._web.wait()
            # Its children notice within a second, and until then answer from the same socket.
            eventually(lambda: not any(_lives(child) for child in children), what="the end of the orphans")
            self._web = self._serve()
        self.kills[target] += 1

    def let_minutes_pass(self) -> None:
        """What gathers for ten minutes so that it becomes one e-mail is due now."""
        with self._engine.begin() as connection:
            now = datetime.now(UTC)
            connection.execute(update(Letter).where(Letter.state == LetterState.DUE).values(due_at=now))

    def end_workers(self) -> list[int]:
        """Ask the workers to end; their exit statuses."""
        for worker in self._workers:
            worker.terminate()
        return [worker.wait(60) for worker in self._workers]

    def close(self) -> None:
        """End all of it."""
        for process in (self._web, *self._workers):
            kill(process)


class Killer(threading.Thread):
    """Hits a site again and again until it is told to stop, each time after some answers: it may come up first."""

    def __init__(self, site: Site, chance: random.Random, answers: Callable[[], int]) -> None:
        super().__init__(daemon=True)
        self.site, self.chance, self.answers = site, chance, answers
        self.stop = threading.Event()
        self.failure: Exception | None = None

    def run(self) -> None:
        """Kill, until told to stop."""
        try:
            while True:
                enough = self.answers() + self.chance.randint(*ANSWERS_BETWEEN)
                while self.answers() < enough:
                    if self.stop.wait(0.005):
                        return
                time.sleep(self.chance.uniform(0, LONGEST_WAIT))
                self.site.hit(self.chance)
                self.site.let_minutes_pass()
        except Exception as failure:
            self.failure = failure


def _children(pid: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
