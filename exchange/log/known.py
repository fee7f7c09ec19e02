"""What has to be known to read the entries of a log: who its numbers are, what is gone, and what is void."""

import json
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from exchange.storage.entry import LogLeaf
from exchange.storage.membership import Membership

Place = tuple[int, str]  # the index of an entry, and one of its fields


@dataclass
class Known:
    """Members by number; the openings that are gone, with the member who was forgotten or the entry that redacted
    them; the corrections by the entry that each voids; and redactions that no decision bears.
    """

    numbers: dict[str, int]
    forgotten: dict[Place, int] = field(default_factory=dict)
    redacted: dict[Place, int] = field(default_factory=dict)
    voided: dict[int, int] = field(default_factory=dict)
    unfounded: list[int] = field(default_factory=list)

    def gone(self, place: Place) -> bool:
        """Whether an entry says that this opening is gone."""
        return place in self.forgotten or place in self.redacted


def known(session: Session, group_id: int, log_id: int) -> Known:
    """Read a log once for what its later entries say of earlier ones."""
    members = session.execute(
        select(Membership.id, Membership.number, Membership.erased_by_entry).where(Membership.group_id == group_id)
    ).all()
    gone = {entry: member for member, _, entry in members if entry is not None}
    found = Known({f"m{number}": member for member, number, _ in members})
    decisions: set[int] = set()
    leaves = select(LogLeaf.idx, LogLeaf.leaf).where(LogLeaf.log_id == log_id).order_by(LogLeaf.idx)
    for index, leaf in session.execute(leaves):
        if b'"k":"favor"' in leaf:
            continue
        said = json.loads(leaf)
        if said["k"] == "correction":
            found.voided[said["of"]] = index
        elif said["k"] == "decision":
            decisions.add(index)
        elif said["k"] == "erase" and (member := gone.get(said.get("as", index))) is not None:
            found.forgotten |= dict.fromkeys(((place, name) for place, name in said["what"]), member)
        elif said["k"] == "redact":
            found.redacted |= dict.fromkeys(((place, name) for place, name in said["what"]), index)
            found.unfounded += [] if said["by_decision"] in decisions else [index]
    return found
