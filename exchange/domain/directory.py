"""Members as a list: who can help with what, who would love what, by name and never by what they gave."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, Text, bindparam, func, select, tuple_, union_all

from exchange.domain.finding import of_people
from exchange.storage import search, stems
from exchange.storage.among import among
from exchange.storage.db import Key, db
from exchange.storage.fixed import at_most
from exchange.storage.membership import Membership, MembershipState, Role, called
from exchange.storage.person import Person
from exchange.storage.search import MemberWords, Query

PAGE = 30
MOST = 1_000
# Each of those who fit is held against what is asked, so fewer of them are counted than of everybody.
MOST_FITTING = 100
FIRST = 1_500
# What can be filtered by, and the letter that its words carry.
MARKS = {"q": "w", "help": "h", "love": "l", "firm": "f", "practice": "p", "office": "o"}


class Listed(NamedTuple):
    """A member in a list: what a line says of them. Loading members takes several times as long."""

    id: int
    number: int
    role: Role
    state: MembershipState
    erased_by_entry: int | None
    firm: str
    practice: str
    office: str
    can_help_with: str
    name: str

    @property
    def is_organiser(self) -> bool:
        """True for an active organiser."""
        return self.role is Role.ORGANISER and self.state is MembershipState.ACTIVE


LINES = select(*(getattr(Membership, name) for name in Listed._fields[:-1]), Person.name).join(Membership.person)
BY_ID = LINES.where(among(Membership.id, "of_members"))


@dataclass(frozen=True)
class Directory:
    """One page of active members by name; how many there are, `more` where there are more than are counted; and the
    numbers of the members that the next page comes after and the one before comes before."""

    members: list[Listed]
    count: int
    more: bool
    after: int | None
    before: int | None


def directory(
    *, seen_by: Membership, wanted: dict[str, str], after: int | None = None, before: int | None = None
) -> Directory:
    """One page of the active members whose words fit, after or before a member by number."""
    query = [word for name, mark in MARKS.items() for word in of_people(stems.asked(wanted.get(name, "")), mark)]
    if query and not (after or before):
        return _first(query, seen_by)
    session = db.session()
    about = {"sqlite": search.on_sqlite(session), "queried": bool(query)}
    said: dict[str, Any] = {"of_group": seen_by.group_id} | ({"people": search.said(session, query)} if query else {})
    most = MOST_FITTING if query else MOST
    count = session.scalar(_count(**about), said | {"most": most + 1}) or 0
    beside = _place(seen_by, after or before)
    backwards = beside is not None and not after
    if beside:
        said |= {"name_there": beside[0], "id_there": beside[1]}
    way = "" if not beside else "before" if backwards else "after"
    statement = _page(way=way, few=bool(query) and count <= most, **about)
    rows = session.execute(statement, said | {"most": PAGE + 1}) if count else ()
    found = [_listed(row) for row in rows]
    further = len(found) > PAGE
    page = found[:PAGE][::-1] if backwards else found[:PAGE]
    ahead = page and (further or backwards)
    behind = page and (further if backwards else beside is not None)
    return Directory(
        page, min(count, most), count > most, page[-1].number if ahead else None, page[0].number if behind else None
    )


def _first(query: Query, reader: Membership) -> Directory:
    """The first page of those who fit: they are found once, for their number as for their lines."""
    session = db.session()
    said = {"of_group": reader.group_id, "most": max(MOST_FITTING, PAGE) + 1} | {"people": search.said(session, query)}
    found = list(session.scalars(ids(sqlite=search.on_sqlite(session)), said))
    page = members_by(found[:PAGE])
    after = page[-1].number if len(found) > PAGE else None
    return Directory(page, min(len(found), MOST_FITTING), len(found) > MOST_FITTING, after, None)


@cache
def ids(*, sqlite: bool) -> Select[int]:
    """The ids of the active members whose words fit, by name and at most `most`; made once, and asked with `of_group`
    and with what is said as `people`.
    """
    fitting, most = _some(sqlite=sqlite, queried=True), bindparam("most", type_=Key)
    if sqlite:
        return select(MemberWords.member_id).where(*fitting).order_by(*_order()).limit(most)
    # PostgreSQL cannot know how many fit, and would go through everybody by name for somebody who is not there. So it
    # goes through the first alone, and finds all who fit where among these are too few.
    fits = search.fits(bindparam("people", type_=Text)).label("fits")
    everybody = select(MemberWords.member_id, MemberWords.name, fits).where(*_some(sqlite=False, queried=False))
    first = everybody.order_by(*_order()).limit(at_most(FIRST)).subquery("first")
    there = select(first.c.member_id, first.c.name).where(first.c.fits).limit(most).cte("there")
    counted = select(func.count()).select_from(there).scalar_subquery()
    every = select(MemberWords.member_id, MemberWords.name).where(*fitting, counted < most)
    other = every.order_by(*_order(few=True)).limit(most).subquery("other")
    of_both = (select(one.c.member_id, one.c.name) for one in (there, other))
    both = union_all(next(of_both).where(counted >= most), next(of_both)).subquery("of_both")
    return select(both.c.member_id).order_by(both.c.name, both.c.member_id).limit(most)


def _order(*, few: bool = False) -> tuple[ColumnElement[str], ColumnElement[int]]:
    """By name. A few are all found before they are put in order, and not looked for in the order of everybody."""
    name: ColumnElement[str] = MemberWords.name.concat("") if few else MemberWords.name.expression
    return name, MemberWords.member_id.expression


def members_by(ids: Sequence[int]) -> list[Listed]:
    """Members by id, in the order given."""
    if not ids:
        return []
    found = {row[0]: _listed(row) for row in db.session.execute(BY_ID, {"of_members": list(ids)})}
    return [found[one] for one in ids if one in found]


def _listed(row: Sequence[Any]) -> Listed:
    return Listed._make((*row[:-1], called(row[-1])))


def _some(*, sqlite: bool, queried: bool) -> list[ColumnElement[bool]]:
    found = [MemberWords.group_id == bindparam("of_group", type_=Key), MemberWords.listed.is_(True)]
    if queried:
        found.append(
            MemberWords.member_id.in_(search.matching(MemberWords, bindparam("people", type_=Text), sqlite=sqlite))
        )
    return found


@cache
def _count(*, sqlite: bool, queried: bool) -> Select[int]:
    some = select(MemberWords.member_id).where(*_some(sqlite=sqlite, queried=queried))
    return select(func.count()).select_from(some.limit(bindparam("most", type_=Key)).subquery())


@cache
def _page(*, sqlite: bool, queried: bool, way: str, few: bool) -> Any:
    """Those from the first on, `after` a member or `before` one, made once."""
    there = tuple_(bindparam("name_there", type_=MemberWords.name.type), bindparam("id_there", type_=Key))
    order = _order(few=few)
    beside = {"after": [tuple_(*order) > there], "before": [tuple_(*order) < there]}.get(way, [])
    return (
        LINES.join(MemberWords, MemberWords.member_id == Membership.id)
        .where(*_some(sqlite=sqlite, queried=queried), *beside)
        .order_by(*(one.desc() if way == "before" else one for one in order))
        .limit(bindparam("most", type_=Key))
    )


def _place(reader: Membership, number: int | None) -> tuple[str, int] | None:
    """Where a member stands among all, also one who is not listed any more; None for a number that nobody has."""
    if number is None:
        return None
    found = db.session.execute(
        select(MemberWords.name, MemberWords.member_id)
        .join(Membership, Membership.id == MemberWords.member_id)
        .where(MemberWords.group_id == reader.group_id, Membership.number == number)
    ).one_or_none()
    return (found[0], found[1]) if found else None
