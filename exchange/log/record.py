"""What the rules record: a favor, or many imported ones, together with the projection that pages read."""

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import islice

from sqlalchemy import and_, insert, or_, select
from sqlalchemy.orm import Session

from exchange.log.amend import record_gone
from exchange.log.append import AT_ONCE, append, locked_head
from exchange.log.leaf import Leaf, favor_leaf
from exchange.log.monthly import count_month, sort_of
from exchange.log.projection import count_one, recount
from exchange.log.searched import of_favor, put
from exchange.storage.entry import LogEntry
from exchange.storage.favor import Favor, How
from exchange.storage.tie import Tie


def record_favor(session: Session, favor: Favor, *, how: How, at: datetime) -> int:
    """Append one confirmed favor and count it. Returns its index in the log.

    Call it last in the transaction: it locks the group's head. `favor.category` decides whether it counts,
    once and for all. A withheld favor is counted in no number that others see. Where one of the two has been forgotten
    since it was delivered, what would tell about them is never kept, and an `erase` entry follows that says so.
    """
    head = locked_head(session, favor.group_id)
    tie = tied(session, favor.giver_id, favor.receiver_id)
    leaf, subjects = _leaf(favor, how, at, tie=tie)
    forgotten = _forgotten(favor)
    unsaid = {field for fields in forgotten.values() for field in fields}
    kept = {field: members for field, members in subjects.items() if field not in unsaid}
    (index,) = append(session, head, [(leaf.without(unsaid), kept)])
    row = _entry(head.log_id, index, favor, how, at, tie=tie)
    row |= {"what": ""} if "what" in unsaid else {}
    session.execute(insert(LogEntry), [row])
    put(session, head.log_id, {index: of_favor(favor, str(row["what"]))})
    if favor.withheld_by_id is None:
        for entry, fields in forgotten.items():
            record_gone(session, head, [(index, field) for field in fields], at=at, same_as=entry)
    day, counts, withheld = at.astimezone(UTC).date(), not favor.category.neutral, favor.withheld_by_id is not None
    sort = sort_of(day, favor.category.slug, counts=counts, withheld=withheld)
    count_month(session, favor.group_id, sort, 1)
    if counts and not withheld:
        count_one(session, favor.group_id, favor.giver_id, favor.receiver_id, day)
    return index


def record_favors(session: Session, group_id: int, favors: Iterable[Favor], *, how: How) -> range:
    """Append many favors of one group, each at its own `confirmed_at`, in the order given.

    Returns the indexes that they got. The favors are taken as they come, some thousands at a time, so that what
    is held in memory does not grow with their number. The projection of the group is counted again as a whole.
    """
    head = locked_head(session, group_id)
    first = head.size
    coming = iter(favors)
    while some := list(islice(coming, AT_ONCE)):
        dated = [(favor, favor.confirmed_at) for favor in some if favor.confirmed_at is not None]
        if len(dated) < len(some):
            raise ValueError("Only confirmed favors enter the log.")
        indexes = append(session, head, [_leaf(favor, how, at) for favor, at in dated])
        rows = [_entry(head.log_id, i, favor, how, at) for i, (favor, at) in zip(indexes, dated, strict=True)]
        session.execute(insert(LogEntry), rows)
        words = {i: of_favor(favor, favor.title) for i, (favor, _) in zip(indexes, dated, strict=True)}
        put(session, head.log_id, words)
    stop = head.size
    recount(session, group_id)
    return range(first, stop)


def tied(session: Session, one_id: int, other_id: int) -> bool:
    """Whether either of two members has declared a tie with the other that still stands."""
    statement = select(Tie.id).where(
        Tie.withdrawn_at.is_(None),
        or_(and_(Tie.from_id == one_id, Tie.to_id == other_id), and_(Tie.from_id == other_id, Tie.to_id == one_id)),
    )
    return session.scalar(statement.limit(1)) is not None


def _forgotten(favor: Favor) -> dict[int, list[str]]:
    """By the `erase` entry of a party who is forgotten, the fields of this favor that would tell about them."""
    found: dict[int, list[str]] = {}
    for member, field in ((favor.giver, "from"), (favor.receiver, "to")):
        if member.erased_by_entry is not None:
            found[member.erased_by_entry] = [field] if found else [field, "what"]
    return found


def _leaf(favor: Favor, how: How, at: datetime, *, tie: bool = False) -> tuple[Leaf, dict[str, list[int]]]:
    leaf = favor_leaf(
        giver=favor.giver.number,
        receiver=favor.receiver.number,
        category=favor.category.slug,
        title=favor.title,
        how=how.value,
        tie=tie,
        counts=not favor.category.neutral,
        at=at,
        withheld=favor.withheld_by_id is not None,
    )
    both = [favor.giver_id, favor.receiver_id]
    return leaf, {"from": [favor.giver_id], "to": [favor.receiver_id], "what": both}


def _entry(log_id: int, index: int, favor: Favor, how: How, at: datetime, *, tie: bool = False) -> dict[str, object]:
    return {
        "log_id": log_id,
        "idx": index,
        "group_id": favor.group_id,
        "kind": "favor",
        "day": at.astimezone(UTC).date(),
        "counts": not favor.category.neutral,
        "giver_id": favor.giver_id,
        "receiver_id": favor.receiver_id,
        "category": favor.category.slug,
        "what": favor.title,
        "how": how.value,
        "tie": tie,
        "withheld": favor.withheld_by_id is not None,
    }
