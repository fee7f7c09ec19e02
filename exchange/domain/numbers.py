"""What a member gave and received in counts: by category and month, for everybody and for their own eyes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from exchange import log
from exchange.domain.members import YEAR
from exchange.log import Balance, Line
from exchange.storage.db import db
from exchange.storage.group import Category
from exchange.storage.membership import Membership

ENOUGH = 10  # favors; with fewer it is too early to say how giving and taking go round


@dataclass(frozen=True)
class Month:
    """What was given and received in one month."""

    gave: int = 0
    received: int = 0


@dataclass(frozen=True)
class Strip:
    """One category through the months of a year, the oldest first."""

    category: str
    months: Sequence[Month]

    @property
    def gave(self) -> int:
        """How many favors were given."""
        return sum(month.gave for month in self.months)

    @property
    def received(self) -> int:
        """How many favors were received."""
        return sum(month.received for month in self.months)


@dataclass(frozen=True)
class Year:
    """The last twelve months of a member, as everybody may see them.

    `months` are the first days of the months, the oldest and the newest of them not whole. `strips` come in the order
    of the group's categories; `neutral` counts favors that are logged and counted for nobody.
    """

    balance: Balance
    months: Sequence[date]
    strips: Sequence[Strip]
    neutral: int


@dataclass(frozen=True)
class Own:
    """What only the member sees: counts with the withheld favors in them, and these alone by category.

    `both` are the people with whom favors went both ways, `helped` those whom only the member helped, and `helped_by`
    those who only helped the member. It is `early` while there are too few favors to say more.
    """

    balance: Balance
    withheld: Sequence[Strip]
    both: int
    helped: int
    helped_by: int

    @property
    def early(self) -> bool:
        """Whether it is too early to say."""
        return self.favors < ENOUGH

    @property
    def favors(self) -> int:
        """How many favors there are in all."""
        return self.balance.given + self.balance.received


def year(member: Membership, *, at: datetime) -> Year:
    """A member's last twelve months as all members of the group may see them."""
    return _year(log.lines(db.session(), member, (at - YEAR).date()), member, at)


def own(member: Membership, *, at: datetime) -> tuple[Year, Own]:
    """A member's last twelve months as others see them, and what only the member sees beside that."""
    every = log.lines(db.session(), member, (at - YEAR).date(), own=True)
    counted = [line for line in every if line.counts]
    helped = {line.other_id for line in counted if line.gave}
    helped_by = {line.other_id for line in counted if not line.gave}
    mine = Own(
        balance=log.balance_of(member.id, counted),
        withheld=_strips([line for line in every if line.withheld], months(at), member.group.categories),
        both=len(helped & helped_by),
        helped=len(helped - helped_by),
        helped_by=len(helped_by - helped),
    )
    return _year([line for line in every if not line.withheld], member, at), mine


def months(at: datetime) -> list[date]:
    """The first days of the months that the last twelve months touch, the oldest first: thirteen, but for leap days."""
    first, last = (at - YEAR).date(), at.date()
    between = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [date(number // 12, number % 12 + 1, 1) for number in between]


def _year(lines: Sequence[Line], member: Membership, at: datetime) -> Year:
    counted = [line for line in lines if line.counts]
    return Year(
        balance=log.balance_of(member.id, counted),
        months=months(at),
        strips=_strips(counted, months(at), member.group.categories),
        neutral=len(lines) - len(counted),
    )


def _strips(lines: Sequence[Line], firsts: Sequence[date], categories: Sequence[Category]) -> list[Strip]:
    """One strip for each category in which there is something, in the group's order."""
    names = {category.slug: category.name for category in categories}
    names |= {line.category: line.category for line in lines if line.category not in names}
    found = Counter((line.category, line.day.replace(day=1), line.gave) for line in lines)
    return [
        Strip(name, [Month(gave=found[slug, first, True], received=found[slug, first, False]) for first in firsts])
        for slug, name in names.items()
        if any(line.category == slug for line in lines)
    ]
