"""The log as a member reads it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

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
# What a reader can choose to see, and the kinds of entry that this means.
KINDS = {
    "favor": ("favor",),
    "decision": ("decision", "redact"),
    "correction": ("correction",),
    "role": ("role", "setting"),
    "erase": ("erase",),
}


@dataclass(frozen=True)
class Chosen:
    """What of the log a reader wants to see: of one member, of one category, of one of `KINDS`; all where empty."""

    member: Membership | None = None
    category: str = ""
    kind: str = ""

    def __bool__(self) -> bool:
        return bool(self.member or self.category or self.kind)


@dataclass(frozen=True)
class LogPage:
    """Entries newest first, the organisers with their last twelve months, and where older ones begin.

    `older` is the index below which the next page starts, None on the last one; `size` counts every entry, where the
    log begins on this page. `begins` where the log's first line belongs on this page, and `continues` where that line
    says that the log goes on from another.
    """

    entries: list[Entry]
    organisers: list[tuple[Membership, Balance]]
    categories: dict[str, Category]
    chosen: Chosen
    older: int | None
    size: int
    begins: bool
    continues: bool


def read(
    *,
    seen_by: Membership,
    at: datetime,
    member: int | None = None,
    category: str = "",
    kind: str = "",
    before: int | None = None,
) -> LogPage:
    """One page of the group's log; `member` is a number in the group, `category` a slug, `kind` one of `KINDS`.

    Raises BadInput for a member, a category or a kind that there is not.
    """
    known = {row.slug: row for row in groups.categories(seen_by, enabled=False)}
    chosen = _chosen(seen_by, known, member, category, kind)
    session = db.session()
    found = log.entries(
        session,
        seen_by.group_id,
        seen_by_id=seen_by.id,
        member_id=chosen.member.id if chosen.member else None,
        category=category or None,
        kinds=KINDS.get(kind, ()),
        before=before,
        limit=PAGE + 1,
    )
    last = len(found) <= PAGE
    begins = last and not chosen
    size, continues = log.beginning(session, seen_by.group_id) if begins else (0, False)
    return LogPage(
        entries=found[:PAGE],
        organisers=_organisers(seen_by, at),
        categories=known,
        chosen=chosen,
        older=None if last else found[PAGE - 1].index,
        size=size,
        begins=begins,
        continues=continues,
    )


def _chosen(seen_by: Membership, known: dict[str, Category], member: int | None, category: str, kind: str) -> Chosen:
    if category and category not in known:
        raise BadInput(_("This group has no such category."), field="category")
    if kind and kind not in KINDS:
        raise BadInput(_("The log has no such entries."), field="kind")
    if not member:
        return Chosen(None, category, kind)
    person = db.session.scalar(select(Membership).filter_by(group_id=seen_by.group_id, number=member))
    if person is None:
        raise BadInput(_("This group has no such member."), field="member")
    return Chosen(person, category, kind)


def _organisers(seen_by: Membership, at: datetime) -> list[tuple[Membership, Balance]]:
    leading = members.organisers(seen_by=seen_by)
    years = members.years([organiser.id for organiser in leading], at=at)
    return [(organiser, years[organiser.id]) for organiser in leading]


def favors_of(group: Group, *, seen_by: Membership | None = None) -> Iterator[Entry]:
    """Every favor of a group that stands, oldest first, as any active member may see it, or as one member may.

    What is withheld from the reader has neither names nor title, and for its day the first of the month.
    """
    found: list[Entry] = []
    before = None
    reader = seen_by.id if seen_by else None
    page = partial(log.entries, group_id=group.id, seen_by_id=reader, kinds=KINDS["favor"], limit=EXPORT_AT_ONCE)
    while some := page(db.session(), before=before):
        found += [entry for entry in some if entry.voided_by is None]
        before = some[-1].index
    return reversed(found)


def of(member: Membership, *, seen_by: Membership, most: int) -> list[Entry]:
    """The latest entries of one member, newest first."""
    return log.entries(db.session(), seen_by.group_id, seen_by_id=seen_by.id, member_id=member.id, limit=most)
