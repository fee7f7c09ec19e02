"""Members as a list: who can help with what, who would love what, by name and never by what they gave."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import ColumnElement, Select, Text, bindparam, func, select, tuple_

from exchange.domain.finding import of_people
from exchange.storage import search, stems
from exchange.storage.among import among
from exchange.storage.db import Key, db
from exchange.storage.membership import Membership, briefly
from exchange.storage.search import MemberWords, Query

PAGE = 60
MOST = 1_000
# Each of those who fit is held against what is asked, so fewer of them are counted than of everybody.
MOST_FITTING = 300
# What can be filtered by, and the letter that its words carry.
MARKS = {"q": "w", "help": "h", "love": "l", "firm": "f", "practice": "p", "office": "o"}
BY_ID = select(Membership).options(*briefly()).where(among(Membership.id, "of_members"))


@dataclass(frozen=True)
class Directory:
    """One page of active members by name; how many there are, `more` where there are more than are counted; and the
    numbers of the members that the next page comes after and the one before comes before."""

    members: list[Membership]
    count: int
    more: bool
    after: int | None
    before: int | None


def directory(
    *, seen_by: Membership, wanted: dict[str, str], after: int | None = None, before: int | None = None
) -> Directory:
    """One page of the active members whose words fit, after or before a member by number."""
    session = db.session()
    query = [word for name, mark in MARKS.items() for word in of_people(stems.asked(wanted.get(name, "")), mark)]
    some = _some(seen_by, query)
    most = MOST_FITTING if query else MOST
    counted = select(MemberWords.member_id).where(*some).limit(most + 1).subquery()
    count = session.scalar(select(func.count()).select_from(counted)) or 0
    order = (MemberWords.name, MemberWords.member_id)
    statement = (
        select(Membership).options(*briefly()).join(MemberWords, MemberWords.member_id == Membership.id).where(*some)
    )
    beside = _place(seen_by, after or before)
    if beside and after:
        statement = statement.where(tuple_(*order) > beside)
    elif beside:
        statement = statement.where(tuple_(*order) < beside)
    backwards = beside is not None and not after
    ordered = statement.order_by(*(one.desc() if backwards else one for one in order)).limit(PAGE + 1)
    found = list(session.scalars(ordered)) if count else []
    further = len(found) > PAGE
    page = found[:PAGE][::-1] if backwards else found[:PAGE]
    ahead = page and (further or backwards)
    behind = page and (further if backwards else beside is not None)
    return Directory(
        page, min(count, most), count > most, page[-1].number if ahead else None, page[0].number if behind else None
    )


@cache
def ids(*, sqlite: bool) -> Select[int]:
    """The ids of the active members whose words fit, by name, to be cut; made once, and asked with `of_group` and with
    what is said as `people`.
    """
    fitting = search.matching(MemberWords, bindparam("people", type_=Text), sqlite=sqlite)
    return (
        select(MemberWords.member_id)
        .where(
            MemberWords.group_id == bindparam("of_group", type_=Key),
            MemberWords.listed.is_(True),
            MemberWords.member_id.in_(fitting),
        )
        .order_by(MemberWords.name, MemberWords.member_id)
    )


def members_by(ids: Sequence[int]) -> list[Membership]:
    """Members by id, in the order given."""
    if not ids:
        return []
    found = {one.id: one for one in db.session.scalars(BY_ID, {"of_members": list(ids)})}
    return [found[one] for one in ids if one in found]


def _some(reader: Membership, query: Query) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [MemberWords.group_id == reader.group_id, MemberWords.listed.is_(True)]
    if query:
        found.append(MemberWords.member_id.in_(search.matches(db.session(), MemberWords, query)))
    return found


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
