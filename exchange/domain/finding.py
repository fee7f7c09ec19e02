"""What somebody looks for: their words, and what may stand for each."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Text, bindparam, null, select, union_all

from exchange import log
from exchange.storage import search, stems
from exchange.storage.db import Key, db
from exchange.storage.group import Category
from exchange.storage.membership import Membership
from exchange.storage.search import MemberWords, Query

MOST_NAMES = 200
SHORTEST_BEGINNING = 3


@dataclass(frozen=True)
class Asked:
    """What somebody looks for: their words, what may stand for each in posts and entries, and in people; and the number
    of the log in which they look."""

    words: list[str]
    things: Query
    people: Query
    log_id: int = 0

    def __bool__(self) -> bool:
        return bool(self.words)

    @property
    def less(self) -> str:
        """The longest of several words, which says most; empty where there is only one."""
        return max(self.words, key=len) if len(self.words) > 1 else ""


def ask(typed: str, *, seen_by: Membership, categories: Sequence[Category]) -> Asked:
    """Understand what was typed. A word also stands for the members and the categories that are called so."""
    words = stems.asked(typed)
    if not words:
        return Asked([], (), ())
    named_so, log_id = _named(words, seen_by)
    things = []
    for word in words:
        own = set(stems.stems(word))
        kinds = {stems.category(one.slug) for one in categories if own & stems.all_of(one.name)}
        things.append({*(f"w{stem}" for stem in own), *kinds, *named_so[word]})
    return Asked(words, things, of_people(words), log_id)


def of_people(words: Sequence[str], mark: str = "w") -> Query:
    """Words as they are looked for among members: a beginning is enough. `mark` says where."""
    return [{f"{mark}{one}" for one in _beginning(word)} for word in words]


def _beginning(word: str) -> set[str]:
    """What may stand for a word or its beginning, without what begins so in any case."""
    there = stems.coded(word)
    if len(word) < SHORTEST_BEGINNING:
        return set(stems.stems(word))
    return {one for one in stems.stems(word) if not one.startswith(there)} | {f"{there}*"}


def _named(words: Sequence[str], reader: Membership) -> tuple[dict[str, set[str]], int]:
    """By word, the members of the group who are called so, as posts and entries carry them; and the group's log."""
    session = db.session()
    some = [{f"n{stem}" for word in words for stem in stems.stems(word)}]
    said = {"of_group": reader.group_id, "names": search.said(session, some), "most": MOST_NAMES}
    rows = session.execute(_called(sqlite=search.on_sqlite(session)), said).all()
    names = {number: set(row.split()) for number, row in rows if row is not None}
    found = {
        word: {f"m{number}" for number, there in names.items() if there & {f"n{stem}" for stem in stems.stems(word)}}
        for word in words
    }
    return found, next(number for number, row in rows if row is None)


@cache
def _called(*, sqlite: bool) -> Any:
    """The members who are called so, with the words of their names, and the group's log; made once."""
    group: BindParameter[int] = bindparam("of_group", type_=Key)
    fitting = search.matching(MemberWords, bindparam("names", type_=Text), sqlite=sqlite)
    called = (
        select(Membership.number, MemberWords.words)
        .join(MemberWords, MemberWords.member_id == Membership.id)
        # Written so that SQLite begins with the few who are called so, and not with everybody in the group.
        .where(MemberWords.group_id + 0 == group, MemberWords.member_id.in_(fitting))
        .order_by(MemberWords.member_id)
        .limit(bindparam("most", type_=Key))
        .subquery()
    )
    return union_all(select(called.c.number, called.c.words), log.going_on(group).add_columns(null()))
