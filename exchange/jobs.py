"""The worker, and the queue that wakes it. What there is to do stands in our own tables.

A queue hands out at most once and forgets what a killed worker held, so ours carries no task and no data, only
"look now". A worker looks when it is woken, and every minute even if nobody wakes it or the queue is away. Any
number of workers may look at the same time: what is due is claimed in the tables, under a lease.
"""

import math
import signal
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

import structlog
from flask import Flask, Response, current_app

from exchange.digest import issue, send
from exchange.digest.kept import Kept
from exchange.domain import clearing, clocks
from exchange.mail import deliver
from exchange.mail.transport import transport
from exchange.queues import opener
from exchange.storage.db import db

if TYPE_CHECKING:
    from exchange.config import Settings

LOOK_SECONDS = 60.0
POLL_SECONDS = 0.5
# A queue that did not answer is left alone for so long: no request shall wait for it again and again.
REST_SECONDS = 10.0
LETTERS_AT_ONCE = 20

log = structlog.get_logger()
Answer = TypeVar("Answer")


class Queue:
    """Wakes a worker in another process. It may lose a call and it may be away; neither harms anything."""

    def __init__(self, url: str) -> None:
        self._make = opener(url)
        self._kept: Any = None
        self._lock = Lock()
        self._told = False
        self._told_at = self._rests_until = -math.inf

    def wake(self) -> None:
        """Wake one worker. A call that nobody has heard yet is enough: who hears it sees all that is due by then."""
        if time.monotonic() >= self._rests_until:
            self._ask(lambda storage: storage.queue_size() or storage.enqueue(b"look"))

    def woken(self) -> bool:
        """Whether somebody calls; waits for about a second."""
        if time.monotonic() < self._rests_until:
            time.sleep(POLL_SECONDS)
            return False
        if self._ask(lambda storage: storage.dequeue() is not None):
            return True
        if self._kept is None or not self._kept.blocking:
            time.sleep(POLL_SECONDS)
        return False

    def close(self) -> None:
        """Hang up; the next call opens it again."""
        self._hang_up(self._kept)

    def _ask(self, question: Callable[[Any], Answer]) -> Answer | None:
        """The queue's answer; None if there is none. A connection that broke in the meantime is made anew, once."""
        for last in (False, True):
            storage = None
            try:
                storage = self._storage()
                answer = question(storage)
            except Exception as error:  # every kind of queue has its own; none of them may end a request
                self._hang_up(storage)
                if last:
                    self._is_away(error)
            else:
                if self._told:
                    self._told = False
                    log.info("queue answers again")
                return answer
        return None

    def _storage(self) -> Any:
        with self._lock:
            if self._kept is None:
                self._kept = self._make()
            return self._kept

    def _hang_up(self, storage: Any) -> None:
        with self._lock:
            if self._kept is storage:
                self._kept = None
        with suppress(Exception):  # it is broken anyway, or was never made
            storage.close()

    def _is_away(self, failure: Exception) -> None:
        """Say it once until it answers again, and never twice within a minute."""
        now = time.monotonic()
        self._rests_until = now + REST_SECONDS
        if not self._told and now >= self._told_at + LOOK_SECONDS:
            self._told, self._told_at = True, now
            said = str(failure).strip().partition("\n")[0][:200]
            log.warning("queue does not answer; work is done every minute", error=type(failure).__name__, why=said)


class Jobs:
    """The application's jobs: `wake` from a web process, `run` in a worker."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.queue = Queue(app.extensions["settings"].queue_url)
        self.known: issue.Known = {}
        self.kept = Kept()
        self._ends = False

    def wake(self) -> None:
        """Say that there is something to do. A queue that does not answer delays it by a minute, no more."""
        self.queue.wake()

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; what is in hand is finished first.

        Raises:
            exchange.config.Misconfigured: EXCHANGE_SMTP_URL cannot be read.
        """
        transport(self.app.extensions["settings"])
        # A flag and short naps: an Event that a handler sets can block for ever on the lock its own thread holds.
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, lambda *_: self.end())
        log.info("worker began")
        self.work()
        log.info("worker ended")

    def end(self) -> None:
        """Finish what is in hand and stop."""
        self._ends = True

    def work(self) -> None:
        """Look when woken, and every minute."""
        look_at = time.monotonic()
        while not self._ends:
            if time.monotonic() >= look_at or self.queue.woken():
                look_at = time.monotonic() + LOOK_SECONDS
                while not self._ends and tick(self.app, stop=lambda: self._ends):
                    pass


def tick(app: Flask, *, stop: Callable[[], bool] = lambda: False) -> bool:
    """Do what is due, until `stop` says so between two letters. Returns whether there is more of it.

    What fails is logged, and holds nothing else up.
    """
    _guarded(app, "clocks", lambda at, _settings: clocks.due(at=at))
    done = _guarded(
        app, "letters", lambda at, settings: deliver(at=at, settings=settings, limit=LETTERS_AT_ONCE, stop=stop)
    )
    jobs = app.extensions["jobs"]
    digest = _guarded(
        app,
        "digest",
        lambda at, settings: send.send(at=at, settings=settings, stop=stop, known=jobs.known, kept=jobs.kept),
    )
    clears = _guarded(app, "deleted groups", lambda at, _settings: clearing.due(at=at, stop=stop))
    more = done is not None and done.sent > 0 and done.sent + done.failed + done.later >= LETTERS_AT_ONCE
    return more or bool(clears) or (digest is not None and digest.more)


def _guarded(app: Flask, job: str, do: Callable[[datetime, "Settings"], Answer]) -> Answer | None:
    """Run one job in a context of its own. Of an error its kind and place are logged, never what it was about."""
    try:
        with app.app_context():
            return do(app.extensions["clock"](), app.extensions["settings"])
    except Exception as error:
        log.error("job failed", job=job, error=type(error).__name__, where=_where(error))
        return None


def _where(error: Exception) -> str:
    """The last line of ours that an error came through."""
    ours = Path(__file__).parent
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(ours)]
    return f"{Path(frames[-1].filename).relative_to(ours.parent)}:{frames[-1].lineno}"


def init_app(app: Flask) -> None:
    """Wake a worker after every request that wrote a letter.

    Raises:
        exchange.config.Misconfigured: EXCHANGE_QUEUE_URL cannot be read.
    """
    app.extensions["jobs"] = Jobs(app)
    app.after_request(_wake)


def _wake(response: Response) -> Response:
    if db.session().info.pop("letters_written", False):
        current_app.extensions["jobs"].wake()
    return response
