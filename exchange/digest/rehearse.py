"""What would be sent at a moment. No issue is written down, and nothing is signed."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select

from exchange.config import Settings
from exchange.digest import finding
from exchange.digest.facts import Due
from exchange.digest.leases import Claimed
from exchange.digest.prepare import composed
from exchange.digest.round import Done
from exchange.digest.send import BATCH
from exchange.digest.skips import Skip
from exchange.storage.db import db
from exchange.storage.digest import DigestIssue, IssueState, unsent


def rehearse(*, at: datetime, settings: Settings) -> Done:
    """What would become of all that is due at that moment."""
    done, some = Done(), dict[int, Claimed]()
    for claimed, skip in [*_waiting(at), *_to_come(at)]:
        if skip:
            done.skipped[skip] += 1
        else:
            some[claimed.due.person_id] = claimed  # a later one has the window of an earlier one in it
    every = list(some.values())
    for first in range(0, len(every), BATCH):
        found = composed(db.session(), every[first : first + BATCH], folder=settings.checkpoints, at=at)
        done.sent += len(found.ready)
        done.failed += len(found.broken)
        done.skipped.update(found.reasons.values())
        db.session.rollback()
    return done


def _waiting(at: datetime) -> Iterator[tuple[Claimed, Skip | None]]:
    rows = db.session.scalars(select(DigestIssue).where(unsent(IssueState.DUE), DigestIssue.due_at <= at))
    for row in rows:
        due = Due(row.id, row.person_id, row.window_from, row.window_until)
        late = Skip.EXPIRED if at - row.due_at > finding.LATE else None
        yield Claimed(due, row.run_id, row.due_at, row.attempts, row.dropped, until=at), late


def _to_come(at: datetime) -> Iterator[tuple[Claimed, Skip | None]]:
    for plan in finding.plans():
        moment = plan.latest(at)
        if finding.was_seen_to(moment, at=at):
            continue
        for people in finding.waiting(plan, moment, finding.of(plan, moment)):
            for row in finding.issues(db.session(), plan, moment, people, at=at):
                due = Due(row["id"], row["person_id"], row["window_from"], row["window_until"])
                skip = Skip(row["reason"]) if row["state"] is IssueState.SKIPPED else None
                yield Claimed(due, 0, row["due_at"], 0, 0, until=at), skip
