"""Writing down which letters are due. Any number of schedulers may do it at once: a unique key lets each in once."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select, update
from sqlalchemy.orm import Session

from exchange.digest import finding
from exchange.digest.round import Done
from exchange.digest.schedule import Plan
from exchange.digest.skips import Skip
from exchange.digest.windows import Waiting
from exchange.storage.among import among
from exchange.storage.db import transaction
from exchange.storage.digest import DigestIssue, DigestRun, IssueState
from exchange.storage.insert import insert_alike, insert_new

WAITING = (IssueState.DUE, IssueState.LEASED)

# In what issues of one moment differ that have the same reason.
APART = ("id", "person_id", "window_from")

# The moment of each plan that a process has seen to, so that it need not look at everybody again every minute.
Known = dict[Plan, datetime]


def due(*, at: datetime, known: Known | None = None, done: Done | None = None) -> int:
    """Write down every letter that is due at a moment and is not written down yet; how many of them are to be sent.

    What is late by more than 36 hours is skipped; its window joins that of the next letter. `done` counts the skips.
    """
    known, done = {} if known is None else known, done or Done()
    count = 0
    for plan in finding.plans():
        moment = plan.latest(at)
        if known.get(plan) == moment or finding.was_seen_to(moment, at=at):
            continue
        some = finding.waiting(plan, moment, finding.of(plan, moment))
        written = [_write_down(plan, moment, people, at, done) for people in some]
        count += sum(to_send for to_send, _ in written)
        if not any(left for _, left in written):
            known[plan] = moment
    return count + sum(_write_down(*found, at, done)[0] for found in finding.overdue(at))


def _write_down(plan: Plan, moment: datetime, people: Sequence[Waiting], at: datetime, done: Done) -> tuple[int, int]:
    """The issues of some people for one moment: how many are to be sent, and how many could not be written yet."""
    with transaction() as session:
        # One worker after the other, or each would do all the work of the others.
        session.execute(_of_run(), {"moment": moment})
        there = _there(session, plan.period(moment), people)
        people = [one for one in people if one.person_id not in there]
        if not people:  # another worker was faster
            return 0, 0
        unsent = _unsent(session, [one.person_id for one in people])
        wanted = finding.issues(session, plan, moment, people, at=at)
        # What is on its way just now has to arrive or fail first: only then it is known where the next window begins.
        rows = [row for row in wanted if unsent.get(row["person_id"]) is not IssueState.LEASED]
        _joined(session, [row["person_id"] for row in rows if row["person_id"] in unsent])
        written = _insert(session, moment, at, rows)
    done.skipped.update({Skip(reason): number for reason, number in written.items() if reason})
    return written[""], len(wanted) - len(rows)


@cache
def _of_run() -> Select[int]:
    return select(DigestRun.id).where(DigestRun.moment == bindparam("moment")).with_for_update(key_share=True)


def _there(session: Session, period: str, people: Sequence[Waiting]) -> set[int]:
    """Whose issue of the period was written down since it was looked for."""
    found = session.scalars(_written(), {"people": [one.person_id for one in people], "period": period})
    return set(found)


@cache
def _written() -> Select[int]:
    return select(DigestIssue.person_id).where(
        among(DigestIssue.person_id, "people"), DigestIssue.period == bindparam("period")
    )


def _insert(session: Session, moment: datetime, at: datetime, rows: list[dict[str, Any]]) -> Counter[str]:
    """Write down those of the issues that nobody else has; how many for each reason, and without any."""
    if not rows:
        return Counter()
    insert_new(session, DigestRun, [{"moment": moment, "begun_at": at}])
    run_id = session.scalars(select(DigestRun.id).filter_by(moment=moment)).one()
    written = Counter[str]()
    for reason in sorted({row["reason"] for row in rows}):
        some = [row for row in rows if row["reason"] == reason]
        apart = [{name: row[name] for name in APART} for row in some]
        same = {name: value for name, value in some[0].items() if name not in APART}
        written[reason] = insert_alike(session, DigestIssue, apart, same=same | {"run_id": run_id})
    return written


def _unsent(session: Session, people: Sequence[int]) -> dict[int, IssueState]:
    """Whose earlier issue is not sent yet; they stay as they are until the transaction ends."""
    rows = session.execute(_waiting(), {"people": people}).all()
    return {row.person_id: row.state for row in sorted(rows, key=lambda row: row.state is IssueState.LEASED)}


@cache
def _waiting() -> Select[int, IssueState]:
    return (
        select(DigestIssue.person_id, DigestIssue.state)
        .where(among(DigestIssue.person_id, "people"), DigestIssue.state.in_(WAITING))
        .order_by(DigestIssue.id)
        .with_for_update(of=DigestIssue)
    )


def _joined(session: Session, people: Sequence[int]) -> None:
    """Earlier issues that still wait: their windows join the next ones'."""
    if people:
        late = DigestIssue.person_id.in_(people) & (DigestIssue.state == IssueState.DUE)
        joined = update(DigestIssue).where(late).values(state=IssueState.SKIPPED, reason=Skip.EXPIRED.value)
        session.execute(joined, execution_options={"synchronize_session": False})
