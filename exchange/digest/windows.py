"""The window of a letter: what has come to pass since the last one that somebody got."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from exchange.storage.among import among
from exchange.storage.digest import DigestIssue, IssueState

FIRST_WINDOW = timedelta(days=14)
LIVE = (IssueState.DUE, IssueState.LEASED, IssueState.SENT)


@dataclass(frozen=True)
class Waiting:
    """Somebody who has no issue of a period yet."""

    person_id: int
    joined_at: datetime
    paused_until: datetime | None
    since: datetime | None


@dataclass(frozen=True)
class Last:
    """What went before: the end of the last sent window, that of the last issue that was sent or still will be, that
    of the last issue of all, and where the first one began.
    """

    sent: datetime | None = None
    live: datetime | None = None
    any: datetime | None = None
    first: datetime | None = None


def before(session: Session, people: Sequence[int]) -> dict[int, Last]:
    """What went before, for those who had an issue."""
    rows = session.execute(_before(), {"people": people})
    return {person_id: Last(*rest) for person_id, *rest in rows}


@cache
def _before() -> Select[*tuple[Any, ...]]:
    until = DigestIssue.window_until
    return (
        select(
            DigestIssue.person_id,
            func.max(case((DigestIssue.state == IssueState.SENT, until))),
            func.max(case((DigestIssue.state.in_(LIVE), until))),
            func.max(until),
            func.min(DigestIssue.window_from),
        )
        .where(among(DigestIssue.person_id, "people"))
        .group_by(DigestIssue.person_id)
    )


def window_from(reader: Waiting, last: Last, moment: datetime) -> datetime:
    """Where the window that ends at a moment begins: at the end of the last one that was sent. Before any was, at
    joining, at most 14 days back; but what was skipped since then is in it.
    """
    begin = last.sent or last.first or max(reader.joined_at, moment - FIRST_WINDOW)
    return max(begin, reader.since - FIRST_WINDOW) if reader.since else begin


def last_due(reader: Waiting, last: Last) -> datetime:
    """When the last issue was due; joining, or beginning again, before the first one."""
    return last.any or max(reader.joined_at, reader.since or reader.joined_at)
