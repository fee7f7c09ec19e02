"""Sending a letter to one person again, because an organiser asks for it."""

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _
from sqlalchemy import func, select

from exchange.digest.report import member_of
from exchange.digest.schedule import issue_id
from exchange.domain import invitations
from exchange.domain.errors import Refusal
from exchange.storage.db import db, locked, transaction
from exchange.storage.digest import DigestIssue, IssueState
from exchange.storage.membership import Membership

COPIES = 3
OLDEST = timedelta(days=14)


def can_be_sent_again(number: int, *, seen_by: Membership, at: datetime) -> DigestIssue | None:
    """The latest letter of a member that was sent, or should have been; None where there is none to send again."""
    invitations.organising(seen_by)
    member = member_of(number, seen_by)
    latest = (
        select(DigestIssue)
        .where(DigestIssue.person_id == member.person_id, DigestIssue.asked_by_id.is_(None))
        .order_by(DigestIssue.window_until.desc())
        .limit(1)
    )
    found = db.session.scalars(latest).first()
    if found is None or found.state not in {IssueState.SENT, IssueState.FAILED} or found.due_at < at - OLDEST:
        return None
    return found


def send_again(number: int, *, by: Membership, at: datetime) -> DigestIssue:
    """An organiser has the latest letter of a member sent again, with the same window and a Message-ID of its own.

    Whether the member still wishes it is looked at when it is sent. Raises NotYours, NotFound, Refusal.
    """
    with transaction() as session:
        locked(session, Membership, member_of(number, by).id)  # one copy after the other
        first = can_be_sent_again(number, seen_by=by, at=at)
        if first is None:
            raise Refusal(_("There is no letter of the last two weeks to send again."))
        copies = select(func.count()).where(
            DigestIssue.person_id == first.person_id, DigestIssue.period.startswith(f"{first.period}+")
        )
        number_of_copy = (session.scalar(copies) or 0) + 1
        if number_of_copy > COPIES:
            raise Refusal(_("This letter was sent again %(times)s times already.", times=COPIES))
        period = f"{first.period}+{number_of_copy}"
        copy = DigestIssue(
            id=issue_id(first.person_id, period),
            person_id=first.person_id,
            run_id=first.run_id,
            period=period,
            window_from=first.window_from,
            window_until=first.window_until,
            due_at=at,
            next_try_at=at,
            asked_by_id=by.id,
        )
        session.add(copy)
        session.info["letters_written"] = True  # somebody shall wake the worker
    return copy
