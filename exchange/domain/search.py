"""Finding posts, people and entries by words.

Who finds what is decided here for every place that searches: a post whoever can open it, a member while active, an
entry whoever reads it in the log. Nothing is ordered by how well it fits, since that would depend on what others have
hidden.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, literal, select, union_all

from exchange import log
from exchange.domain import directory, listed, listing
from exchange.domain.directory import Listed
from exchange.domain.finding import Asked
from exchange.domain.listed import Shape
from exchange.domain.listing import Line
from exchange.log import Entry
from exchange.storage.db import Key, db
from exchange.storage.membership import Membership
from exchange.storage.search import on_sqlite
from exchange.storage.search import said as said_of

FEW = 5
MOST = 100
PAGE = 30
SORTS = ("posts", "people", "log")


@dataclass(frozen=True)
class Found:
    """The first of what was found of each sort, and how many there are; above `MOST` it is only told that there are
    more."""

    posts: Sequence[Line] = ()
    people: Sequence[Listed] = ()
    entries: Sequence[Entry] = ()
    counts: dict[str, int] = field(default_factory=lambda: {"posts": 0, "people": 0, "log": 0})

    def __bool__(self) -> bool:
        return any(self.counts.values())


def overview(asked: Asked, *, seen_by: Membership, at: datetime, counts_only: bool = False) -> Found:
    """The first few posts, people and entries, and how many there are of each."""
    if not asked:
        return Found()
    session = db.session()
    wanted = listed.Wanted(state="all", sort="newest", words=asked.things)
    said = listed.said(wanted, seen_by, at) | {"people": said_of(session, asked.people), "most": MOST + 1}
    said |= log.looked_for(session, asked.log_id, asked.things, seen_by=seen_by)
    ids: dict[str, list[int]] = {sort: [] for sort in SORTS}
    for sort, number in session.execute(_everywhere(listed.shape(wanted, seen_by)), said):
        ids[sort].append(number)
    counts = {sort: len(found) for sort, found in ids.items()}
    if counts_only:
        return Found(counts=counts)
    return Found(
        posts=listing.posts_by(ids["posts"][:FEW]),
        people=directory.members_by(ids["people"][:FEW]),
        entries=_entries(ids["log"][:FEW], seen_by),
        counts=counts,
    )


@cache
def _everywhere(about: Shape) -> Any:
    """The ids of all sorts in one statement, made once; of each as many as are counted, and one more."""
    most = bindparam("most", type_=Key)
    arms = {
        "posts": listed.ids(about).limit(most),
        "people": directory.ids(sqlite=about.sqlite),
        "log": log.found_ids(sqlite=about.sqlite),
    }
    some = {sort: one.subquery(f"of_{sort}") for sort, one in arms.items()}
    return union_all(*(select(literal(sort), one.c[0]) for sort, one in some.items()))


def entries(asked: Asked, *, seen_by: Membership, before: int | None = None) -> tuple[list[Entry], int | None]:
    """One page of the entries found, newest first, and the index below which older ones begin."""
    if not asked:
        return [], None
    session = db.session()
    said = log.looked_for(session, asked.log_id, asked.things, seen_by=seen_by, before=before)
    found = list(session.scalars(log.found_ids(sqlite=on_sqlite(session)), said | {"most": PAGE + 1}))
    return _entries(found[:PAGE], seen_by), log.index_of(found[PAGE - 1]) if len(found) > PAGE else None


def _entries(keys: Sequence[int], reader: Membership) -> list[Entry]:
    if not keys:
        return []
    among = [log.index_of(key) for key in keys]
    found = log.entries(db.session(), reader.group_id, seen_by_id=reader.id, among=among, limit=len(among))
    return [entry for entry in found if not entry.closed]
