"""What changes who decides and how: roles and settings; and what organisers decide, down to taking a text out."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, tuple_, update
from sqlalchemy.orm import Session

from exchange.log.append import locked_head
from exchange.log.enter import enter, numbers
from exchange.log.leaf import decision_leaf, redact_leaf, role_leaf, setting_leaf
from exchange.log.searched import reword
from exchange.storage.entry import LogEntry, LogOpening
from exchange.storage.membership import Membership

SETTLED = frozenset({"target", "why"})
ALL_OF_IT = SETTLED | {"by"}


def record_role(session: Session, member: Membership, *, role: str, by: Membership | None, at: datetime) -> int:
    """A member becomes an `organiser`, or is only a `member` again. Call it last; returns the index.

    `by` is None where whoever operates the site did it, as when a group is founded.
    """
    made = [by] if by else []
    leaf = role_leaf(member=member.number, role=role, by=numbers(made), at=at)
    head = locked_head(session, member.group_id)
    return enter(session, head, leaf, subjects={"member": [member], "by": made}, members=[member, *made])


def record_setting(
    session: Session,
    group_id: int,
    *,
    setting: str,
    old: str | int,
    new: str | int,
    by: Membership,
    at: datetime,
    category: str = "",
) -> int:
    """A setting of the group, or of the category with this slug, changes. Call it last; returns the index."""
    leaf = setting_leaf(setting=setting, old=old, new=new, by=numbers([by]), at=at, category=category)
    return enter(session, locked_head(session, group_id), leaf, subjects={"by": [by]}, members=[by])


def record_decision(
    session: Session,
    *,
    act: str,
    by: Sequence[Membership],
    rule: str,
    why: str,
    at: datetime,
    about: Collection[Membership] = (),
    entry: int | None = None,
    withheld: Collection[str] = (),
    group_id: int | None = None,
) -> int:
    """Organisers decide about an entry, or else about members. Call it last; returns the index.

    Without anybody in `by` it is whoever operates the site, in the group `group_id`.

    `why` is the reason that everybody may read, unless it is withheld. Where only the target is withheld the reason
    must tell about nobody: it stays when the one whom it is about is forgotten, since naming it in an `erase` entry
    would say who that was. What is withheld and would tell about somebody who is forgotten already is never kept.

    Raises:
        ValueError: the target is told, and somebody whom it names is forgotten.
    """
    target = numbers(about) if entry is None else f"e{entry}"
    leaf = decision_leaf(act=act, by=numbers(by), rule=rule, target=target, why=why, at=at, withheld=withheld)
    there = [member for member in about if member.erased_by_entry is None]
    unsaid = set(withheld) & SETTLED if len(there) < len(about) else set()
    if len(there) < len(about) and entry is None and "target" not in withheld:
        raise ValueError("A decision about somebody who is forgotten does not name them.")
    told_about = there if "why" in withheld or "target" not in withheld else []
    subjects = {"by": by, "target": there if entry is None else [], "why": _each([*by, *told_about])}
    head = locked_head(session, by[0].group_id if by else group_id or 0)
    return enter(session, head, leaf, subjects=subjects, members=[*by, *about], unsaid=unsaid)


def record_redaction(
    session: Session, *, decision: int, group_id: int, what: Sequence[tuple[int, str]], at: datetime
) -> int:
    """Texts, (index, field) of each, cannot be read any more, by a decision that the log holds. Returns the index.

    The openings are deleted; leaves, parties and kinds stay. Call it last.

    Raises:
        ValueError: one of them is gone already.
    """
    head = locked_head(session, group_id)
    index = enter(session, head, redact_leaf(decision=decision, what=what, at=at))
    places = LogOpening.log_id == head.log_id, tuple_(LogOpening.idx, LogOpening.field).in_(what)
    gone: Any = session.execute(delete(LogOpening).where(*places).execution_options(synchronize_session=False))
    if gone.rowcount != len(what):
        raise ValueError("Only a text that is there can be taken out.")
    emptied = LogEntry.log_id == head.log_id, LogEntry.idx.in_([place for place, _ in what])
    session.execute(update(LogEntry).where(*emptied).values(what="", redacted_by=index))
    reword(session, head.log_id, [place for place, _ in what])
    return index


def _each(members: Iterable[Membership]) -> list[Membership]:
    return list({member.id: member for member in members}.values())
