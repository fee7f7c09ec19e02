"""Who stands aside, and why: a pure function over what links an organiser to the people of a case."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from flask_babel import format_date
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, and_, func, literal, null, or_, select, union_all
from sqlalchemy.orm import Session

from exchange.storage.favor import Favor, FavorState
from exchange.storage.membership import Invitation, Membership
from exchange.storage.person import Person
from exchange.storage.tie import Tie

LOOKS_BACK = timedelta(days=365)
# What came to nothing ties nobody to anybody.
LINKING = (FavorState.AGREED, FavorState.DELIVERED, FavorState.CONFIRMED, FavorState.DISPUTED)


class Bond(StrEnum):
    """Why somebody stands aside, what concerns them most first."""

    CONCERNED = "concerned"
    NAMED = "named"
    DECIDED = "decided"
    TIE = "tie"
    FAVOR = "favor"
    INVITED = "invited"
    INVITED_BY = "invited_by"
    BY_THEMSELF = "by_themself"
    OBJECTED = "objected"
    CLOSE = "close"


# As one side sees it, and as the other.
BOTH_WAYS = {
    Bond.FAVOR: (Bond.FAVOR, Bond.FAVOR),
    Bond.TIE: (Bond.TIE, Bond.TIE),
    Bond.INVITED: (Bond.INVITED, Bond.INVITED_BY),
}


@dataclass(frozen=True)
class Link:
    """What links two members: `secret` where even an organiser may not be told what it is."""

    one: int
    other: int
    bond: Bond
    day: date | None = None
    secret: bool = False


@dataclass(frozen=True)
class People:
    """Who has a part in a case. `reporters` are used by the rule and never told; `narrow` ignores closeness."""

    about: int
    named: frozenset[int] = frozenset()
    reporters: frozenset[int] = frozenset()
    deciders: frozenset[int] = frozenset()
    aside: frozenset[int] = frozenset()
    objected: frozenset[int] = frozenset()
    narrow: bool = False

    @property
    def sides(self) -> frozenset[int]:
        """Everybody whose closeness matters."""
        return self.named | self.reporters | {self.about}


@dataclass(frozen=True)
class Reason:
    """Why one organiser stands aside: the bond, with whom, and since when. Secret links have neither."""

    bond: Bond
    other: int | None = None
    day: date | None = None


def reason(member: int, people: People, links: Iterable[Link]) -> Reason | None:
    """Why a member stands aside from a case; None for whoever is free."""
    if member == people.about:
        return Reason(Bond.CONCERNED)
    if people.narrow:
        return Reason(Bond.BY_THEMSELF) if member in people.aside else None
    if member in people.named:
        return Reason(Bond.NAMED)
    if member in people.deciders:
        return Reason(Bond.DECIDED)
    mine = [link for link in links if link.one == member and link.other in people.sides]
    open_ones = [link for link in mine if not link.secret and link.other not in people.reporters - _told(people)]
    if open_ones:
        order = list(Bond)
        best = min(open_ones, key=lambda link: (order.index(link.bond), -(link.day or date.min).toordinal()))
        return Reason(best.bond, best.other, best.day)
    if member in people.aside:
        return Reason(Bond.BY_THEMSELF)
    if member in people.objected:
        return Reason(Bond.OBJECTED)
    return Reason(Bond.CLOSE) if mine or member in people.reporters else None


def free(session: Session, organiser: Membership, people: People, at: datetime) -> bool:
    """Whether nothing makes an organiser stand aside from something with these people. Never for a mere member."""
    return free_of(session, organiser, [people], at)[0]


def free_of(session: Session, organiser: Membership, parts: Sequence[People], at: datetime) -> list[bool]:
    """The same of each of several things, asked at once."""
    if not organiser.is_organiser:
        return [False for _part in parts]
    found = links(session, {organiser.id}, set().union(*(part.sides for part in parts)), at)
    return [reason(organiser.id, part, found) is None for part in parts]


def _told(people: People) -> frozenset[int]:
    return people.named | {people.about}


def sentence(why: Reason, names: Mapping[int, str]) -> Any:
    """What the organiser concerned reads, and nobody else."""
    name = names.get(why.other, "") if why.other is not None else ""
    day = format_date(why.day, str(_("d MMMM y"))) if why.day else ""
    return {
        Bond.CONCERNED: _("This concerns you."),
        Bond.NAMED: _("You are one of those whom this is about."),
        Bond.DECIDED: _("You decided about this before. Somebody else looks again."),
        Bond.TIE: _("There is a declared tie between you and %(name)s.", name=name),
        Bond.FAVOR: _("You and %(name)s are the two of a favor of %(day)s.", name=name, day=day),
        Bond.INVITED: _("You invited %(name)s to this group.", name=name),
        Bond.INVITED_BY: _("%(name)s invited you to this group.", name=name),
        Bond.BY_THEMSELF: _("You chose to stand aside."),
        Bond.OBJECTED: _("Somebody with a part in this case objected to you."),
        Bond.CLOSE: _("You are close to somebody in this case."),
    }[why.bond]


def links(session: Session, members: Collection[int], people: Collection[int], at: datetime) -> list[Link]:
    """Everything that links some organisers to the people of some cases, both ways, asked for in one statement."""
    if not members or not people:
        return []
    found = []
    for bond, one, other, withheld, confirmed, agreed in session.execute(_rows(members, people, at)):
        if one is None:
            continue
        there, back = BOTH_WAYS[Bond(bond)]
        day = (confirmed or agreed).date() if agreed else None
        found += [Link(one, other, there, day, withheld is not None), Link(other, one, back, day, withheld is not None)]
    return found


def _rows(members: Collection[int], people: Collection[int], at: datetime) -> Any:
    """The rows behind links: of a favor, of a tie, of an invitation; with who withholds a favor, and its moments."""

    def between(one: Any, other: Any) -> ColumnElement[bool]:
        return or_(and_(one.in_(members), other.in_(people)), and_(other.in_(members), one.in_(people)))

    def row(bond: Bond, one: Any, other: Any, *more: Any) -> Any:
        return select(literal(bond.value), one, other, *(more or (null(), null(), null())))

    moment = func.coalesce(Favor.confirmed_at, Favor.delivered_at, Favor.agreed_at)
    moments = (Favor.withheld_by_id, Favor.confirmed_at, Favor.agreed_at)
    return union_all(
        row(Bond.FAVOR, Favor.giver_id, Favor.receiver_id, *moments).where(
            Favor.state.in_(LINKING), moment > at - LOOKS_BACK, between(Favor.giver_id, Favor.receiver_id)
        ),
        row(Bond.TIE, Tie.from_id, Tie.to_id).where(Tie.withdrawn_at.is_(None), between(Tie.from_id, Tie.to_id)),
        row(Bond.INVITED, Invitation.invited_by_id, Membership.id)
        .join(Person, Person.email == Invitation.email)
        .join(Membership, and_(Membership.person_id == Person.id, Membership.group_id == Invitation.group_id))
        .where(Invitation.used_at.is_not(None), between(Invitation.invited_by_id, Membership.id)),
    )
