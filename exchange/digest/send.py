"""Sending what is due: claim, compose, look again, hand over, tick off, one letter at a time.

What is read is read for three hundred readers at once; what is sent is written down letter by letter. A worker that is
killed leaves at most one letter in doubt, which it was just handing over; it goes out once more, under the same
Message-ID.
"""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import structlog

from exchange.config import Settings
from exchange.digest import breaker, issue, leases, shown
from exchange.digest.batch import Batch
from exchange.digest.kept import Kept
from exchange.digest.retry import HURRIED
from exchange.digest.round import Carrier, Done, Round
from exchange.mail.pace import wall
from exchange.mail.transport import transport as way_out
from exchange.storage.ticking import Ticking

BATCH = 300
# A worker has other letters to send, too.
AT_ONCE_SECONDS = 5.0
# In the last of them, a server that is not slow is told of no letter that does not come.
SOON_SECONDS = 0.05
LOOK_SECONDS = 0.2
FEW_COLLECTIONS = 10
# So many attempts, each after twice the rest of the one before: two minutes.
SILENT_AFTER = 6

log = structlog.get_logger()


class Silent(Exception):  # noqa: N818 (read as a sentence)
    """The mail server takes no letters. What waits goes out when it does."""


def send(
    *,
    at: datetime,
    settings: Settings,
    way: Carrier | None = None,
    stop: Callable[[], bool] = lambda: False,
    known: issue.Known | None = None,
    kept: Kept | None = None,
) -> Done:
    """What a worker does again and again: write down what is due, and send for a few seconds.

    Any number of workers may do this at once. Between two calls, `known` remembers what was written down already and
    `kept` what was read.

    Raises:
        exchange.config.Misconfigured: EXCHANGE_SMTP_URL cannot be read.
    """
    done = Done()
    issue.due(at=at, known=known, done=done)
    with seldom_collected(), way or way_out(settings) as carrier, Ticking() as ticking:
        go = Round(carrier, settings, _clock(at), done=done, kept=kept or Kept(), ticking=ticking)
        until = time.monotonic() + AT_ONCE_SECONDS

        def enough(within: float = 0) -> bool:
            """However slow it is to prepare letters, one of them goes before there is enough of it."""
            return time.monotonic() + within >= until and go.done.due + go.done.later > 0

        go.stop = lambda: stop() or enough()
        go.ends_soon = lambda: stop() or enough(SOON_SECONDS)
        _go(go)
        go.done.more = go.done.sent > 0 and enough()
    return go.done


def send_all(*, at: datetime, settings: Settings, way: Carrier | None = None) -> Done:
    """Send what is due at a moment, which may lie ahead; return when each letter is sent, skipped or has failed.

    Raises:
        Silent: the server has taken nothing for about two minutes. What waits stays due.
        exchange.config.Misconfigured: EXCHANGE_SMTP_URL cannot be read.
    """
    done = Done()
    issue.due(at=at, done=done)
    with seldom_collected(), way or way_out(settings) as carrier, Ticking() as ticking:
        go = Round(carrier, settings, _clock(at), pauses=HURRIED, done=done, ticking=ticking)
        while leases.any_waits(_go(go)):
            # What is put off waits for its moment, a silent server for its rest, and what others hold for them.
            failures, why = breaker.failures()
            if failures >= SILENT_AFTER:
                raise Silent(why)
            time.sleep(LOOK_SECONDS)
    return go.done


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Python looks for rubbish that points at itself after every 700 new objects, and a letter makes more of them.
    There is next to none of it in letters, so it is looked for ten times as seldom.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(FEW_COLLECTIONS * before[0], *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def _go(go: Round) -> datetime:
    """Send what can be sent now; returns the moment at which there was no more of it."""
    leases.take_back(at=go.now())
    tried = False
    try:
        while not go.stop() and (tried or breaker.rests_until(wall()) is None):
            claimed = leases.claim(go.now(), BATCH)
            if not claimed or not Batch(go).run(claimed):
                break
            tried = True
    finally:
        shown.count(go.shown)
    leases.end_runs(at=go.now())
    return go.now()


def _clock(at: datetime) -> Callable[[], datetime]:
    """The given moment, going on: a long run must notice that its leases end. Of two clocks, one stands still while the
    machine sleeps, and one may be put back: the one that has gone further counts.
    """
    begun, outside = time.monotonic(), wall()
    return lambda: at + max(timedelta(seconds=time.monotonic() - begun), wall() - outside)
