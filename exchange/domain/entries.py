"""The log as a member reads it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from exchange import log
from exchange.domain import groups, members
from exchange.domain.errors import BadInput
from exchange.log import Balance, Entry
from exchange.storage.db import db
from exchange.storage.group import Category, Group
from exchange.storage.membership import Membership

PAGE = 50
EXPORT_AT_ONCE = 5_000


@dataclass(frozen=True)
class LogPage:
    """Entries newest first, the organisers with their last twelve months, and where older ones begin.

    `older` is the index below which the next page starts, None on the last one; `size` counts every entry.
    """

    entries: list[Entry]
    organisers: list[tuple[Membership, Balance]]
    categories: dict[str, Category]
    member: Membership | None
    category: str
    older: int | None
    size: int


def read(
    *,
    seen_by: Membership,
    at: datetime,
    member: int | None = None,
    category: str = "",
    before: int | None = None,
) -> LogPage:
    """One page of the group's log; `member` is a number in the group, `category` a slug.

    Raises BadInput for a member or a category that the group does not have.
    """
    known = {row.slug: row for row in groups.categories(seen_by, enabled=False)}
    if category and category not in known:
        raise BadInput(_("This group has no such category."), field="category")
    person = (
        db.session.scalar(select(Membership).filter_by(group_id=seen_by.group_id, number=member)) if member else None
    )
    if member and person is None:
        raise BadInput(_("This group has no such member."), field="member")
    session = db.session()
    found = log.entries(
        session,
        seen_by.group_id,
        seen_by_id=seen_by.id,
        member_id=person.id if person else None,
        category=category or None,
        before=before,
        limit=PAGE + 1,
    )
    leading = members.organisers(seen_by=seen_by)
    years = members.years([organiser.id for organiser in leading], seen_by=seen_by, at=at)
    return LogPage(
        entries=found[:PAGE],
        organisers=[(organiser, years[organiser.id]) for organiser in leading],
        categories=known,
        member=person,
        category=category,
        older=found[PAGE - 1].index if len(found) > PAGE else None,
        size=log.size(session, seen_by.group_id),
    )


def favors_of(group: Group, *, seen_by: Membership | None = None) -> Iterator[Entry]:
    """Every favor of a group that stands, oldest first, as any active member may see it, or as one member may.

    What is withheld from the reader has neither names nor title, and for its day the first of the month.
    """
    found: list[Entry] = []
    before = None
    reader = seen_by.id if seen_by else None
    while some := log.entries(db.session(), group.id, seen_by_id=reader, before=before, limit=EXPORT_AT_ONCE):
        found += [entry for entry in some if entry.kind == "favor" and entry.voided_by is None]
        before = some[-1].index
    return reversed(found)


def of(member: Membership, *, seen_by: Membership, most: int) -> list[Entry]:
    """The latest entries of one member, newest first."""
    return log.entries(db.session(), seen_by.group_id, seen_by_id=seen_by.id, member_id=member.id, limit=most)
