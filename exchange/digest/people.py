"""Reading whom a batch of letters is for: who they are, and in which groups they take part."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from exchange.digest.facts import Due, Group, Member, Reader
from exchange.storage.among import among
from exchange.storage.digest import DigestGroupWish, DigestWish, Rhythm
from exchange.storage.group import Group as GroupRow
from exchange.storage.membership import Membership, MembershipState, Role
from exchange.storage.person import Person

Members = dict[int, list[tuple[Group, Member]]]


def readers(session: Session, issues: Sequence[Due], at: datetime | None) -> dict[int, Reader]:
    """By person id, whom the letters are for, in the order of the issues; one statement."""
    rows = session.execute(_people(), {"people": [issue.person_id for issue in issues]})
    found = {row.id: row for row in rows}
    return {issue.person_id: _reader(issue, found[issue.person_id], at) for issue in issues}


@cache
def _people() -> Select[*tuple[Any, ...]]:
    return (
        select(Person.id, Person.name, Person.email, Person.language, Person.zone)
        .add_columns(DigestWish.rhythm, DigestWish.weekday, DigestWish.hour)
        .outerjoin(DigestWish, DigestWish.person_id == Person.id)
        .where(among(Person.id, "people"))
    )


def _reader(issue: Due, person: Any, at: datetime | None) -> Reader:
    """Who has not said when gets it on Mondays at 8."""
    rhythm, weekday, hour = (person.rhythm, person.weekday, person.hour) if person.rhythm else (Rhythm.WEEKLY, 0, 8)
    return Reader(
        issue_id=issue.issue_id,
        person_id=person.id,
        name=person.name,
        email=person.email,
        language=person.language,
        zone=person.zone,
        window_from=issue.window_from,
        window_until=issue.window_until,
        now=max(at or issue.window_until, issue.window_until),
        rhythm=rhythm.value,
        weekday=weekday,
        hour=hour,
        dated=issue.dated,
    )


def members(session: Session, people: Collection[int]) -> tuple[Members, dict[int, Group]]:
    """By person, the groups that their letter is about, with who they are there; and these groups. Two statements."""
    mine = session.execute(_taking_part(), {"people": people}).all()
    groups = _groups(session, {row.group_id for row in mine})
    found: Members = defaultdict(list)
    for row in mine:
        member = Member(
            id=row.id,
            number=row.number,
            joined_at=row.joined_at,
            organiser=row.role is Role.ORGANISER,
            can_help_with=row.can_help_with,
            would_love=row.would_love,
            accepts_gifts=row.accepts_gifts,
        )
        found[row.person_id].append((groups[row.group_id], member))
    return found, groups


@cache
def _taking_part() -> Select[*tuple[Any, ...]]:
    return (
        select(Membership.person_id, Membership.id, Membership.group_id)
        .add_columns(Membership.number, Membership.joined_at, Membership.role, Membership.accepts_gifts)
        .add_columns(Membership.can_help_with, Membership.would_love)
        .outerjoin(DigestGroupWish, DigestGroupWish.membership_id == Membership.id)
        .where(
            among(Membership.person_id, "people"),
            Membership.state == MembershipState.ACTIVE,
            func.coalesce(DigestGroupWish.off, False).is_(False),
            Membership.group_id.not_in(select(GroupRow.id).where(GroupRow.archived_at.is_not(None))),
        )
        .order_by(Membership.id)
    )


def _groups(session: Session, ids: Collection[int]) -> dict[int, Group]:
    """The groups with the names of their active organisers, who have been there longest first."""
    rows = session.execute(_with_organisers(), {"groups": ids}).all()
    organisers: defaultdict[int, list[str]] = defaultdict(list)
    for row in rows:
        organisers[row.id] += [row.organiser] if row.organiser else []
    return {row.id: Group(row.id, row.slug, row.name, row.invented, tuple(organisers[row.id])) for row in rows}


@cache
def _with_organisers() -> Select[*tuple[Any, ...]]:
    return (
        select(GroupRow.id, GroupRow.slug, GroupRow.name, GroupRow.invented, Person.name.label("organiser"))
        .outerjoin(
            Membership,
            and_(
                Membership.group_id == GroupRow.id,
                Membership.role == Role.ORGANISER,
                Membership.state == MembershipState.ACTIVE,
            ),
        )
        .outerjoin(Person, Person.id == Membership.person_id)
        .where(among(GroupRow.id, "groups"))
        .order_by(Membership.joined_at, Membership.id)
    )
