"""What the site's administrator sees of all groups: plain figures, and nothing that anybody wrote."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from exchange.domain.archived import asleep
from exchange.domain.errors import NotFound
from exchange.storage.db import db
from exchange.storage.desk import Case, CaseState
from exchange.storage.group import Group
from exchange.storage.letter import Letter, LetterState
from exchange.storage.membership import Membership, MembershipState, Role
from exchange.storage.person import Person

LATE = timedelta(hours=1)


@dataclass(frozen=True)
class Site:
    """How the site is.

    `late` letters have waited for more than an hour; `without` are address and name of groups that nobody organises.
    """

    groups: int
    members: int
    waiting: int
    late: int
    failed: int
    cases: int
    without: list[tuple[str, str]]


def administering(by: Person) -> None:
    """Everything of the administrator's begins here. Raises NotFound for everybody else: there is no such page."""
    if not by.is_administrator:
        raise NotFound(_("There is no such page."))


def show(*, by: Person, at: datetime) -> Site:
    """The figures. Raises NotFound for anybody but the administrator."""
    administering(by)
    return figures(at=at)


def figures(*, at: datetime) -> Site:
    """The figures, for whoever else may see them: the operator's own monitoring."""
    session = db.session()
    unsent = Letter.state.in_([LetterState.DUE, LetterState.LEASED])
    organised = select(Membership.group_id).filter_by(role=Role.ORGANISER, state=MembershipState.ACTIVE)
    there = Group.deleted_at.is_(None)
    without = select(Group.slug, Group.name).where(Group.id.not_in(organised), there).order_by(Group.name)
    return Site(
        groups=_count(session, Group, there),
        members=_count(session, Membership, Membership.state == MembershipState.ACTIVE),
        waiting=_count(session, Letter, unsent, Letter.due_at <= at),
        late=_count(session, Letter, unsent, Letter.due_at < at - LATE),
        failed=_count(session, Letter, Letter.state == LetterState.FAILED),
        cases=_count(session, Case, Case.state == CaseState.OPEN, Case.group_id.not_in(asleep())),
        without=[(slug, name) for slug, name in session.execute(without)],
    )


def _count(session: Session, table: type, *where: object) -> int:
    return session.scalar(select(func.count()).select_from(table).where(*where)) or 0  # type: ignore[arg-type]
