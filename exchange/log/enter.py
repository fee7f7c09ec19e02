"""Writing an entry that is no favor: its leaf, the row that pages read, and who has a part in it."""

import json
from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import insert
from sqlalchemy.orm import Session

from exchange.log import readable
from exchange.log.append import append
from exchange.log.leaf import Leaf, opened
from exchange.log.searched import reword
from exchange.storage.entry import LogEntry, LogHead, LogPart
from exchange.storage.membership import Membership


def numbers(members: Iterable[Membership]) -> str:
    """Members as a leaf names them: `m4,m17`."""
    return ",".join(f"m{number}" for number in sorted(member.number for member in members))


def enter(
    session: Session,
    head: LogHead,
    leaf: Leaf,
    *,
    subjects: Mapping[str, Collection[Membership]] | None = None,
    members: Iterable[Membership] = (),
    unsaid: Collection[str] = (),
) -> int:
    """Append one entry and show it. Returns its index.

    `subjects` are by field those whom the opening is about, `members` all whom the leaf names by their numbers, and
    `unsaid` the fields whose openings are never kept, because somebody whom they tell about is forgotten already.
    """
    about = {field: [one.id for one in some] for field, some in (subjects or {}).items() if field not in unsaid}
    (index,) = append(session, head, [(leaf.without(unsaid), about)])
    told = dict(opened(text) for text in leaf.openings.values())
    place = {"log_id": head.log_id, "idx": index}
    kept = {field: value for field, value in told.items() if field not in unsaid}
    session.execute(insert(LogEntry), [place | {"group_id": head.group_id} | readable.row(json.loads(leaf.data), kept)])
    numbers = {f"m{member.number}": member.id for member in members}
    rows = [
        place | {"part": part, "member_id": numbers[name]}
        for part, names in readable.parts(json.loads(leaf.data)["k"], told).items()
        for name in names
    ]
    if rows:
        session.execute(insert(LogPart), rows)
    reword(session, head.log_id, [index])
    return index
