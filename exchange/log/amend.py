"""What makes an entry void or unreadable afterwards: corrections and erasures. Neither touches a leaf."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from exchange.log.append import locked_head
from exchange.log.enter import enter, numbers
from exchange.log.leaf import correction_leaf, erase_leaf
from exchange.log.monthly import count_month, sort_of
from exchange.log.projection import uncount_one
from exchange.log.searched import of_member, reword
from exchange.storage.entry import LogEntry, LogHead, LogOpening, LogOpeningSubject
from exchange.storage.favor import Favor
from exchange.storage.membership import Membership

# How many (index, field) pairs one erase leaf names: 16 bytes each stay far below what a bundle can hold.
AT_MOST = 3_000


def record_correction(session: Session, favor: Favor, *, by: Sequence[Membership], why: str, at: datetime) -> int:
    """Void the entry of a confirmed favor and count it for nobody any more. Returns the correction's index.

    A correction of a withheld favor withholds who made it and why.

    Raises:
        ValueError: the favor has no entry, or it is void already.
    """
    if favor.entry is None or favor.voided_by is not None:
        raise ValueError("Only an entry that stands can be corrected.")
    head = locked_head(session, favor.group_id)
    withheld = favor.withheld_by_id is not None
    leaf = correction_leaf(of=favor.entry, by=numbers(by), why=why, at=at, withheld=withheld)
    told_about = {member.id: member for member in (favor.giver, favor.receiver, *by)}.values()
    index = enter(session, head, leaf, subjects={"by": by, "why": told_about}, members=by)
    voided = (LogEntry.log_id == head.log_id) & (LogEntry.idx == favor.entry)
    session.execute(update(LogEntry).where(voided).values(voided_by=index))
    told = select(LogEntry.day, LogEntry.category, LogEntry.counts).where(voided)
    day, category, counts = session.execute(told).one()
    count_month(session, favor.group_id, sort_of(day, category, counts=counts, withheld=withheld), -1)
    if counts and not withheld:
        uncount_one(session, favor.group_id, favor.giver_id, favor.receiver_id)
    return index


def record_erasure(session: Session, member: Membership, *, at: datetime) -> int:
    """Delete every opening that tells about a member, and say so in the log.

    The balances of others do not change: the member goes on counting as one person without a name. Withheld entries
    are not listed, or the list would tell whose they were; nobody expects their openings. Returns the index of the
    first erase entry, which the others name with `as`; there is one even when the log tells nothing.
    """
    head = locked_head(session, member.group_id)
    theirs = select(LogOpeningSubject.idx, LogOpeningSubject.field).where(
        LogOpeningSubject.log_id == head.log_id, LogOpeningSubject.member_id == member.id
    )
    what = sorted((index, field) for index, field in session.execute(theirs))
    withheld, partly = _withheld(session, head.log_id)
    for start in range(0, len(what), AT_MOST):
        _take_out(session, head.log_id, what[start : start + AT_MOST])
    reword(session, head.log_id, {*of_member(session, head.log_id, member.id), *(index for index, _ in what)})
    named = [pair for pair in what if pair[0] not in withheld and pair not in partly]
    first = record_gone(session, head, named[:AT_MOST], at=at)
    for start in range(AT_MOST, len(named), AT_MOST):
        record_gone(session, head, named[start : start + AT_MOST], at=at, same_as=first)
    return first


def record_gone(
    session: Session, head: LogHead, what: list[tuple[int, str]], *, at: datetime, same_as: int | None = None
) -> int:
    """Say with an `erase` entry which openings are gone, or were never kept, for a forgotten member. Returns its index.

    `same_as` is an earlier one of the same member.
    """
    return enter(session, head, erase_leaf(what=what, at=at, same_as=same_as))


def _withheld(session: Session, log_id: int) -> tuple[set[int], set[tuple[int, str]]]:
    """The entries that are withheld, and the fields of decisions that withhold only some."""
    whole = session.scalars(select(LogEntry.idx).where(LogEntry.log_id == log_id, LogEntry.withheld))
    decisions = session.execute(
        select(LogEntry.idx, LogEntry.told).where(LogEntry.log_id == log_id, LogEntry.kind == "decision")
    )
    return set(whole), {(index, field) for index, told in decisions for field in (told or {}).get("withheld", ())}


def _take_out(session: Session, log_id: int, what: Sequence[tuple[int, str]]) -> None:
    """Delete openings, and what they told from the rows that pages read."""
    for field in {field for _, field in what}:
        gone = [index for index, name in what if name == field]
        session.execute(
            delete(LogOpening)
            .where(LogOpening.log_id == log_id, LogOpening.field == field, LogOpening.idx.in_(gone))
            .execution_options(synchronize_session=False)
        )
        shown = LogEntry.log_id == log_id, LogEntry.idx.in_(gone)
        if field in {"what", "why"}:
            emptied = update(LogEntry).where(*shown).values(what="")
            session.execute(emptied.execution_options(synchronize_session=False))
        if field == "target":
            for entry in session.scalars(select(LogEntry).where(*shown)):
                entry.told = {name: value for name, value in (entry.told or {}).items() if name != field}
    session.flush()
