"""Reading what waits for many readers at once: what `exchange.domain.waiting` says to one of them."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from exchange.digest.facts import Group, Wait, Waiting
from exchange.domain.board import choosable, extendable
from exchange.domain.desk import cases, recusal
from exchange.domain.waiting import ASK_AFTER
from exchange.storage.among import among
from exchange.storage.desk import Appeal, Case, CaseState, Decision
from exchange.storage.favor import Correction, CorrectionState, Favor, FavorState
from exchange.storage.membership import Membership
from exchange.storage.person import Person
from exchange.storage.post import LIVE, ClosedBecause, Post, PostKind, PostState, Response, ResponseState

SOON = timedelta(days=1)
RUNNING = (FavorState.AGREED, FavorState.DELIVERED)


@dataclass(frozen=True)
class Asked:
    """A reader in one group, and the moment of their letter."""

    member_id: int
    group: Group
    organiser: bool
    now: datetime


def read(session: Session, asked: Collection[Asked]) -> dict[int, list[Waiting]]:
    """By membership id, what only that member can move on.

    Seven statements, one more for all organisers' ties, and some for each group at whose desk something waits.
    """
    by_id = {one.member_id: one for one in asked}
    found: defaultdict[int, list[Waiting]] = defaultdict(list)
    for kind in (_favors, _places, _own_posts, _corrections, _disputes, _desks):
        for member_id, waiting in kind(session, by_id):
            found[member_id].append(waiting)
    return found


Found = Iterator[tuple[int, Waiting]]
Readers = Mapping[int, Asked]


def _favors(session: Session, readers: Readers) -> Found:
    """Favors that were delivered to them, and agreed ones whose day has passed."""
    for favor in session.execute(_running(), {"members": readers}):
        due = favor.event_at or favor.agreed_at + ASK_AFTER
        for member_id, other in ((favor.receiver_id, favor.giver), (favor.giver_id, favor.receiver)):
            gives = member_id == favor.giver_id
            reader = readers.get(member_id)
            if reader is None:
                continue
            if favor.state is FavorState.AGREED and due <= reader.now:
                yield member_id, _about(favor, Wait.GAVE if gives else Wait.GOT, reader, other)
            elif favor.state is FavorState.DELIVERED and not gives:
                yield member_id, _about(favor, Wait.CONFIRM, reader, other)


@cache
def _running() -> Select[*tuple[Any, ...]]:
    giver, receiver, gave, got = aliased(Membership), aliased(Membership), aliased(Person), aliased(Person)
    return (
        select(Favor.id, Favor.title, Favor.post_id, Favor.state, Favor.agreed_at, Favor.event_at)
        .add_columns(Favor.giver_id, Favor.receiver_id, gave.name.label("giver"), got.name.label("receiver"))
        .join(giver, giver.id == Favor.giver_id)
        .join(receiver, receiver.id == Favor.receiver_id)
        .join(gave, gave.id == giver.person_id)
        .join(got, got.id == receiver.person_id)
        .where(_mine(), Favor.state.in_(RUNNING))
        .order_by(Favor.agreed_at, Favor.id)
    )


def _mine() -> ColumnElement[bool]:
    return or_(among(Favor.giver_id, "members"), among(Favor.receiver_id, "members"))


def _about(favor: Any, kind: Wait, reader: Asked, name: str, other: str = "") -> Waiting:
    path = f"/g/{reader.group.slug}/favors/{favor.id}"
    return Waiting(kind, reader.group, path, title=favor.title, name=name, other=other, post_id=favor.post_id)


def _places(session: Session, readers: Readers) -> Found:
    """Places that are held for them, or offers of theirs that are wanted now."""
    for response, post in session.execute(_offered(), {"members": readers}).unique():
        reader = readers[response.member_id]
        until = response.offered_until
        yield response.member_id, _post(post, Wait.PLACE, reader, name=post.author.person.name, until=until)


@cache
def _offered() -> Select[Response, Post]:
    return (
        select(Response, Post)
        .join(Post, Post.id == Response.post_id)
        .where(
            among(Response.member_id, "members"),
            Response.state == ResponseState.OFFERED,
            Post.state != PostState.HIDDEN,
        )
        .order_by(Response.id)
    )


def _post(post: Any, kind: Wait, reader: Asked, *, name: str = "", count: int = 0, until: datetime | None) -> Waiting:
    return Waiting(
        kind,
        reader.group,
        f"/g/{reader.group.slug}/posts/{post.id}",
        title=post.title,
        name=name,
        need=post.kind is PostKind.NEED,
        count=count,
        until=until,
        post_id=post.id,
    )


def _own_posts(session: Session, readers: Readers) -> Found:
    """Posts of theirs with answers to choose among, and those that close unanswered within a day."""
    for row in session.execute(_own(), {"members": readers}):
        post, answers = cast(Post, row), row.answers  # the rules ask for nothing else of a post
        reader = readers[post.author_id]
        soon = reader.now < post.closes_at <= reader.now + SOON
        if answers and choosable(post):
            yield post.author_id, _post(post, Wait.CHOOSE, reader, count=answers, until=post.closes_at)
        elif post.state is PostState.OPEN and soon and not row.has_answers and extendable(post, reader.now):
            yield post.author_id, _post(post, Wait.CLOSING, reader, until=post.closes_at)


@cache
def _own() -> Select[*tuple[Any, ...]]:
    waiting = (
        select(func.count())
        .where(Response.post_id == Post.id, Response.state == ResponseState.WAITING)
        .scalar_subquery()
    )
    answered = exists().where(Response.post_id == Post.id, Response.state.in_(LIVE))
    return (
        select(Post.id, Post.title, Post.kind, Post.author_id, Post.state, Post.rule, Post.closed_because)
        .add_columns(Post.taken, Post.slots, Post.closes_at, Post.event_at)
        .add_columns(waiting.label("answers"), answered.label("has_answers"))
        .where(
            among(Post.author_id, "members"),
            or_(Post.state == PostState.OPEN, and_(Post.closed_because == ClosedBecause.TIME, waiting > 0)),
        )
        .order_by(Post.closes_at, Post.id)
    )


def _corrections(session: Session, readers: Readers) -> Found:
    """Corrections that somebody else proposes of a favor of theirs."""
    for correction in session.scalars(_proposed(), {"members": readers}).unique():
        favor = correction.favor
        for member_id in (favor.giver_id, favor.receiver_id):
            if member_id in readers and member_id != correction.by_id:
                name = correction.by.person.name
                yield member_id, _about(favor, Wait.CORRECTION, readers[member_id], name)


@cache
def _proposed() -> Select[Correction]:
    return (
        select(Correction)
        .join(Favor, Favor.id == Correction.favor_id)
        .where(Correction.state == CorrectionState.PROPOSED, _mine())
        .order_by(Correction.id)
    )


def _disputes(session: Session, readers: Readers) -> Found:
    """Disputes that they may settle as organisers whom nothing links to either side."""
    organisers = {one.member_id: one for one in readers.values() if one.organiser}
    groups = {one.group.id for one in organisers.values()}
    favors = session.scalars(_disputed(), {"groups": groups}).unique().all()
    sides = {side for favor in favors for side in (favor.giver_id, favor.receiver_id)}
    now = max((one.now for one in organisers.values()), default=None)
    linked = recusal.links(session, organisers.keys(), sides, now) if now else []
    for favor in favors:
        for member_id, reader in organisers.items():
            both = recusal.People(favor.giver_id, named=frozenset({favor.receiver_id}))
            if reader.group.id == favor.group_id and recusal.reason(member_id, both, linked) is None:
                names = favor.giver.person.name, favor.receiver.person.name
                yield member_id, _about(favor, Wait.DISPUTE, reader, *names)


@cache
def _disputed() -> Select[Favor]:
    return (
        select(Favor)
        .where(among(Favor.group_id, "groups"), Favor.state == FavorState.DISPUTED)
        .order_by(Favor.disputed_at, Favor.id)
    )


def _desks(session: Session, readers: Readers) -> Found:
    """So many cases and appeals for organisers who may decide them; what they are about stands at the desk alone."""
    organisers = {one.member_id: one for one in readers.values() if one.organiser}
    groups = {one.group.id: one.now for one in organisers.values()}
    for group_id in session.scalars(_waiting_at_desks(), {"groups": groups}):
        counted = cases.counts(session, group_id, groups[group_id])
        for member_id, reader in organisers.items():
            if reader.group.id == group_id and counted[member_id]:
                path = f"/g/{reader.group.slug}/desk"
                yield member_id, Waiting(Wait.DESK, reader.group, path, count=counted[member_id])


@cache
def _waiting_at_desks() -> CompoundSelect[int]:
    """The groups at whose desk a case or an appeal waits."""
    appeals = select(Decision.group_id).join(Appeal, Appeal.decision_id == Decision.id)
    return (
        select(Case.group_id)
        .where(Case.state == CaseState.OPEN, among(Case.group_id, "groups"))
        .union(appeals.where(Appeal.outcome.is_(None), among(Decision.group_id, "groups")))
    )
