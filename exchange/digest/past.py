"""Reading what came to pass in the windows of a batch of letters: in the groups, and for each reader."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, exists, or_, select
from sqlalchemy.orm import Session, aliased

from exchange.digest.facts import CameOf, Group, Happened, Newcomer, Note, Tally
from exchange.log.years import Counted, own_favors
from exchange.storage.among import among
from exchange.storage.digest import DigestNote
from exchange.storage.favor import Favor, FavorState
from exchange.storage.membership import Membership, MembershipState
from exchange.storage.person import Person
from exchange.storage.post import Post, PostHidden, PostKind, PostState

NONE = Tally()
Span = tuple[datetime, datetime]


def happened(session: Session, groups: Mapping[int, Group], span: Span) -> dict[int, Happened]:
    """By group, the favors that everybody may read of and who joined, within the span; two statements.

    A favor that is withheld, that was corrected, or that came of a post that was hidden from anybody, is in none.
    """
    asked = {"groups": groups, "since": span[0], "until": span[1]}
    favors: defaultdict[int, list[CameOf]] = defaultdict(list)
    for row in session.execute(_open_to_all(), asked):
        favors[row.group_id].append(_came_of(row, groups[row.group_id]))
    joined: defaultdict[int, list[Newcomer]] = defaultdict(list)
    for group_id, member_id, name, joined_at in session.execute(_newcomers(), asked):
        joined[group_id].append(Newcomer(member_id, name, joined_at))
    return {group: Happened(favors[group], joined[group]) for group in groups}


@cache
def _open_to_all() -> Select[*tuple[Any, ...]]:
    hidden = or_(Post.state == PostState.HIDDEN, Post.hidden_from_firm, exists().where(PostHidden.post_id == Post.id))
    return _favors().where(
        among(Favor.group_id, "groups"), Favor.withheld_by_id.is_(None), or_(Post.id.is_(None), ~hidden)
    )


@cache
def _newcomers() -> Select[*tuple[Any, ...]]:
    return (
        select(Membership.group_id, Membership.id, Person.name, Membership.joined_at)
        .join(Person, Person.id == Membership.person_id)
        .where(
            among(Membership.group_id, "groups"),
            Membership.state == MembershipState.ACTIVE,
            Membership.joined_at >= bindparam("since"),
            Membership.joined_at < bindparam("until"),
        )
    )


def thanks(
    session: Session, groups: Mapping[int, Group], members: Collection[int], span: Span
) -> dict[int, list[CameOf]]:
    """By membership id, the favors that the member was thanked for within the span; one statement."""
    found: defaultdict[int, list[CameOf]] = defaultdict(list)
    for row in session.execute(_thanked(), {"members": members, "since": span[0], "until": span[1]}):
        found[row.giver_id].append(_came_of(row, groups[row.group_id]))
    return found


@cache
def _thanked() -> Select[*tuple[Any, ...]]:
    return _favors().where(among(Favor.giver_id, "members"), Favor.thanks != "")


def _favors() -> Select[*tuple[Any, ...]]:
    """Favors that stand in the log `since` a moment, up to `until`, and have not been corrected."""
    giver, receiver, gave, got = aliased(Membership), aliased(Membership), aliased(Person), aliased(Person)
    return (
        select(
            Favor.id,
            Favor.group_id,
            Favor.giver_id,
            Favor.receiver_id,
            gave.name.label("giver"),
            got.name.label("receiver"),
            Favor.title,
            Favor.thanks,
            Favor.confirmed_at,
            Favor.post_id,
            Post.kind,
        )
        .join(giver, giver.id == Favor.giver_id)
        .join(receiver, receiver.id == Favor.receiver_id)
        .join(gave, gave.id == giver.person_id)
        .join(got, got.id == receiver.person_id)
        .outerjoin(Post, Post.id == Favor.post_id)
        .where(
            Favor.state == FavorState.CONFIRMED,
            Favor.voided_by.is_(None),
            Favor.confirmed_at >= bindparam("since"),
            Favor.confirmed_at < bindparam("until"),
        )
        .order_by(Favor.id)
    )


def _came_of(row: Any, group: Group) -> CameOf:
    return CameOf(
        favor_id=row.id,
        group=group,
        giver_id=row.giver_id,
        receiver_id=row.receiver_id,
        giver=row.giver,
        receiver=row.receiver,
        title=row.title,
        confirmed_at=row.confirmed_at,
        met=row.post_id if row.kind is PostKind.NEED else None,
        thanks=row.thanks,
    )


@dataclass(frozen=True)
class Years:
    """The counted favors of a batch's members, and who is behind each membership."""

    favors: Mapping[int, list[Counted]]
    people: Mapping[int, int]

    def tally(self, member_id: int, since: date, window: Span) -> Tally:
        """One member's counts from a day on, and within the window; by the person on the other side."""
        if member_id not in self.favors:
            return NONE
        counts: tuple[Counter[int], ...] = (Counter(), Counter(), Counter(), Counter())
        gave, received, gave_in_window, received_in_window = counts
        for favor in self.favors.get(member_id, ()):
            gives = favor.giver_id == member_id
            other = self.people[favor.receiver_id if gives else favor.giver_id]
            if favor.day >= since:
                (gave if gives else received)[other] += 1
            if window[0] <= favor.confirmed_at < window[1]:
                (gave_in_window if gives else received_in_window)[other] += 1
        return Tally(*counts)


def years(session: Session, members: Collection[int], since: date) -> Years:
    """What these members gave and received from a day on, withheld favors included; two statements."""
    favors: defaultdict[int, list[Counted]] = defaultdict(list)
    found = own_favors(session, members, since)
    for favor in found:
        favors[favor.giver_id].append(favor)
        favors[favor.receiver_id].append(favor)
    others = {member for favor in found for member in (favor.giver_id, favor.receiver_id)}
    rows = session.execute(_behind(), {"members": others})
    return Years(favors, {member: person for member, person in rows})  # noqa: C416 (rows are no pairs to mypy)


@cache
def _behind() -> Select[*tuple[Any, ...]]:
    return select(Membership.id, Membership.person_id).where(among(Membership.id, "members"))


def notes(session: Session, groups: Mapping[int, Group], span: Span) -> dict[int, list[Note]]:
    """By group, what organisers wrote at the top of letters within the span; one statement."""
    found: defaultdict[int, list[Note]] = defaultdict(list)
    rows = session.execute(_notes(), {"groups": groups, "since": span[0], "until": span[1]})
    for group_id, name, text, written_at in rows:
        found[group_id].append(Note(groups[group_id], name, text, written_at))
    return found


@cache
def _notes() -> Select[*tuple[Any, ...]]:
    return (
        select(DigestNote.group_id, Person.name, DigestNote.text, DigestNote.written_at)
        .join(Membership, Membership.id == DigestNote.by_id)
        .join(Person, Person.id == Membership.person_id)
        .where(
            among(DigestNote.group_id, "groups"),
            DigestNote.written_at >= bindparam("since"),
            DigestNote.written_at < bindparam("until"),
        )
        .order_by(DigestNote.written_at, DigestNote.id)
    )
