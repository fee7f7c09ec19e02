"""Finding who is to get a letter for which moment. Reads only; `issue` writes it down, `upcoming` shows it."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session

from exchange.digest.schedule import Plan, issue_id
from exchange.digest.skips import Skip
from exchange.digest.windows import Last, Waiting, before, last_due, window_from
from exchange.storage.among import among
from exchange.storage.db import db
from exchange.storage.digest import DigestGroupWish, DigestIssue, DigestRun, DigestWish, IssueState, Rhythm
from exchange.storage.group import Group
from exchange.storage.membership import Membership, MembershipState
from exchange.storage.person import Person

LATE = timedelta(hours=36)
# Nobody waits longer for a letter, however they change its day.
LONGEST = timedelta(days=14)
AT_ONCE = 500

_rhythm = func.coalesce(DigestWish.rhythm, Rhythm.WEEKLY)
_weekday = func.coalesce(DigestWish.weekday, 0)
_hour = func.coalesce(DigestWish.hour, 8)


def plans() -> list[Plan]:
    """Every plan that somebody has."""
    rows = db.session.execute(
        select(_rhythm, _weekday, _hour, Person.zone)
        .select_from(Person)
        .outerjoin(DigestWish, DigestWish.person_id == Person.id)
        .where(Person.active, _rhythm != Rhythm.NEVER)
        .distinct()
    )
    return sorted((Plan(*row) for row in rows), key=lambda plan: (plan.zone, plan.rhythm, plan.weekday, plan.hour))


def of(plan: Plan, moment: datetime) -> ColumnElement[bool]:
    """Who has this plan, and had it at that moment."""
    return and_(
        Person.active,
        _rhythm == plan.rhythm,
        _weekday == plan.weekday,
        _hour == plan.hour,
        Person.zone == plan.zone,
        or_(DigestWish.changed_at.is_(None), DigestWish.changed_at <= moment),
    )


def was_seen_to(moment: datetime, *, at: datetime) -> bool:
    """Whether it is too late for the letters of a moment, and somebody has said so in their rows already."""
    return at - moment > LATE and db.session.scalar(select(DigestRun.id).filter_by(moment=moment)) is not None


def waiting(plan: Plan, moment: datetime, condition: ColumnElement[bool]) -> Iterator[list[Waiting]]:
    """Who has no issue of this period yet, and was in a group before it. In batches."""
    for people in _having(condition):
        asked = {"people": people, "moment": moment, "period": plan.period(moment)}
        if rows := db.session.execute(_without(), asked).all():
            yield [Waiting(*row) for row in rows]


def _having(condition: ColumnElement[bool]) -> Iterator[Sequence[int]]:
    """Their numbers, whatever they have got. PostgreSQL cannot guess how many of them have no issue yet: asked for
    the first few of those, it would look at all of them each time.
    """
    after = 0
    while True:
        some = db.session.scalars(
            select(Person.id)
            .outerjoin(DigestWish, DigestWish.person_id == Person.id)
            .where(condition, Person.id > after)
            .order_by(Person.id)
            .limit(AT_ONCE)
        ).all()
        if some:
            yield some
            after = some[-1]
        if len(some) < AT_ONCE:
            return


@cache
def _without() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Membership.person_id,
            func.min(Membership.joined_at),
            func.max(DigestWish.paused_until),
            func.max(DigestWish.since),
        )
        .outerjoin(DigestWish, DigestWish.person_id == Membership.person_id)
        .outerjoin(DigestGroupWish, DigestGroupWish.membership_id == Membership.id)
        .where(
            among(Membership.person_id, "people"),
            Membership.state == MembershipState.ACTIVE,
            Membership.joined_at < bindparam("moment"),
            Membership.group_id.not_in(select(Group.id).where(Group.archived_at.is_not(None))),
            func.coalesce(DigestGroupWish.off, False).is_(False),
            ~exists().where(DigestIssue.person_id == Membership.person_id, DigestIssue.period == bindparam("period")),
        )
        .group_by(Membership.person_id)
        .order_by(Membership.person_id)
    )


def issues(
    session: Session, plan: Plan, moment: datetime, people: Sequence[Waiting], *, at: datetime
) -> list[dict[str, Any]]:
    """Their issues for a moment, as rows; none for whose period has its letter already, under another zone or rhythm.

    What is late by more than 36 hours is skipped, and so is what falls into a pause.
    """
    earlier = before(session, [one.person_id for one in people])
    found = (_issue(plan, moment, one, earlier.get(one.person_id, Last()), at - moment > LATE) for one in people)
    return [row for row in found if row]


def _issue(plan: Plan, moment: datetime, reader: Waiting, last: Last, late: bool) -> dict[str, Any] | None:
    begin, period = window_from(reader, last, moment), plan.period(moment)
    if begin >= moment or (last.live and plan.period(last.live) == period):
        return None
    if late and last.any is None:  # they never had one, so they miss none
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


def overdue(at: datetime) -> Iterator[tuple[Plan, datetime, list[Waiting]]]:
    """Who has moved their letter away again and again, so that two weeks would be over without any."""
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
    for person_id, weekday, hour, zone in rows:
        plan = Plan(Rhythm.WEEKLY, weekday, hour, zone)
        moment = Plan(Rhythm.DAILY, weekday, hour, zone).latest(at)
        for people in waiting(plan, moment, Person.id == person_id):
            last = before(db.session(), [person_id]).get(person_id, Last())
            if plan.following(at) - last_due(people[0], last) > LONGEST:
                yield plan, moment, people
