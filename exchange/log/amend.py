"""What makes an entry void or unreadable afterwards: corrections and erasures. Neither touches a leaf."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from exchange.log.append import append, locked_head
from exchange.log.leaf import correction_leaf, erase_leaf
from exchange.log.projection import uncount_one
from exchange.storage.entry import LogEntry, LogOpening, LogOpeningSubject
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
    numbers = ",".join(f"m{number}" for number in sorted(member.number for member in by))
    leaf = correction_leaf(of=favor.entry, by=numbers, why=why, at=at, withheld=withheld)
    both = sorted({favor.giver_id, favor.receiver_id})
    makers = sorted({member.id for member in by})
    (index,) = append(session, head, [(leaf, {"by": makers, "why": sorted({*both, *makers})})])
    row = {
        "log_id": head.log_id,
        "idx": index,
        "group_id": favor.group_id,
        "kind": "correction",
        "day": at.astimezone(UTC).date(),
        "counts": False,
        "what": why,
        "withheld": withheld,
        "of": favor.entry,
    }
    session.execute(insert(LogEntry), [row])
    voided = (LogEntry.log_id == head.log_id) & (LogEntry.idx == favor.entry)
    session.execute(update(LogEntry).where(voided).values(voided_by=index))
    counted = session.scalar(select(LogEntry.counts).where(voided))
    if counted and not withheld:
        uncount_one(session, favor.group_id, favor.giver_id, favor.receiver_id)
    return index


def record_erasure(session: Session, member: Membership, *, at: datetime) -> int:
    """Delete every opening that tells about a member, and say so in the log.

    The balances of others do not change: the member goes on counting as one person without a name. Withheld entries
    are not listed, or the list would tell whose they were; nobody expects their openings. Returns the index of the
    (last) erase entry; there is one even when the log tells nothing.
    """
    head = locked_head(session, member.group_id)
    theirs = select(LogOpeningSubject.idx, LogOpeningSubject.field).where(
        LogOpeningSubject.log_id == head.log_id, LogOpeningSubject.member_id == member.id
    )
    what = sorted((index, field) for index, field in session.execute(theirs))
    for start in range(0, len(what), AT_MOST):
        _take_out(session, head.log_id, what[start : start + AT_MOST])
    withheld = set(session.scalars(select(LogEntry.idx).where(LogEntry.log_id == head.log_id, LogEntry.withheld)))
    named = [(index, field) for index, field in what if index not in withheld]
    index = head.size
    for start in range(0, max(1, len(named)), AT_MOST):
        (index,) = append(session, head, [(erase_leaf(what=named[start : start + AT_MOST], at=at), {})])
    unreadable = {number for number, field in what if field in {"what", "why"}}
    for start in range(0, len(unreadable), AT_MOST):
        some_indexes = sorted(unreadable)[start : start + AT_MOST]
        session.execute(
            update(LogEntry)
            .where(LogEntry.log_id == head.log_id, LogEntry.idx.in_(some_indexes))
            .values(what="")
            .execution_options(synchronize_session=False)
        )
    return index


def _take_out(session: Session, log_id: int, what: Sequence[tuple[int, str]]) -> None:
    for field in {field for _, field in what}:
        gone = [number for number, name in what if name == field]
        session.execute(
            delete(LogOpening)
            .where(LogOpening.log_id == log_id, LogOpening.field == field, LogOpening.idx.in_(gone))
            .execution_options(synchronize_session=False)
        )
