"""What a group gave and received in counts: the organisers first, by month and category, needs, newcomers."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from statistics import median
from typing import Any

from sqlalchemy import BindParameter, DateTime, bindparam, exists, func, select, type_coerce

from exchange import log
from exchange.domain import members
from exchange.domain.numbers import months
from exchange.log import Balance
from exchange.storage.db import Key, Moment, db
from exchange.storage.favor import Favor, FavorState
from exchange.storage.fixed import at_most, word
from exchange.storage.group import Category
from exchange.storage.membership import Membership, MembershipState
from exchange.storage.post import ClosedBecause, Post, PostHidden, PostKind, PostState

LATEST = 500  # needs, or newcomers: however large a group is, the page does not look at more
OF_GROUP: BindParameter[int] = bindparam("of_group", type_=Key)
SINCE: BindParameter[datetime] = bindparam("since", type_=Moment)


@dataclass(frozen=True)
class Months:
    """The favors of one category, or of all, by month: in all, and of these the ones without names."""

    name: str
    favors: Sequence[int]
    withheld: Sequence[int]

    @property
    def all(self) -> int:
        """How many favors there are."""
        return sum(self.favors)

    @property
    def nameless(self) -> int:
        """How many of them are told without names."""
        return sum(self.withheld)


@dataclass(frozen=True)
class Found:
    """Of some, how many found what they were there for, and how many days that took half of them."""

    of: int
    found: int
    days: int | None


@dataclass(frozen=True)
class Numbers:
    """A group's page. `people` took part since the beginning; `neutral` favors are logged and counted for nobody."""

    organisers: Sequence[tuple[Membership, Balance]]
    months: Sequence[date]
    every: Months
    categories: Sequence[Months]
    neutral: int
    people: int
    needs: Found
    newcomers: Found


def show(*, seen_by: Membership, at: datetime) -> Numbers:
    """The numbers of a group, counted from its log, for its members. Withheld favors are in no member's number."""
    session, group = db.session(), seen_by.group
    leading = members.organisers(seen_by=seen_by)
    years = members.years([organiser.id for organiser in leading], at=at)
    firsts = months(at)
    sorts, people = log.totals(session, group.id, firsts[0])
    counted = [(sort.category, sort.month, sort.withheld, favors) for sort, favors in sorts if sort.counts]
    return Numbers(
        organisers=[(organiser, years[organiser.id]) for organiser in leading],
        months=firsts,
        every=_all(counted, firsts),
        categories=_categories(counted, firsts, group.categories),
        neutral=sum(favors for sort, favors in sorts if not sort.counts),
        people=people,
        needs=_needs(group.id, at),
        newcomers=_newcomers(group.id, at),
    )


Told = Sequence[tuple[str, date, bool, int]]


def _all(told: Told, firsts: Sequence[date]) -> Months:
    every, withheld = Counter[date](), Counter[date]()
    for _category, month, without_names, favors in told:
        every[month] += favors
        withheld[month] += favors if without_names else 0
    return Months("", [every[first] for first in firsts], [withheld[first] for first in firsts])


def _categories(told: Told, firsts: Sequence[date], categories: Sequence[Category]) -> list[Months]:
    """The months of each category in which there is something, in the group's order."""
    names = {category.slug: category.name for category in categories}
    names |= {category: category for category, *_rest in told if category not in names}
    found = []
    for slug, name in names.items():
        of_one = _all([one for one in told if one[0] == slug], firsts)
        if of_one.all:
            found.append(Months(name, of_one.favors, of_one.withheld))
    return found


def _over() -> Any:
    """The needs that are over, each with when it was met, as far as the log names who met it: moments as the database
    has them, since only what is between two is asked.
    """
    met = (
        select(func.min(Favor.agreed_at))
        .where(
            Favor.post_id == Post.id,
            Favor.state == word(FavorState.CONFIRMED),
            Favor.withheld_by_id.is_(None),
            Favor.voided_by.is_(None),
        )
        .scalar_subquery()
    )
    return (
        select(*(type_coerce(moment, DateTime(timezone=True)) for moment in (Post.created_at, met)))
        .where(
            Post.group_id == OF_GROUP,
            Post.state == word(PostState.CLOSED),
            Post.created_at >= SINCE,
            Post.kind == word(PostKind.NEED),
            Post.closed_because != word(ClosedBecause.WITHDRAWN),
            Post.hidden_from_firm.is_(False),
            ~exists().where(PostHidden.post_id == Post.id),
        )
        .order_by(Post.created_at.desc())
        .limit(at_most(LATEST))
    )


def _newest() -> Any:
    """The newest members, each with the day of the first favor."""
    newest = (
        select(Membership.joined_at, log.first_day(Membership.id).label("first"))
        .where(Membership.group_id == OF_GROUP, Membership.state == word(MembershipState.ACTIVE))
        .order_by(Membership.number.desc())
        .limit(at_most(LATEST))
        .subquery()
    )
    return select(newest.c.joined_at, newest.c.first).where(newest.c.joined_at >= SINCE)


# Made once: that takes as long as asking them.
OVER, NEWEST = _over(), _newest()


def _needs(group_id: int, at: datetime) -> Found:
    """Of the needs of the last twelve months that are over, those that were met.

    One that was met without names counts like one that nobody met, or watching this number would tell which one it
    was. Needs that were kept from somebody are not counted at all.
    """
    rows = db.session.execute(OVER, {"of_group": group_id, "since": at - members.YEAR}).all()
    return _found(len(rows), [(met_at - asked_at).days for asked_at, met_at in rows if met_at])


def _newcomers(group_id: int, at: datetime) -> Found:
    """Of those who joined in the last twelve months, who has given or received something."""
    rows = db.session.execute(NEWEST, {"of_group": group_id, "since": at - members.YEAR})
    joined = [(on.date(), first) for on, first in rows]
    return _found(len(joined), [max(0, (first - on).days) for on, first in joined if first])


def _found(of: int, days: Sequence[int]) -> Found:
    return Found(of, len(days), round(median(days)) if days else None)
