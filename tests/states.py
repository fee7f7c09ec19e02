"""One address of each state that a page of the demo can show: whoever looks at these has seen every kind of page."""

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from exchange.storage.desk import Case
from exchange.storage.entry import LogEntry
from exchange.storage.favor import Favor
from exchange.storage.membership import Membership, MembershipState
from exchange.storage.post import Post

Row = TypeVar("Row")


def each_state(session: Session, reader: Membership) -> list[str]:
    """The addresses within the reader's group; of each state one that is the reader's own, where there is one."""
    here = f"/g/{reader.group.slug}"

    def mine(*ids: int | None) -> bool:
        return reader.id in ids

    group = reader.group_id
    posts = session.scalars(select(Post).filter_by(group_id=group).order_by(Post.id.desc())).all()
    favors = session.scalars(select(Favor).filter_by(group_id=group).order_by(Favor.id.desc())).all()
    entries = session.scalars(select(LogEntry).filter_by(group_id=group).order_by(LogEntry.idx.desc())).all()
    members = session.scalars(select(Membership).filter_by(group_id=group).order_by(Membership.id.desc())).all()
    cases = session.scalars(select(Case).filter_by(group_id=group).order_by(Case.id)).all()
    return [
        *(f"{here}/posts/{post.id}" for post in _own_and_other(posts, _of_post, lambda one: mine(one.author_id))),
        *(
            f"{here}/favors/{favor.id}"
            for favor in _own_and_other(favors, _of_favor, lambda one: mine(one.giver_id, one.receiver_id))
        ),
        *(
            f"{here}/log/{entry.idx}"
            for entry in _own_and_other(entries, _of_entry, lambda one: mine(one.giver_id, one.receiver_id))
        ),
        *(
            f"{here}/members/{member.number}"
            for member in _own_and_other(members, lambda one: (one.state, one.role), lambda one: mine(one.id))
            if member.state in {MembershipState.ACTIVE, MembershipState.SUSPENDED, MembershipState.LEFT}
        ),
        *(
            f"{here}/desk/{case.id}"
            for case in _own_and_other(cases, lambda one: (one.kind, one.state), lambda _: False)
            if reader.is_organiser
        ),
    ]


def _of_post(post: Post) -> Hashable:
    return (post.kind, post.state, post.closed_because, post.rule, bool(post.taken), post.event_at is None)


def _of_favor(favor: Favor) -> Hashable:
    return (
        favor.state,
        favor.began,
        favor.how,
        favor.cancelled_because,
        bool(favor.withheld_by_id),
        bool(favor.voided_by),
    )


def _of_entry(entry: LogEntry) -> Hashable:
    return (entry.kind, entry.counts, entry.withheld, entry.tie, entry.voided_by is None)


def _own_and_other(rows: Iterable[Row], state: Callable[[Row], Hashable], own: Callable[[Row], bool]) -> list[Row]:
    """The newest row of each state that is one's own, and the newest that is not."""
    found: dict[Hashable, Row] = {}
    for row in rows:
        found.setdefault((state(row), own(row)), row)
    return list(found.values())
