"""Looking again at the moment of sending: whether somebody still wishes the letter, and what it tells still holds.

Two statements for any number of readers, and one for the posts that their letters show.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from exchange.digest.leases import Claimed
from exchange.digest.skips import Skip
from exchange.storage.among import among
from exchange.storage.digest import DigestGroupWish, DigestWish, Rhythm
from exchange.storage.membership import Membership, MembershipState
from exchange.storage.person import Person
from exchange.storage.post import Post, PostState
from exchange.storage.suppression import Suppression


@dataclass(frozen=True)
class Standing:
    """Where a reader stands: why their letter is not sent, if so, and the memberships that it is about."""

    skip: Skip | None
    members: frozenset[int]


def standing(session: Session, issues: Sequence[Claimed]) -> dict[int, Standing]:
    """By issue id, where each reader stands now."""
    people = {"people": [issue.due.person_id for issue in issues]}
    memberships: defaultdict[int, list[Any]] = defaultdict(list)
    for row in session.execute(_memberships(), people):
        memberships[row.person_id].append(row)
    readers: dict[int, Any] = {row.id: row for row in session.execute(_readers(), people)}
    return {
        issue.id: _standing(readers[issue.due.person_id], memberships[issue.due.person_id], issue.due_at)
        for issue in issues
    }


@cache
def _memberships() -> Select[*tuple[Any, ...]]:
    off = func.coalesce(DigestGroupWish.off, False).label("off")
    return (
        select(Membership.person_id, Membership.id, Membership.state, off)
        .outerjoin(DigestGroupWish, DigestGroupWish.membership_id == Membership.id)
        .where(among(Membership.person_id, "people"))
    )


@cache
def _readers() -> Select[*tuple[Any, ...]]:
    return (
        select(Person.id, Person.active, DigestWish.rhythm, DigestWish.paused_until, Suppression.since)
        .outerjoin(DigestWish, DigestWish.person_id == Person.id)
        .outerjoin(Suppression, Suppression.email == Person.email)
        .where(among(Person.id, "people"))
    )


def _standing(reader: Any, memberships: Sequence[Any], due_at: datetime) -> Standing:
    here = [one for one in memberships if one.state is MembershipState.ACTIVE]
    wanted = frozenset(one.id for one in here if not one.off)
    reasons = {
        Skip.GONE: not reader.active,
        Skip.STOPPED: reader.rhythm is Rhythm.NEVER,
        Skip.PAUSED: reader.paused_until is not None and reader.paused_until > due_at,
        Skip.SUPPRESSED: reader.since is not None,
        Skip.OFF: bool(here) and not wanted,
        Skip.SUSPENDED: any(one.state is MembershipState.SUSPENDED for one in memberships) and not here,
        Skip.LEFT: not here,
    }
    return Standing(next((skip for skip, holds in reasons.items() if holds), None), wanted)


def over(session: Session, posts: Collection[int], *, at: datetime) -> set[int]:
    """Those of the posts that are not open any more."""
    if not posts:
        return set()
    return set(posts) - set(session.scalars(_open(), {"posts": posts, "at": at}))


@cache
def _open() -> Select[*tuple[Any, ...]]:
    return select(Post.id).where(
        among(Post.id, "posts"), Post.state == PostState.OPEN, Post.closes_at > bindparam("at")
    )
