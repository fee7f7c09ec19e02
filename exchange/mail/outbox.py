"""Sending what is due: claim with a lease, send, tick off, one e-mail at a time.

Nothing is lost when a worker is killed: its lease runs out and the letter is sent by another. What was handed
over and not yet ticked off goes out once more, under the same Message-ID.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage

from sqlalchemy import func, or_, select

from exchange.config import Settings
from exchange.mail.leases import Lease, claim, put_off, take_back, tick
from exchange.mail.pace import Paced
from exchange.mail.render import render
from exchange.mail.smtp import Refused, Unreachable
from exchange.mail.transport import Transport
from exchange.mail.transport import transport as way_out
from exchange.mail.wanted import why_not
from exchange.storage.db import db
from exchange.storage.letter import Letter, LetterState

# What one e-mail may take at worst; with less left of the lease, another worker shall have it.
RESERVE = timedelta(minutes=2)
BATCH = 20

Clock = Callable[[], datetime]
Whys = dict[int, str]


@dataclass(frozen=True)
class Delivered:
    """How many letters went out, were given up, and wait for another attempt. Several may share one e-mail."""

    sent: int = 0
    failed: int = 0
    later: int = 0

    def __add__(self, states: Iterable[LetterState]) -> "Delivered":
        became = list(states)
        return Delivered(
            self.sent + became.count(LetterState.SENT),
            self.failed + became.count(LetterState.FAILED),
            self.later + became.count(LetterState.DUE),
        )


def deliver(
    *,
    at: datetime,
    settings: Settings,
    transport: Transport | None = None,
    limit: int = 200,
    stop: Callable[[], bool] = lambda: False,
) -> Delivered:
    """Send what is due at that moment, about `limit` letters, each e-mail committed by itself.

    Any number of workers may do this at once. When the server cannot be reached, or `stop` says so
    between two e-mails, the rest waits for the next call.

    Raises:
        exchange.config.Misconfigured: EXCHANGE_SMTP_URL cannot be read.
    """
    now = _clock(at)
    take_back(at=at)
    done = Delivered()
    with Paced(transport or way_out(settings), settings) as way:
        while limit > 0 and (leases := claim(now(), min(limit, BATCH))):
            limit -= sum(len(lease.ids) for lease in leases)
            for number, lease in enumerate(leases):
                if now() > lease.until - RESERVE:
                    return done
                if stop():
                    return done + [LetterState.DUE] * put_off(leases[number:], now(), rest=False)
                states, reached = _send(lease, way, now, settings)
                done += states
                if not reached:
                    return done + [LetterState.DUE] * put_off(leases[number + 1 :], now(), rest=True)
    return done


def count_waiting(at: datetime) -> int:
    """How many letters should be on their way at that moment and are not sent yet."""
    waiting = select(func.count(Letter.id)).where(
        or_(Letter.state == LetterState.LEASED, (Letter.state == LetterState.DUE) & (Letter.due_at <= at))
    )
    return db.session.scalar(waiting) or 0


def _clock(at: datetime) -> Clock:
    """The given moment, going on: a long run must notice that its leases end."""
    begun = time.monotonic()
    return lambda: at + timedelta(seconds=time.monotonic() - begun)


def _send(lease: Lease, way: Transport, now: Clock, settings: Settings) -> tuple[list[LetterState], bool]:
    """What became of the letters that are still ours, and whether the server could be reached."""
    message, ids, unsent = _written(lease, settings)
    states = tick(lease, unsent, LetterState.FAILED, now()) if unsent else []
    if message is None:
        return states, True
    state, why, reached = _handed_over(message, way)
    return states + tick(lease, dict.fromkeys(ids, why), state, now()), reached


def _handed_over(message: EmailMessage, way: Transport) -> tuple[LetterState, str, bool]:
    try:
        way.send(message)
    except Refused as refused:
        return LetterState.FAILED if refused.for_good else LetterState.DUE, str(refused), True
    except Unreachable as error:
        return LetterState.DUE, str(error), False
    return LetterState.SENT, "", True


def _written(lease: Lease, settings: Settings) -> tuple[EmailMessage | None, list[int], Whys]:
    """The e-mail, what is in it, and why the rest is not. No transaction stays open while a server takes its time."""
    session = db.session()
    try:
        rows = session.scalars(
            select(Letter).where(Letter.id.in_(lease.ids)).order_by(Letter.id).execution_options(populate_existing=True)
        ).all()
        ours = [letter for letter in rows if lease.holds(letter)]
        unwanted = {letter.id: why for letter in ours if (why := why_not(session, letter))}
        letters = [letter for letter in ours if letter.id not in unwanted]
        message, unwritten = _rendered(letters, settings)
        return message, [letter.id for letter in letters if letter.id not in unwritten], unwanted | unwritten
    finally:
        session.rollback()


def _rendered(letters: Sequence[Letter], settings: Settings) -> tuple[EmailMessage | None, Whys]:
    """One bad letter holds nobody else up, nor the good ones beside it. Its own sentence may hold its content."""
    if not letters:
        return None, {}
    try:
        return render(*letters, settings=settings), {}
    except Exception as error:
        why = f"It could not be written: {type(error).__name__}."
    if len(letters) == 1:
        return None, {letters[0].id: why}
    bad: Whys = {}
    for letter in letters:
        bad |= _rendered([letter], settings)[1]
    if not bad:
        return None, {letter.id: why for letter in letters}
    message, unwritten = _rendered([letter for letter in letters if letter.id not in bad], settings)
    return message, bad | unwritten
