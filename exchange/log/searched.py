"""What is searched of the log: the words of each entry that it shows, without any that it withholds from some.

An entry that is withheld as a whole keeps its words, since whoever may not read it does not find it either.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, bindparam, func, literal_column, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from exchange.storage import stems
from exchange.storage.db import Key
from exchange.storage.entry import LogEntry, LogHead, LogPart
from exchange.storage.favor import Favor
from exchange.storage.membership import Membership
from exchange.storage.search import LOG, RUN, TO_ALL, LogWords, Query, matching, on_sqlite, said, write

AT_ONCE = 5_000
LATEST = 3  # runs, of which the last one has just begun, or is nearly full
TOLD = ("rule", "old", "new")


def place(log_id: int, index: Any) -> Any:
    """Where an entry stands among all that is searched of all logs."""
    return log_id * LOG + index


def reword(session: Session, log_id: int, indexes: Iterable[int]) -> None:
    """Write what is searched of some entries as they are now."""
    every = sorted(indexes)
    for start in range(0, len(every), AT_ONCE):
        put(session, log_id, dict(_read(session, log_id, every[start : start + AT_ONCE])))


def put(session: Session, log_id: int, words: Mapping[int, str]) -> None:
    """Write what is searched of entries, by their indexes."""
    rows = [{"id": place(log_id, index), "log_id": log_id, "idx": index, "words": row} for index, row in words.items()]
    write(session, LogWords, rows)


def reword_favor(session: Session, favor: Favor) -> None:
    """The same for the entry of a favor, once its thanks are others."""
    session.flush()
    found = select(LogEntry.log_id).where(LogEntry.group_id == favor.group_id, LogEntry.idx == favor.entry)
    if favor.entry is not None and (log_id := session.scalar(found)) is not None:
        reword(session, log_id, [favor.entry])


def of_member(session: Session, log_id: int, member_id: int) -> list[int]:
    """The favors of a member, by their indexes."""
    sides = or_(LogEntry.giver_id == member_id, LogEntry.receiver_id == member_id)
    return list(session.scalars(select(LogEntry.idx).where(LogEntry.log_id == log_id, sides)))


def _read(session: Session, log_id: int, some: Collection[int]) -> Iterator[tuple[int, str]]:
    giver, receiver = aliased(Membership), aliased(Membership)
    rows = session.execute(
        select(
            LogEntry.idx,
            LogEntry.kind,
            LogEntry.category,
            LogEntry.what,
            LogEntry.told,
            LogEntry.withheld,
            Favor.thanks,
            giver.number,
            receiver.number,
        )
        .outerjoin(Favor, and_(Favor.group_id == LogEntry.group_id, Favor.entry == LogEntry.idx))
        .outerjoin(giver, giver.id == LogEntry.giver_id)
        .outerjoin(receiver, receiver.id == LogEntry.receiver_id)
        .where(LogEntry.log_id == log_id, LogEntry.idx.in_(some))
    ).all()
    parts = _parts(session, log_id, [row.idx for row in rows if row.kind != "favor"])
    for index, kind, category, what, told, withheld, thanks, *sides in map(tuple, rows):
        # Everybody finds it by who made it, and by who was given or lost a role.
        named = [number for part, number in parts[index] if part == "by" or kind == "role"]
        readers = [*sides, *(number for _, number in parts[index])] if withheld else None
        yield index, of_entry(what, thanks or "", category, told or {}, [*sides, *named], readers)


def _parts(session: Session, log_id: int, some: Collection[int]) -> defaultdict[int, list[tuple[str, int]]]:
    """By entry, who has which part in it, by number."""
    found: defaultdict[int, list[tuple[str, int]]] = defaultdict(list)
    if not some:
        return found
    statement = (
        select(LogPart.idx, LogPart.part, Membership.number)
        .join(Membership, Membership.id == LogPart.member_id)
        .where(LogPart.log_id == log_id, LogPart.idx.in_(some))
    )
    for index, part, number in session.execute(statement):
        found[index].append((part, number))
    return found


def of_favor(favor: Favor, what: str) -> str:
    """What is searched of the entry of a favor, which may not know yet that it has one."""
    both = [favor.giver.number, favor.receiver.number]
    readers = None if favor.withheld_by_id is None else both
    return of_entry(what, favor.thanks or "", favor.category.slug, {}, both, readers)


def of_entry(
    what: str,
    thanks: str,
    category: str,
    told: Mapping[str, Any],
    named: Iterable[int | None],
    readers: Iterable[int | None] | None,
) -> str:
    """What is searched of one entry; `readers` are the only ones who may read it, None where all may."""
    hidden = told.get("withheld", ())
    texts = [str(told[name]) for name in TOLD if name in told and name not in hidden]
    every = "\n".join([*texts, thanks, "" if "why" in hidden else what])
    marks = [f"m{number}" for number in named if number is not None]
    marks += [TO_ALL] if readers is None else [f"r{number}" for number in readers if number is not None]
    return stems.joined({*stems.row(w=every).split(), *([stems.category(category)] if category else []), *marks})


def going_on(group_id: Any) -> Select[int]:
    """The number of the group's log that goes on, for a statement that asks for more."""
    return select(LogHead.log_id).where(LogHead.group_id == group_id, LogHead.ended_at.is_(None))


@cache
def found_ids(*, sqlite: bool) -> Select[int]:
    """Where among all that is searched the entries stand that a reader finds in a log, newest first and at most `most`;
    made once, and asked with what `looked_for` says.
    """
    query: ColumnElement[str] = bindparam("log_words", type_=Text)
    lowest, below, most = (bindparam(name, type_=Key) for name in ("log_from", "log_below", "most"))
    if sqlite:
        found = matching(LogWords, query, sqlite=True)
        key = found.selected_columns[0]
        return found.where(key >= lowest, key < below).order_by(key.desc()).limit(most)
    # PostgreSQL finds all before it puts them in order: the older ones only where the latest are not enough. It may not
    # go through the entries in their order instead: a plan for any words cannot know how frequent these are.
    bits: ColumnElement[int] = literal_column(str(RUN))
    here: ColumnElement[int] = LogWords.id.op("+")(literal_column("0"))
    every = aliased(LogWords)
    run = select(func.max(every.id)).where(every.id >= lowest, every.id < below).scalar_subquery().op(">>")(bits)
    first = (run - (LATEST - 1)).op("<<")(bits)
    runs = func.concat(" & (z", run, *(part for n in range(1, LATEST) for part in ("|z", run - n)), ")")

    def those(said: ColumnElement[str], *more: ColumnElement[bool]) -> Select[int]:
        some = matching(LogWords, said, sqlite=False).where(here >= lowest, here < below, _readable(), *more)
        return some.order_by(here.desc()).limit(most)

    new = those(query.concat(runs), here >= first).cte("new")
    enough = select(func.count()).select_from(new).scalar_subquery()
    old = those(query, here < first, enough < most).subquery("old")
    both = union_all(select(new.c.id), select(old.c.id)).subquery("both")
    return select(both.c.id).order_by(both.c.id.desc()).limit(most)


def _readable() -> ColumnElement[bool]:
    """That a reader may read what was found, by its words. Nearly every entry is there for all to read: an index that
    was asked for it, too, would take twice as long.
    """
    row = literal_column("' '").concat(LogWords.words).concat(literal_column("' '"))
    return or_(*(func.strpos(row, bindparam(name, type_=Text)) > 0 for name in ("log_to_all", "log_to_reader")))


def looked_for(
    session: Session, log_id: int, query: Query, *, seen_by: Membership, before: int | None = None
) -> dict[str, Any]:
    """What a reader looks for in a log: what others withhold from them is not found."""
    readable = [TO_ALL, f"r{seen_by.number}"]
    below = LOG if before is None else before
    found = {"log_from": place(log_id, 0), "log_below": place(log_id, below)}
    if on_sqlite(session):
        return found | {"log_words": said(session, [*query, readable])}
    to_all, to_reader = (f" {word} " for word in readable)
    return found | {"log_words": said(session, query), "log_to_all": to_all, "log_to_reader": to_reader}


def index_of(key: int) -> int:
    """The index of an entry in its own log, by where it stands among all."""
    return key % LOG
