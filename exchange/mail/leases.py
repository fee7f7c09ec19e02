"""Letters that one worker has for a while: claimed, ticked off, handed back, or taken from whoever did not return."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, and_, exists, or_, select, tuple_, update
from sqlalchemy.orm import Session, aliased

from exchange.mail.kinds import SMALL
from exchange.storage.db import locked, transaction
from exchange.storage.letter import Letter, LetterState

LEASE = timedelta(minutes=5)
PAUSES = [timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 480, 1440, 1440)]
ATTEMPTS = len(PAUSES) + 1
JITTER = 0.2
WHY = 300

log = structlog.get_logger()


@dataclass(frozen=True)
class Lease:
    """Letters that are ours until then: one, or the small ones of one reader, which go as one e-mail."""

    ids: tuple[int, ...]
    until: datetime

    def holds(self, letter: Letter) -> bool:
        """Whether nobody else has taken it over."""
        return letter.state is LetterState.LEASED and letter.leased_until == self.until


def claim(now: datetime, most: int) -> list[Lease]:
    """Lease what is due, at most so many e-mails. A small letter brings along all that wait for its reader.

    Only the first of a reader's small letters can be claimed, so two workers never share them out.
    """
    until = now + LEASE
    with transaction() as session:
        firsts = session.execute(
            select(Letter.id, Letter.kind, Letter.person_id, Letter.group_id, Letter.email)
            .where(Letter.state == LetterState.DUE, Letter.due_at <= now, _first_for_its_reader())
            .order_by(Letter.due_at, Letter.id)
            .limit(most)
            .with_for_update(skip_locked=True, of=Letter)
        ).all()
        together = _together(session, {tuple(row[2:]) for row in firsts if row.kind in SMALL})
        bundles = [together.get(tuple(row[2:]), (row.id,)) if row.kind in SMALL else (row.id,) for row in firsts]
        if bundles:
            session.execute(
                update(Letter)
                .where(Letter.id.in_([letter_id for ids in bundles for letter_id in ids]))
                .values(state=LetterState.LEASED, leased_until=until, attempts=Letter.attempts + 1)
            )
    return [Lease(ids, until) for ids in bundles]


def _first_for_its_reader() -> ColumnElement[bool]:
    other = aliased(Letter)
    return or_(
        Letter.kind.not_in(SMALL),
        ~exists().where(
            other.state == LetterState.DUE,
            other.kind.in_(SMALL),
            other.person_id == Letter.person_id,
            other.group_id == Letter.group_id,
            other.email == Letter.email,
            or_(other.due_at < Letter.due_at, and_(other.due_at == Letter.due_at, other.id < Letter.id)),
        ),
    )


def _together(session: Session, readers: set[tuple[Any, ...]]) -> dict[tuple[Any, ...], tuple[int, ...]]:
    """The small letters that wait for each reader, due or not yet, in the order in which they were written."""
    found: dict[tuple[Any, ...], tuple[int, ...]] = {}
    if not readers:
        return found
    reader = (Letter.person_id, Letter.group_id, Letter.email)
    for letter_id, *whose in session.execute(
        select(Letter.id, *reader)
        .where(Letter.state == LetterState.DUE, Letter.kind.in_(SMALL), tuple_(*reader).in_(readers))
        .order_by(Letter.id)
        .with_for_update(skip_locked=True, of=Letter)
    ):
        found[tuple(whose)] = (*found.get(tuple(whose), ()), letter_id)
    return found


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


def tick(lease: Lease, whys: dict[int, str], state: LetterState, now: datetime) -> list[LetterState]:
    """Write down what became of letters, with the reason of each. What they told must not stay when it is over.

    Those that wait for another attempt wait together.
    """
    again: datetime | None = None
    done: dict[int, tuple[str, LetterState]] = {}
    with transaction() as session:
        for letter_id, why in sorted(whys.items()):
            letter = locked(session, Letter, letter_id)
            if letter is None or not lease.holds(letter):
                continue
            given_up = state is LetterState.DUE and letter.attempts >= ATTEMPTS
            letter.state = LetterState.FAILED if given_up else state
            letter.leased_until, letter.why_failed = None, why[:WHY]
            if letter.state is LetterState.DUE:
                letter.due_at = again = again or now + _pause(letter.attempts)
            else:
                letter.facts = {}
            if letter.state is LetterState.SENT:
                letter.sent_at = now
            done[letter_id] = (letter.kind, letter.state)
    for letter_id, (kind, became) in done.items():
        log.info("letter", id=letter_id, kind=kind, state=became.value)
    return [became for _kind, became in done.values()]


def put_off(leases: list[Lease], now: datetime, *, rest: bool) -> int:
    """Hand back what was claimed and not tried, without counting it as an attempt; how many letters.

    They are due again at once, or, where the server needs a `rest`, after a while.
    """
    count = 0
    with transaction() as session:
        for lease in leases:
            again = now + _pause(1) if rest else now
            for letter_id in lease.ids:
                letter = locked(session, Letter, letter_id)
                if letter is not None and lease.holds(letter):
                    letter.state, letter.leased_until = LetterState.DUE, None
                    letter.due_at, letter.attempts = again, letter.attempts - 1
                    count += 1
    return count


def _pause(attempts: int) -> timedelta:
    """Longer each time, and never the same for two letters that failed together."""
    return PAUSES[attempts - 1] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 (nothing secret)
