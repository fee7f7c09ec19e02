"""Issues that one worker has for a while: claimed, or taken back from whoever did not return."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Update, exists, or_, select, update
from sqlalchemy.orm import Session

from exchange.digest import holder
from exchange.digest.facts import Due
from exchange.digest.finding import LATE
from exchange.digest.issue import WAITING
from exchange.digest.skips import Skip
from exchange.storage.among import among
from exchange.storage.db import db, transaction
from exchange.storage.digest import DigestIssue, DigestRun, IssueState, unsent

LEASE = timedelta(minutes=5)
# What one letter may take at worst; with less left of the lease, another worker shall have it.
RESERVE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Claimed:
    """An issue that is ours until then. A `copy` is a letter that somebody has had already."""

    due: Due
    run_id: int
    due_at: datetime
    attempts: int
    dropped: int
    until: datetime
    copy: bool = False

    @property
    def id(self) -> int:
        """The issue's id."""
        return self.due.issue_id


def claim(now: datetime, most: int) -> list[Claimed]:
    """Lease what is due, at most so many issues, and never two of one person: one of them would not know of the other.

    Whoever waits longest comes first.
    """
    until = now + LEASE
    with transaction() as session:
        rows = session.execute(
            select(DigestIssue)
            .where(unsent(IssueState.DUE), DigestIssue.next_try_at <= now, DigestIssue.due_at <= now)
            .order_by(DigestIssue.next_try_at, DigestIssue.id)
            .limit(most)
            .with_for_update(skip_locked=True, of=DigestIssue)
            .with_only_columns(
                DigestIssue.id,
                DigestIssue.person_id,
                DigestIssue.window_from,
                DigestIssue.window_until,
                DigestIssue.run_id,
                DigestIssue.due_at,
                DigestIssue.attempts,
                DigestIssue.dropped,
                DigestIssue.asked_by_id,
            )
        ).all()
        first_of_each = {row.person_id: row for row in reversed(rows)}
        ours = [row for row in rows if first_of_each[row.person_id] is row]
        if ours:
            changed(
                session,
                update(DigestIssue)
                .where(among(DigestIssue.id, "issues"))
                .values(state=IssueState.LEASED, leased_until=until, holder=holder.me()),
                issues=[row.id for row in ours],
            )
    return [
        Claimed(
            due=Due(row.id, row.person_id, row.window_from, row.window_until, row.due_at if row.asked_by_id else None),
            run_id=row.run_id,
            due_at=row.due_at,
            attempts=row.attempts,
            dropped=row.dropped,
            until=until,
            copy=row.asked_by_id is not None,
        )
        for row in ours
    ]


def take_back(*, at: datetime) -> int:
    """Make issues due again whose worker has not come back, and skip what is too late by now; how many came back."""
    leased = unsent(IssueState.LEASED)
    holders = db.session.scalars(select(DigestIssue.holder).where(leased).distinct()).all()
    gone = or_(
        DigestIssue.leased_until <= at, DigestIssue.holder.in_([name for name in holders if holder.is_gone(name)])
    )
    late = unsent(IssueState.DUE) & (DigestIssue.due_at < at - LATE)
    found = db.session.scalar(select(DigestIssue.id).where(or_(leased & gone, late)).limit(1))
    db.session.rollback()
    if found is None:
        return 0
    with transaction() as session:
        back = changed(
            session,
            update(DigestIssue).where(leased, gone).values(state=IssueState.DUE, leased_until=None, holder=""),
        )
        expired = {"state": IssueState.SKIPPED, "reason": Skip.EXPIRED.value}
        changed(session, update(DigestIssue).where(late).values(**expired))
    return back


def changed(session: Session, statement: Update, **asked: Collection[int]) -> int:
    """Change rows that nobody holds in memory; how many. `asked` are the numbers that the statement names."""
    result: Any = session.execute(statement, asked, execution_options={"synchronize_session": False})
    return int(result.rowcount)


def any_waits(at: datetime) -> bool:
    """Whether any of the issues that are due at a moment is neither sent nor skipped nor has failed."""
    waits = select(DigestIssue.id).where(unsent(*WAITING), DigestIssue.due_at <= at)
    found = db.session.scalar(waits.limit(1)) is not None
    db.session.rollback()
    return found


def end_runs(*, at: datetime) -> None:
    """Runs of which nothing waits are over."""
    waits = exists().where(DigestIssue.run_id == DigestRun.id, unsent(*WAITING))
    over = select(DigestRun.id).where(DigestRun.ended_at.is_(None), ~waits)
    if db.session.scalar(over.limit(1)) is None:
        return
    with transaction() as session:
        changed(session, update(DigestRun).where(DigestRun.id.in_(over)).values(ended_at=at))
