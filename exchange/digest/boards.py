"""Reading the boards of a batch of letters: what is open in their groups, and what of it each reader knows already."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, exists, func, not_, or_, select
from sqlalchemy.orm import Session, aliased

from exchange.digest.board import Board, Candidate, Shared
from exchange.digest.kept import Kept
from exchange.domain.visibility import visible
from exchange.storage.among import among
from exchange.storage.desk import Case, TargetKind
from exchange.storage.digest import DigestIssue, DigestRun, DigestTimes, IssueState
from exchange.storage.favor import Favor
from exchange.storage.group import Category, Kind
from exchange.storage.membership import Membership
from exchange.storage.person import Person
from exchange.storage.post import LIVE, Post, PostHidden, PostKind, PostState, Response, Rule

# Of thousands of posts, so many rows are in memory beside what is made of them.
AT_ONCE = 200


@dataclass(frozen=True)
class Boards:
    """The boards of a batch, by group.

    By membership id the posts that are `hidden` from them and those that they have `answered`; by person, what earlier
    letters have shown them, with the ends of their windows.
    """

    shared: Mapping[int, Shared]
    hidden: Mapping[int, frozenset[int]]
    answered: Mapping[int, frozenset[int]]
    seen: Mapping[int, list[tuple[list[int] | None, datetime]]]

    def at(self, group_id: int, moment: datetime) -> Board:
        """The group's board for all letters of the run of that moment."""
        return self.shared[group_id].at(moment)

    def seen_before(self, person_id: int, moment: datetime) -> dict[int, int]:
        """How often letters whose windows had ended by then showed a person each post."""
        if person_id not in self.seen:
            return {}
        found: defaultdict[int, int] = defaultdict(int)
        for shown, until in self.seen[person_id]:
            for post_id in shown if shown and until <= moment else ():
                found[post_id] += 1
        return dict(found)


def read(
    session: Session,
    groups: Collection[int],
    members: Collection[int],
    people: Collection[int],
    *,
    until: datetime,
    now: datetime,
    kept: Kept,
) -> Boards:
    """What was posted before `until` and is open after `now`; three statements, and two more for the groups whose
    boards are not `kept`.
    """
    span = {"until": until, "now": now}
    asked = {**span, "groups": groups, "members": members}
    shared = kept.some("board", until, groups, lambda some: _shared(session, some, span, kept))
    waits_since = min((board.waits_since for board in shared.values() if board.waits_since), default=until)
    return Boards(
        shared=shared,
        hidden=_sets(session.execute(_hidden(), asked)),
        answered=_sets(session.execute(_own_answers(), asked)),
        seen=_pairs(session.execute(_seen(), {"people": people, "since": waits_since})),
    )


def _going_on() -> tuple[ColumnElement[bool], ...]:
    """That a post of some `groups` was there before `until` and is open after `now`."""
    now: BindParameter[datetime] = bindparam("now")
    return (
        among(Post.group_id, "groups"),
        Post.state == PostState.OPEN,
        Post.closes_at > now,
        or_(Post.event_at.is_(None), Post.event_at > now),
        Post.created_at < bindparam("until"),
    )


@cache
def _own_answers() -> Select[*tuple[Any, ...]]:
    return (
        select(Response.member_id, Response.post_id)
        .join(Post, Post.id == Response.post_id)
        .where(among(Response.member_id, "members"), Response.state.in_(LIVE), *_going_on())
    )


@cache
def _seen() -> Select[*tuple[Any, ...]]:
    """What was shown of all that was there `since` then; no earlier letter can have shown it."""
    return select(DigestIssue.person_id, DigestIssue.shown, DigestIssue.window_until).where(
        among(DigestIssue.person_id, "people"),
        DigestIssue.state == IssueState.SENT,
        DigestIssue.window_until > bindparam("since"),
    )


def _shared(session: Session, groups: Collection[int], span: Mapping[str, datetime], kept: Kept) -> dict[int, Shared]:
    """The boards by group; two statements."""
    asked = {**span, "groups": groups}
    posts: defaultdict[int, list[Candidate]] = defaultdict(list)
    for row in session.execute(_candidates(), asked).yield_per(AT_ONCE):
        posts[row.group_id].append(kept.same(("post", row.id), _candidate(row)))
    times = _pairs(session.execute(_times(), asked))
    return {group: Shared(posts[group], times) for group in groups}


@cache
def _times() -> Select[*tuple[Any, ...]]:
    return (
        select(DigestTimes.post_id, DigestRun.moment, DigestTimes.times)
        .join(DigestRun, DigestRun.id == DigestTimes.run_id)
        .join(Post, Post.id == DigestTimes.post_id)
        .where(*_going_on())
    )


@cache
def _candidates() -> Select[*tuple[Any, ...]]:
    """The posts. One that was held is as old as its release: nobody could read it before."""
    return (
        select(
            Post.group_id,
            Post.id,
            Post.kind,
            Post.title,
            Post.text,
            Post.rule,
            func.coalesce(Case.decided_at, Post.created_at).label("created_at"),
            Post.closes_at,
            Post.event_at,
            Post.author_id,
            Category.name.label("category"),
            Category.kind.label("category_kind"),
            Membership.person_id,
            Membership.firm,
            Membership.joined_at,
            Person.name.label("author"),
            _private().label("private"),
            _answered().label("answered"),
        )
        .join(Category, Category.id == Post.category_id)
        .join(Membership, Membership.id == Post.author_id)
        .join(Person, Person.id == Membership.person_id)
        .outerjoin(Case, and_(Case.kind == TargetKind.HELD_POST, Case.target_id == Post.id))
        .where(*_going_on())
        .order_by(Post.id)
    )


def _answered() -> ColumnElement[bool]:
    """Whether anybody answers the post. An answer whose favor is withheld tells nobody that it was given."""
    withheld = exists().where(Favor.response_id == Response.id, Favor.withheld_by_id.is_not(None))
    return exists().where(Response.post_id == Post.id, Response.state.in_(LIVE), ~withheld)


def _candidate(row: Any) -> Candidate:
    return Candidate(
        id=row.id,
        kind=row.kind.value,
        title=row.title,
        category=row.category,
        text=f"{row.title}\n{row.text}\n{row.category}",
        author_id=row.author_id,
        author_person_id=row.person_id,
        author=row.author,
        firm=row.firm,
        author_joined_at=row.joined_at,
        created_at=row.created_at,
        closes_at=row.closes_at,
        event_at=row.event_at,
        first_come=row.rule is Rule.FIRST_COME,
        gift=row.kind is PostKind.OFFER and row.category_kind is Kind.EVENT_PLACE,
        private=bool(row.private),
        answered=bool(row.answered),
    )


@cache
def _hidden() -> Select[*tuple[Any, ...]]:
    """By reader, the posts that they may not know of: the rule of pages, asked of many readers at once.

    The few that are hidden from anybody come first, before any reader is held against them.
    """
    reader = aliased(Membership)
    private = select(Post.id).where(*_going_on(), _private()).cte("private").prefix_with("MATERIALIZED")
    return (
        select(reader.id, Post.id)
        .join_from(private, Post, Post.id == private.c.id)
        .join(reader, reader.group_id == Post.group_id)
        .where(among(reader.id, "members"), not_(visible(cast(Membership, reader))))
    )


def _private() -> ColumnElement[bool]:
    """That a post is hidden from anybody at all."""
    return or_(Post.hidden_from_firm, exists().where(PostHidden.post_id == Post.id))


def _sets(rows: Any) -> dict[int, frozenset[int]]:
    return {key: frozenset(some[0] for some in rows) for key, rows in _pairs(rows).items()}


def _pairs(rows: Any) -> dict[int, list[Any]]:
    """What comes with each first column: the other columns."""
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for key, *rest in rows:
        found[key].append(tuple(rest))
    return found
