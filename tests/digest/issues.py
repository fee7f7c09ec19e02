"""Wishes and issues in the database, for the tests of scheduling and sending."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from exchange.storage.digest import DigestGroupWish, DigestIssue, DigestRun, DigestWish, IssueState, Rhythm
from exchange.storage.group import Group
from exchange.storage.membership import Membership

# The people of the tests live in UTC: Monday, 19 October, 8:00, is when their letters are due.
MONDAY = datetime(2026, 10, 19, 8, 0, tzinfo=UTC)
MINUTE, HOUR, DAY, WEEK = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta(days=7)


def wishes(session: Session, member: Membership, **said: Any) -> DigestWish:
    """What somebody wishes of the letter."""
    wish = session.get(DigestWish, member.person_id) or DigestWish(person_id=member.person_id)
    for name, value in said.items():
        setattr(wish, name, value)
    session.add(wish)
    session.commit()
    return wish


def leaves_out(session: Session, member: Membership) -> None:
    """Somebody leaves a group out of the letter."""
    session.add(DigestGroupWish(membership_id=member.id, off=True))
    session.commit()


def lives_in(session: Session, member: Membership, zone: str) -> None:
    """Somebody's zone."""
    member.person.zone = zone
    session.commit()


def issues(session: Session, member: Membership) -> list[DigestIssue]:
    """Somebody's issues, oldest first."""
    session.commit()
    statement = select(DigestIssue).filter_by(person_id=member.person_id).order_by(DigestIssue.window_until)
    return list(session.scalars(statement.execution_options(populate_existing=True)))


def issue(session: Session, member: Membership) -> DigestIssue:
    """Somebody's only issue."""
    (found,) = issues(session, member)
    return found


def became(session: Session, one: DigestIssue, state: IssueState, **more: Any) -> None:
    """What became of an issue."""
    one.state = state
    one.sent_at = one.due_at if state is IssueState.SENT else None
    one.reason = "" if state is IssueState.SENT else "550 no"
    one.leased_until = one.due_at + HOUR if state is IssueState.LEASED else None
    for name, value in more.items():
        setattr(one, name, value)
    session.commit()


def runs(session: Session) -> list[DigestRun]:
    """Every run, in the order of their moments."""
    session.commit()
    return list(session.scalars(select(DigestRun).order_by(DigestRun.moment)))


def nobody_else(session: Session, group: Group) -> None:
    """The founder of a group, who is there in each test, gets no letter."""
    founder = session.scalars(select(Membership).filter_by(group_id=group.id).order_by(Membership.id)).first()
    assert founder is not None
    wishes(session, founder, rhythm=Rhythm.NEVER)
