"""What the tests of lives share: a table written as text, a look at every row, and time that moves on."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from exchange import log
from exchange.domain import clocks
from exchange.domain.errors import Refusal
from exchange.storage.db import Base, db
from exchange.storage.group import Group
from exchange.storage.letter import Letter
from exchange.storage.membership import Membership

A_MOMENT = timedelta(seconds=1)
ROWS = (
    "membership",
    "person",
    "post",
    "response",
    "favor",
    "correction",
    "tie",
    "invitation",
    "letter",
    "log_head",
    "log_entry",
    "log_part",
    "log_count",
    "log_opening",
)


def table(text: str) -> dict[str, dict[str, str]]:
    """By state and event, the outcome that a table written as text says: states above, an event before each `|`."""
    head, *rows = [line for line in text.splitlines() if line.strip()]
    states = head.partition("|")[2].split()
    found: dict[str, dict[str, str]] = {state: {} for state in states}
    for row in rows:
        event, _, outcomes = row.partition("|")
        for state, outcome in zip(states, outcomes.split(), strict=True):
            found[state][event.strip()] = outcome
    return found


@contextmanager
def undone() -> Iterator[Session]:
    """What happens inside never happened afterwards; rows that were loaded before are to be loaded again."""
    db.session.remove()
    engines: Any = db.engines
    savepoint = engines[None].begin_nested()
    try:
        yield db.session()
    finally:
        db.session.remove()
        savepoint.rollback()


def wrong(
    said: dict[str, str], events: Mapping[str, Callable[[Any], object]], stage: object, stands: Callable[[], str]
) -> list[str]:
    """The events that lead elsewhere than the table says, each tried from what the database holds now.

    `-` stands for a refusal, which is to say a sentence and to change no row.
    """
    before = every_row(db.session())
    found = []
    for event, expected in said.items():
        with undone() as session:
            came = _outcome(partial(events[event], stage), stands, before)
            found += [f"{event}: {expected} was expected: {came}"] if came != expected else []
            if came != "-":
                for group_id in session.scalars(select(Group.id)).all():
                    found += [f"{event}: {line}" for line in log.compare(session, group_id).differences]
    return found


def _outcome(do: Callable[[], object], stands: Callable[[], str], before: object) -> str:
    try:
        do()
    except Refusal as refusal:
        if not (str(refusal).endswith(".") and " " in str(refusal)):
            return f"refused with “{refusal}”, which is no sentence"
        return "-" if every_row(db.session()) == before else "refused, and rows changed"
    db.session().expire_all()
    return stands()


def every_row(session: Session) -> dict[str, list[tuple[object, ...]]]:
    """What the database holds."""
    tables = [Base.metadata.tables[name] for name in ROWS]
    return {
        table.name: [tuple(row) for row in session.execute(select(table).order_by(*table.primary_key))]
        for table in tables
    }


def time_comes(at: datetime) -> int:
    """Do all that is due at a moment, as the worker would, until nothing is; returns how much it was."""
    happened = 0
    while some := clocks.due(at=at):
        happened += some
        assert happened < 1_000, "time never stops doing something"
    return happened


def told(session: Session, member: Membership, *, since: int = 0) -> list[str]:
    """The kinds of letters to a member that are younger than the letter `since`, by name."""
    found = select(Letter.kind).where(Letter.person_id == member.person_id, Letter.id > since)
    return sorted(session.scalars(found))


def last_letter(session: Session) -> int:
    """The id of the newest letter."""
    return max(session.scalars(select(Letter.id)), default=0)
