"""Keeping what is searched of posts and members as they are: with each flush, in the transaction that changes them.

Statements that change many rows at once pass this by; they have to call `posts` or `members` themselves.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from sqlalchemy import event, inspect, select
from sqlalchemy.orm import Session

from exchange.storage import stems
from exchange.storage.db import Base
from exchange.storage.group import Category
from exchange.storage.membership import Membership, MembershipState
from exchange.storage.person import Person
from exchange.storage.post import Post, PostState
from exchange.storage.search import OPEN, MemberWords, PostWords, write

AT_ONCE = 5_000
SEARCHED: dict[type[Base], tuple[str, ...]] = {
    Post: ("title", "text", "place", "category_id", "author_id", "state"),
    Membership: ("firm", "practice", "office", "can_help_with", "would_love", "person_id", "state"),
    Person: ("name",),
}


@event.listens_for(Session, "after_flush")
def _reword(session: Session, _context: Any) -> None:
    changed = [*session.new, *(row for row in session.dirty if _is_changed(row))]
    posts(session, {row.id for row in changed if isinstance(row, Post)})
    people = {row.id for row in changed if isinstance(row, Person)}
    mine = {row.id for row in changed if isinstance(row, Membership)}
    if people - {row.person_id for row in session.new if isinstance(row, Membership)}:
        for some in _some(people):
            mine |= set(session.scalars(select(Membership.id).where(Membership.person_id.in_(some))))
    members(session, mine)


def _is_changed(row: Any) -> bool:
    state = inspect(row)
    return any(state.attrs[name].history.has_changes() for name in SEARCHED.get(type(row), ()))


def _some(ids: Iterable[int]) -> Iterator[list[int]]:
    every = sorted(ids)
    for start in range(0, len(every), AT_ONCE):
        yield every[start : start + AT_ONCE]


def posts(session: Session, ids: Collection[int]) -> None:
    """Write what is searched of posts."""
    for some in _some(ids):
        rows = session.execute(
            select(Post.id, Post.title, Post.text, Post.place, Post.state, Category.slug, Membership.number)
            .join(Category, Category.id == Post.category_id)
            .join(Membership, Membership.id == Post.author_id)
            .where(Post.id.in_(some))
        )
        found = [{"post_id": row[0], "words": of_post(*row[1:])} for row in map(_whole, rows)]
        write(session, PostWords, found)


def of_post(title: str, text: str, place: str, state: PostState, category: str, author: int) -> str:
    """What is searched of one post."""
    marks = {stems.category(category), f"m{author}", *([OPEN] if state is PostState.OPEN else [])}
    return stems.joined({*stems.row(w=f"{title}\n{text}", a=place).split(), *marks})


def members(session: Session, ids: Collection[int]) -> None:
    """Write what is searched of members."""
    for some in _some(ids):
        rows = session.execute(
            select(
                Membership.id,
                Membership.group_id,
                Membership.state,
                Person.name,
                Membership.firm,
                Membership.practice,
                Membership.office,
                Membership.can_help_with,
                Membership.would_love,
            )
            .join(Person, Person.id == Membership.person_id)
            .where(Membership.id.in_(some))
        )
        write(session, MemberWords, [_member(*row) for row in map(_whole, rows)])


def _member(member_id: int, group_id: int, state: MembershipState, name: str, *more: str) -> dict[str, Any]:
    return {
        "member_id": member_id,
        "group_id": group_id,
        "listed": state is MembershipState.ACTIVE,
        "name": stems.in_order(name),
        "words": of_member(name, *more),
    }


def of_member(*said: str) -> str:
    """What is searched of one member: name, firm, practice, office, what they can help with and would love."""
    return stems.row(**dict(zip("nfpohl", said, strict=True)))


def _whole(row: Any) -> tuple[Any, ...]:
    return tuple(row)
