"""Sending what is due: claim with a lease, send, tick off, one letter at a time.

Nothing is lost when a worker is killed: its lease runs out and the letter is sent by another. What was handed
over and not yet ticked off goes out once more, under the same Message-ID.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.message import EmailMessage

import structlog
from sqlalchemy import func, or_, select, update

from exchange.config import Settings
from exchange.mail.render import render
from exchange.mail.transport import Refused, Transport, Unreachable
from exchange.mail.transport import transport as way_out
from exchange.storage.db import db, locked, transaction
from exchange.storage.letter import Letter, LetterState

LEASE = timedelta(minutes=5)
# What one letter may take at worst; with less left of the lease, another worker shall have it.
RESERVE = timedelta(minutes=2)
BATCH = 20
PAUSES = [timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 480, 1440, 1440)]
ATTEMPTS = len(PAUSES) + 1
JITTER = 0.2
WHY = 300

log = structlog.get_logger()
Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Delivered:
    """How many letters went out, were given up, and wait for another attempt."""

    sent: int = 0
    failed: int = 0
    later: int = 0


@dataclass(frozen=True)
class Lease:
    """A letter that is ours until then."""

    letter_id: int
    until: datetime


def deliver(*, at: datetime, settings: Settings, transport: Transport | None = None, limit: int = 200) -> Delivered:
    """Send what is due at that moment, at most `limit` letters, each committed by itself.

    Any number of workers may do this at once. When the server cannot be reached, the rest waits for the next call.

    Raises:
        exchange.config.Misconfigured: EXCHANGE_SMTP_URL cannot be read.
    """
    now = _clock(at)
    take_back(at=at)
    done = Delivered()
    with transport or way_out(settings) as way:
        while limit > 0 and (leases := _claim(now(), min(limit, BATCH))):
            limit -= len(leases)
            for number, lease in enumerate(leases):
                if now() > lease.until - RESERVE:
                    return done
                result, reached = _send(lease, way, now, settings)
                done = _counted(done, result)
                if not reached:
                    return _put_off(leases[number + 1 :], done, now)
    return done


def take_back(*, at: datetime) -> int:
    """Make letters due again whose worker has not come back; give up those that ended every worker."""
    with transaction() as session:
        gone = session.execute(
            select(Letter.id, Letter.attempts)
            .where(Letter.state == LetterState.LEASED, Letter.leased_until <= at)
            .with_for_update(skip_locked=True, of=Letter)
        ).all()
        for ids, values in (
            ([row.id for row in gone if row.attempts < ATTEMPTS], {"state": LetterState.DUE}),
            (
                [row.id for row in gone if row.attempts >= ATTEMPTS],
                {"state": LetterState.FAILED, "why_failed": "No worker came back from it.", "facts": {}},
            ),
        ):
            if ids:
                session.execute(update(Letter).where(Letter.id.in_(ids)).values(leased_until=None, **values))
    return len(gone)


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


def _claim(now: datetime, most: int) -> list[Lease]:
    until = now + LEASE
    with transaction() as session:
        ids = session.scalars(
            select(Letter.id)
            .where(Letter.state == LetterState.DUE, Letter.due_at <= now)
            .order_by(Letter.due_at, Letter.id)
            .limit(most)
            .with_for_update(skip_locked=True, of=Letter)
        ).all()
        if ids:
            session.execute(
                update(Letter)
                .where(Letter.id.in_(ids))
                .values(state=LetterState.LEASED, leased_until=until, attempts=Letter.attempts + 1)
            )
    return [Lease(letter_id, until) for letter_id in ids]


def _send(lease: Lease, way: Transport, now: Clock, settings: Settings) -> tuple[LetterState | None, bool]:
    """What became of a letter (None: it is another worker's), and whether the server could be reached."""
    message, why = _written(lease, settings)
    if message is None:
        return (_tick(lease, LetterState.FAILED, now(), why) if why else None), True
    try:
        way.send(message)
    except Refused as refused:
        state = LetterState.FAILED if refused.for_good else LetterState.DUE
        return _tick(lease, state, now(), str(refused)), True
    except Unreachable as error:
        return _tick(lease, LetterState.DUE, now(), str(error)), False
    return _tick(lease, LetterState.SENT, now()), True


def _written(lease: Lease, settings: Settings) -> tuple[EmailMessage | None, str]:
    """The e-mail, or why there is none. Ends its transaction: none stays open while a server takes its time."""
    session = db.session()
    try:
        letter = session.scalar(select(Letter).filter_by(id=lease.letter_id).execution_options(populate_existing=True))
        if letter is None or not _ours(letter, lease):
            return None, ""
        if letter.person is not None and not letter.person.active:
            return None, "The account is not active any more."
        try:
            return render(letter, settings=settings), ""
        except Exception as error:  # one bad letter holds nobody else up; its sentence may hold the letter's content
            return None, f"It could not be written: {type(error).__name__}."
    finally:
        session.rollback()


def _ours(letter: Letter, lease: Lease) -> bool:
    return letter.state is LetterState.LEASED and letter.leased_until == lease.until


def _tick(lease: Lease, state: LetterState, now: datetime, why: str = "") -> LetterState | None:
    """Write down what became of a letter. What it told must not stay when it is over."""
    with transaction() as session:
        letter = locked(session, Letter, lease.letter_id)
        if letter is None or not _ours(letter, lease):
            return None
        if state is LetterState.DUE and letter.attempts >= ATTEMPTS:
            state = LetterState.FAILED
        letter.state, letter.leased_until, letter.why_failed = state, None, why[:WHY]
        if state is LetterState.DUE:
            letter.due_at = now + _pause(letter.attempts)
        else:
            letter.facts = {}
        if state is LetterState.SENT:
            letter.sent_at = now
        kind = letter.kind
    log.info("letter", id=lease.letter_id, kind=kind, state=state.value)
    return state


def _pause(attempts: int) -> timedelta:
    """Longer each time, and never the same for two letters that failed together."""
    return PAUSES[attempts - 1] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 (nothing secret)


def _put_off(leases: list[Lease], done: Delivered, now: Clock) -> Delivered:
    """Hand back what was claimed and not tried, without counting it as an attempt."""
    with transaction() as session:
        for lease in leases:
            letter = locked(session, Letter, lease.letter_id)
            if letter is not None and _ours(letter, lease):
                letter.state, letter.leased_until = LetterState.DUE, None
                letter.due_at, letter.attempts = now() + _pause(1), letter.attempts - 1
                done = replace(done, later=done.later + 1)
    return done


def _counted(done: Delivered, state: LetterState | None) -> Delivered:
    if state is LetterState.SENT:
        return replace(done, sent=done.sent + 1)
    if state is LetterState.FAILED:
        return replace(done, failed=done.failed + 1)
    if state is LetterState.DUE:
        return replace(done, later=done.later + 1)
    return done
