"""What is searched of the log: the words of each entry that it shows, without any that it withholds from some.

An entry that is withheld as a whole keeps its words, since whoever may not read it does not find it either.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, aliased

from exchange.storage import stems
from exchange.storage.entry import LogEntry, LogPart
from exchange.storage.favor import Favor
from exchange.storage.membership import Membership
from exchange.storage.search import LOG, LogWords, write

AT_ONCE = 5_000
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
    rows = [
        {"id": place(log_id, index), "log_id": log_id, "idx": index, "words": said} for index, said in words.items()
    ]
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
            Favor.thanks,
            giver.number,
            receiver.number,
        )
        .outerjoin(Favor, and_(Favor.group_id == LogEntry.group_id, Favor.entry == LogEntry.idx))
        .outerjoin(giver, giver.id == LogEntry.giver_id)
        .outerjoin(receiver, receiver.id == LogEntry.receiver_id)
        .where(LogEntry.log_id == log_id, LogEntry.idx.in_(some))
    ).all()
    parts = _parts(session, log_id, {row.idx: row.kind for row in rows if row.kind != "favor"})
    for index, _kind, category, what, told, thanks, *sides in map(tuple, rows):
        yield index, of_entry(what, thanks or "", category, told or {}, [*sides, *parts[index]])


def _parts(session: Session, log_id: int, kinds: Mapping[int, str]) -> defaultdict[int, list[int]]:
    """By entry, the numbers of those whom everybody finds it by: who made it, and who was given or lost a role."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    if not kinds:
        return found
    statement = (
        select(LogPart.idx, LogPart.part, Membership.number)
        .join(Membership, Membership.id == LogPart.member_id)
        .where(LogPart.log_id == log_id, LogPart.idx.in_(kinds))
    )
    for index, part, number in session.execute(statement):
        if part == "by" or kinds[index] == "role":
            found[index].append(number)
    return found


def of_favor(favor: Favor, what: str) -> str:
    """What is searched of the entry of a favor, which may not know yet that it has one."""
    return of_entry(what, favor.thanks or "", favor.category.slug, {}, [favor.giver.number, favor.receiver.number])


def of_entry(what: str, thanks: str, category: str, told: Mapping[str, Any], numbers: Iterable[int | None]) -> str:
    """What is searched of one entry."""
    hidden = told.get("withheld", ())
    texts = [str(told[name]) for name in TOLD if name in told and name not in hidden]
    said = "\n".join([*texts, thanks, "" if "why" in hidden else what])
    marks = {f"m{number}" for number in numbers if number is not None and "by" not in hidden}
    return stems.joined({*stems.row(w=said).split(), *([stems.category(category)] if category else []), *marks})
