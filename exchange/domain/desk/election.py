"""Elections: where no organiser signed in for 30 days, half of the members who are there can name a willing one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from exchange.domain import letters, roles
from exchange.domain.desk.handover import tell
from exchange.domain.errors import BadInput, NotYours, Refusal
from exchange.domain.members import acting
from exchange.storage.db import db, transaction
from exchange.storage.election import Election, Seen, Vote, Willing
from exchange.storage.fixed import at_most, word
from exchange.storage.group import Group
from exchange.storage.membership import Membership, MembershipState, Role

VANISHED_FOR = timedelta(days=30)
SEEN_WITHIN = timedelta(days=90)
MEMBER_FOR = timedelta(days=90)
AGAIN = timedelta(hours=12)


@dataclass(frozen=True)
class Standing:
    """One who is willing, and how many are for them."""

    member: Membership
    votes: int


@dataclass(frozen=True)
class ElectionPage:
    """An election as members see it: `electorate` may vote, `needed` of them elect. `mine`: for whom the reader is."""

    possible: bool
    running: bool
    opened_at: datetime | None
    willing: list[Standing]
    electorate: int
    needed: int
    may_vote: bool
    mine: int | None


def seen(*, by: Membership, at: datetime) -> None:
    """A member is here. An organiser's coming ends an election. Written at most every half day."""
    found = db.session.get(Seen, by.id)
    running = by.is_organiser and _running(db.session(), by.group_id) is not None
    if found is not None and at < found.at + AGAIN and not running:
        return
    with transaction() as session:
        row = session.get(Seen, by.id, with_for_update=True, populate_existing=True)
        if row is None:
            session.add(Seen(membership_id=by.id, at=at))
        else:
            row.at = max(row.at, at)
        election = _running(session, by.group_id) if by.is_organiser else None
        if election is not None:
            election.ended_at = at


def call(*, by: Membership, at: datetime) -> Election:
    """A member starts an election; the organisers are told at once, and signing in ends it.

    Raises NotYours, Refusal while an organiser was here within 30 days or one runs already.
    """
    with transaction() as session:
        _may(session, by, at)
        if _running(session, by.group_id) is not None:
            raise Refusal(_("An election runs already."))
        made = Election(group_id=by.group_id, opened_at=at)
        session.add(made)
        session.flush()
        for organiser in _organisers(session, by.group_id):
            path = letters.path(organiser.group, "election")
            letters.tell(session, "election", organiser, once=f"election:{made.id}", at=at, path=path)
    return made


def stand(*, by: Membership, at: datetime) -> Election:
    """A member would organise. Raises NotYours or Refusal."""
    with transaction() as session:
        election = _now(session, by, at)
        if session.get(Willing, (election.id, by.id)) is not None:
            raise Refusal(_("You have said so already."))
        session.add(Willing(election_id=election.id, member_id=by.id, at=at))
    return election


def vote(number: int, *, by: Membership, at: datetime) -> Membership | None:
    """A member who was one for 90 days is for somebody willing; with half of all who count it is done.

    Returns who is elected by it, if anybody. Raises NotYours, BadInput or Refusal.
    """
    with transaction() as session:
        election = _now(session, by, at)
        voters = electorate(session, by.group_id, at)
        if by.id not in voters:
            raise NotYours(_("Who has been a member for 90 days can vote."))
        found = select(Membership).join(Willing, Willing.member_id == Membership.id)
        chosen = session.scalar(
            found.where(
                Willing.election_id == election.id,
                Membership.number == number,
                Membership.state == MembershipState.ACTIVE,
            ).with_for_update(of=Membership)
        )
        if chosen is None:
            raise BadInput(_("Choose somebody who is willing."), field="member")
        mine = session.get(Vote, (election.id, by.id)) or Vote(election_id=election.id, voter_id=by.id)
        mine.for_id, mine.at = chosen.id, at
        session.add(mine)
        session.flush()
        if 2 * _votes(session, election, voters).get(chosen.id, 0) < len(voters):
            return None
        election.ended_at, election.elected_id, chosen.role = at, chosen.id, Role.ORGANISER
        session.flush()
        tell(session, chosen, at, elected=True)
        roles.changed(session, chosen, before=False, by=None, at=at)
        return chosen


def show(*, seen_by: Membership, at: datetime) -> ElectionPage:
    """The election of the reader's group, or that there could be one."""
    session = db.session()
    election = _running(session, seen_by.group_id)
    voters = electorate(session, seen_by.group_id, at)
    mine = session.get(Vote, (election.id, seen_by.id)) if election else None
    votes = _votes(session, election, voters) if election else {}
    who = select(Membership).join(Willing, Willing.member_id == Membership.id).order_by(Willing.at)
    willing = session.scalars(who.where(Willing.election_id == (election.id if election else 0)))
    return ElectionPage(
        possible=vanished(session, seen_by.group_id, at),
        running=election is not None,
        opened_at=election.opened_at if election else None,
        willing=[Standing(one, votes.get(one.id, 0)) for one in willing if one.state is MembershipState.ACTIVE],
        electorate=len(voters),
        needed=-(-len(voters) // 2),
        may_vote=election is not None and seen_by.id in voters,
        mine=mine.for_id if mine else None,
    )


def vanished(session: Session, group_id: int, at: datetime) -> bool:
    """Whether no organiser was here for 30 days.

    Who was never seen counts as here on joining, and on the day since which it is noted who comes.
    """
    return session.scalar(here(group_id, at - VANISHED_FOR)) is None


def here(group: Any, since: Any) -> Select[int]:
    """An organiser of a group who was here since a moment; both may be parameters of a statement."""
    return (
        select(Membership.id)
        .join(Group, Group.id == Membership.group_id)
        .outerjoin(Seen, Seen.membership_id == Membership.id)
        .where(
            Membership.group_id == group,
            Membership.role == word(Role.ORGANISER),
            Membership.state == word(MembershipState.ACTIVE),
            or_(
                func.coalesce(Seen.at, Membership.joined_at) > since,
                Seen.at.is_(None) & (Group.seen_since > since),
            ),
        )
        .limit(at_most(1))
    )


def electorate(session: Session, group_id: int, at: datetime) -> set[int]:
    """Who counts: active members who were seen in the last 90 days, and have been members for 90 days.

    Where it has not been noted for 90 days who comes, those who were never seen count too: they may have been here.
    """
    found = (
        select(Membership.id)
        .join(Group, Group.id == Membership.group_id)
        .outerjoin(Seen, Seen.membership_id == Membership.id)
    )
    return set(
        session.scalars(
            found.where(
                Membership.group_id == group_id,
                Membership.state == MembershipState.ACTIVE,
                Membership.joined_at <= at - MEMBER_FOR,
                func.coalesce(Seen.at, Group.seen_since) > at - SEEN_WITHIN,
            )
        )
    )


def possible(*, seen_by: Membership, at: datetime) -> bool:
    """Whether the reader's group can elect an organiser now."""
    return vanished(db.session(), seen_by.group_id, at)


def _votes(session: Session, election: Election, voters: set[int]) -> dict[int, int]:
    counted: dict[int, int] = {}
    for one in session.scalars(select(Vote).filter_by(election_id=election.id)):
        counted[one.for_id] = counted.get(one.for_id, 0) + (one.voter_id in voters)
    return counted


def _running(session: Session, group_id: int) -> Election | None:
    return session.scalar(select(Election).filter_by(group_id=group_id, ended_at=None))


def _organisers(session: Session, group_id: int) -> list[Membership]:
    found = select(Membership).filter_by(group_id=group_id, role=Role.ORGANISER, state=MembershipState.ACTIVE)
    return list(session.scalars(found.order_by(Membership.number)))


def _may(session: Session, by: Membership, at: datetime) -> None:
    acting(by)
    if not vanished(session, by.group_id, at):
        raise Refusal(_("An organiser was here within the last 30 days. Write to them."))


def _now(session: Session, by: Membership, at: datetime) -> Election:
    _may(session, by, at)
    found = session.scalar(select(Election).filter_by(group_id=by.group_id, ended_at=None).with_for_update())
    if found is None:
        raise Refusal(_("There is no election now."))
    return found
