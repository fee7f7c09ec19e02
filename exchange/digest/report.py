"""What became of letters, for the organisers of a group: due = sent + skipped + failed, each with its reason."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, case, exists, func, select

from exchange.digest.skips import SENTENCES, Skip
from exchange.domain import invitations
from exchange.domain.errors import NotFound
from exchange.storage.db import db
from exchange.storage.digest import DigestIssue, DigestRun, IssueState
from exchange.storage.membership import Membership, MembershipState

RUNS = 10
LETTERS = 8
NAMED = 50
# What somebody wishes, or has nothing new for them, is theirs: organisers see how many, and not who.
THEIRS = frozenset({Skip.EMPTY, Skip.PAUSED, Skip.STOPPED, Skip.OFF})


@dataclass
class Run:
    """One run, as far as it is about members of one group. `returned` of those that were sent came back."""

    moment: datetime
    ended_at: datetime | None
    sent: int = 0
    failed: int = 0
    waiting: int = 0
    returned: int = 0
    skipped: Counter[Skip] = field(default_factory=Counter)
    failures: list[tuple[Membership, str]] = field(default_factory=list)

    @property
    def due(self) -> int:
        """How many letters there are in it."""
        return self.sent + self.failed + self.waiting + self.skipped.total()

    def add(self, state: IssueState, reason: str, number: int, returned: int) -> None:
        """So many letters became this."""
        self.returned += returned
        if state is IssueState.SENT:
            self.sent += number
        elif state is IssueState.FAILED:
            self.failed += number
        elif state is IssueState.SKIPPED:
            self.skipped[Skip(reason)] += number
        else:
            self.waiting += number


@dataclass(frozen=True)
class Letter:
    """What became of one letter of a member. The sentence says why it was not sent, or how it came back."""

    due_at: datetime
    state: IssueState
    copy: bool
    sentence: Any


def runs(*, seen_by: Membership) -> list[Run]:
    """The latest runs in which members of the group had a letter, newest first. For organisers."""
    invitations.organising(seen_by)
    ours = select(DigestIssue.run_id).where(_of_group(seen_by)).distinct()
    latest = select(DigestRun).where(DigestRun.id.in_(ours)).order_by(DigestRun.moment.desc()).limit(RUNS)
    found = {row.id: Run(row.moment, row.ended_at) for row in db.session.scalars(latest)}
    reason = case((DigestIssue.state == IssueState.SKIPPED, DigestIssue.reason), else_="")
    for run_id, state, why, number, returned in db.session.execute(
        select(
            DigestIssue.run_id,
            DigestIssue.state,
            reason,
            func.count(),
            func.sum(case((DigestIssue.bounced != "", 1), else_=0)),
        )
        .where(DigestIssue.run_id.in_(found), _of_group(seen_by))
        .group_by(DigestIssue.run_id, DigestIssue.state, reason)
    ):
        found[run_id].add(state, why, number, int(returned))
    _name_failures(found, seen_by)
    return list(found.values())


def _name_failures(found: dict[int, Run], seen_by: Membership) -> None:
    failed = (
        select(DigestIssue.run_id, Membership, DigestIssue.reason)
        .join(Membership, Membership.person_id == DigestIssue.person_id)
        .where(
            Membership.group_id == seen_by.group_id,
            Membership.state == MembershipState.ACTIVE,
            DigestIssue.state == IssueState.FAILED,
            DigestIssue.run_id.in_(found),
        )
        .order_by(Membership.number)
        .limit(NAMED)
    )
    for run_id, member, reason in db.session.execute(failed):
        found[run_id].failures.append((member, reason))


def letters(number: int, *, seen_by: Membership) -> tuple[Membership, list[Letter]]:
    """The latest letters of one member, newest first. For organisers; raises NotFound."""
    invitations.organising(seen_by)
    member = member_of(number, seen_by)
    rows = db.session.scalars(
        select(DigestIssue)
        .where(DigestIssue.person_id == member.person_id, DigestIssue.window_until > member.joined_at)
        .order_by(DigestIssue.due_at.desc(), DigestIssue.id.desc())
        .limit(LETTERS)
    )
    return member, [Letter(row.due_at, row.state, row.asked_by_id is not None, _sentence(row)) for row in rows]


def member_of(number: int, seen_by: Membership) -> Membership:
    """The active member of the reader's group with this number. Raises NotFound."""
    found = select(Membership).filter_by(group_id=seen_by.group_id, number=number, state=MembershipState.ACTIVE)
    member = db.session.scalar(found)
    if member is None:
        raise NotFound(_("There is no such member."))
    return member


def _sentence(row: DigestIssue) -> Any:
    if row.state is IssueState.SKIPPED:
        skip = Skip(row.reason)
        return _("Nothing was new, or they wish none just now") if skip in THEIRS else SENTENCES[skip]
    if row.bounced:
        return _("It came back: %(status)s", status=row.bounced)
    return row.reason


def _of_group(seen_by: Membership) -> ColumnElement[bool]:
    """Issues of whoever was a member of the group before the window ended."""
    return exists().where(
        Membership.person_id == DigestIssue.person_id,
        Membership.group_id == seen_by.group_id,
        Membership.state != MembershipState.APPLIED,
        Membership.joined_at < DigestIssue.window_until,
    )
