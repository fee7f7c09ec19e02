"""Writing down which letters are due. Any number of schedulers may do it at once: a unique key lets each in once."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session

from exchange.digest.schedule import Plan, issue_id
from exchange.digest.skips import Skip
from exchange.digest.windows import Last, Waiting, before, last_due, window_from
from exchange.storage.db import db, transaction
from exchange.storage.digest import DigestGroupWish, DigestIssue, DigestRun, DigestWish, IssueState, Rhythm
from exchange.storage.insert import insert_new
from exchange.storage.membership import Membership, MembershipState
from exchange.storage.person import Person

LATE = timedelta(hours=36)
# Nobody waits longer for a letter, however they change its day.
LONGEST = timedelta(days=14)
AT_ONCE = 1_000
WAITING = (IssueState.DUE, IssueState.LEASED)

_rhythm = func.coalesce(DigestWish.rhythm, Rhythm.WEEKLY)
_weekday = func.coalesce(DigestWish.weekday, 0)
_hour = func.coalesce(DigestWish.hour, 8)


# The moment of each plan that a process has seen to, so that it need not look at everybody again every minute.
Known = dict[Plan, datetime]


def due(*, at: datetime, known: Known | None = None) -> int:
    """Write down every letter that is due at a moment and is not written down yet; how many of them are to be sent.

    What is late by more than 36 hours is skipped; its window joins that of the next letter.
    """
    count, known = 0, {} if known is None else known
    for plan in _plans():
        moment = plan.latest(at)
        if known.get(plan) == moment or (at - moment > LATE and _has_run(moment)):
            continue
        condition = and_(_of(plan), or_(DigestWish.changed_at.is_(None), DigestWish.changed_at <= moment))
        written = [_write_down(plan, moment, people, at) for people in _waiting(plan, moment, condition)]
        count += sum(to_send for to_send, _ in written)
        if not any(left for _, left in written):
            known[plan] = moment
    return count + _overdue(at)


def _plans() -> list[Plan]:
    """Every plan that somebody has."""
    rows = db.session.execute(
        select(_rhythm, _weekday, _hour, Person.zone)
        .select_from(Person)
        .outerjoin(DigestWish, DigestWish.person_id == Person.id)
        .where(Person.active, _rhythm != Rhythm.NEVER)
        .distinct()
    )
    return sorted((Plan(*row) for row in rows), key=lambda plan: (plan.zone, plan.rhythm, plan.weekday, plan.hour))


def _of(plan: Plan) -> ColumnElement[bool]:
    return and_(
        _rhythm == plan.rhythm, _weekday == plan.weekday, _hour == plan.hour, Person.zone == plan.zone, Person.active
    )


def _has_run(moment: datetime) -> bool:
    return db.session.scalar(select(DigestRun.id).filter_by(moment=moment)) is not None


def _waiting(plan: Plan, moment: datetime, condition: ColumnElement[bool]) -> Iterator[list[Waiting]]:
    """Who has no issue of this period yet, and was in a group before it. In batches."""
    after, period = 0, plan.period(moment)
    while True:
        rows = db.session.execute(
            select(
                Person.id,
                func.min(Membership.joined_at),
                func.max(DigestWish.paused_until),
                func.max(DigestWish.since),
            )
            .outerjoin(DigestWish, DigestWish.person_id == Person.id)
            .join(Membership, Membership.person_id == Person.id)
            .outerjoin(DigestGroupWish, DigestGroupWish.membership_id == Membership.id)
            .where(
                condition,
                Person.id > after,
                Membership.state == MembershipState.ACTIVE,
                Membership.joined_at < moment,
                func.coalesce(DigestGroupWish.off, False).is_(False),
                ~exists().where(DigestIssue.person_id == Person.id, DigestIssue.period == period),
            )
            .group_by(Person.id)
            .order_by(Person.id)
            .limit(AT_ONCE)
        ).all()
        if rows:
            yield [Waiting(*row) for row in rows]
            after = rows[-1][0]
        if len(rows) < AT_ONCE:
            return


def _write_down(plan: Plan, moment: datetime, people: Sequence[Waiting], at: datetime) -> tuple[int, int]:
    """The issues of some people for one moment: how many are to be sent, and how many could not be written yet."""
    late = at - moment > LATE
    with transaction() as session:
        ids = [one.person_id for one in people]
        unsent = _unsent(session, ids)
        earlier = before(session, ids)
        issues = [_issue(plan, moment, one, earlier.get(one.person_id, Last()), late=late) for one in people]
        wanted = [row for row in issues if row]
        # What is on its way just now has to arrive or fail first: only then it is known where the next window begins.
        rows = [row for row in wanted if unsent.get(row["person_id"]) is not IssueState.LEASED]
        if rows:
            _joined(session, [row["person_id"] for row in rows if row["person_id"] in unsent])
            run_id = run_at(session, moment, at)
            insert_new(session, DigestIssue, [row | {"run_id": run_id} for row in rows])
    return sum(row["state"] is IssueState.DUE for row in rows), len(wanted) - len(rows)


def _unsent(session: Session, people: Sequence[int]) -> dict[int, IssueState]:
    """Whose earlier issue is not sent yet; they stay as they are until the transaction ends."""
    waiting = select(DigestIssue.person_id, DigestIssue.state).where(
        DigestIssue.person_id.in_(people), DigestIssue.state.in_(WAITING)
    )
    rows = session.execute(waiting.order_by(DigestIssue.id).with_for_update(of=DigestIssue)).all()
    return {row.person_id: row.state for row in sorted(rows, key=lambda row: row.state is IssueState.LEASED)}


def _joined(session: Session, people: Sequence[int]) -> None:
    """Earlier issues that still wait: their windows join the next ones'."""
    if people:
        late = DigestIssue.person_id.in_(people) & (DigestIssue.state == IssueState.DUE)
        joined = update(DigestIssue).where(late).values(state=IssueState.SKIPPED, reason=Skip.EXPIRED.value)
        session.execute(joined, execution_options={"synchronize_session": False})


def run_at(session: Session, moment: datetime, at: datetime) -> int:
    """The run of a moment, begun now if it was not. Inside a running verb."""
    insert_new(session, DigestRun, [{"moment": moment, "begun_at": at}])
    return session.scalars(select(DigestRun.id).filter_by(moment=moment)).one()


def _issue(plan: Plan, moment: datetime, reader: Waiting, last: Last, *, late: bool) -> dict[str, Any] | None:
    """One issue; None where the period has its letter already, under another zone or rhythm."""
    begin, period = window_from(reader, last, moment), plan.period(moment)
    if begin >= moment or (last.live and plan.period(last.live) == period):
        return None
    paused = reader.paused_until is not None and reader.paused_until > moment
    skip = Skip.EXPIRED if late else Skip.PAUSED if paused else None
    return {
        "id": issue_id(reader.person_id, period),
        "person_id": reader.person_id,
        "period": period,
        "window_from": begin,
        "window_until": moment,
        "due_at": moment,
        "state": IssueState.SKIPPED if skip else IssueState.DUE,
        "reason": skip.value if skip else "",
        "next_try_at": moment,
    }


def _overdue(at: datetime) -> int:
    """Letters of those who have moved theirs away again and again, before two weeks are over without any."""
    long_ago = at - LONGEST + timedelta(days=1)
    rows = db.session.execute(
        select(Person.id, _weekday, _hour, Person.zone)
        .join(DigestWish, DigestWish.person_id == Person.id)
        .where(
            Person.active,
            DigestWish.rhythm == Rhythm.WEEKLY,
            DigestWish.changed_at > long_ago,
            or_(DigestWish.since.is_(None), DigestWish.since <= long_ago),
            exists().where(Membership.person_id == Person.id, Membership.joined_at <= long_ago),
            ~exists().where(DigestIssue.person_id == Person.id, DigestIssue.window_until > long_ago),
        )
    ).all()
    count = 0
    for person_id, weekday, hour, zone in rows:
        plan = Plan(Rhythm.WEEKLY, weekday, hour, zone)
        moment = Plan(Rhythm.DAILY, weekday, hour, zone).latest(at)
        for people in _waiting(plan, moment, Person.id == person_id):
            last = before(db.session(), [person_id]).get(person_id, Last())
            if plan.following(at) - last_due(people[0], last) > LONGEST:
                count += _write_down(plan, moment, people, at)[0]
    return count
