"""What members, and the site's administrator, see of a deletion that is proposed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from exchange.domain.deleting import LAPSES, WAITS, open_one, others, to_agree
from exchange.domain.desk.site import administering
from exchange.domain.errors import NotFound, Refusal
from exchange.storage.db import db
from exchange.storage.deletion import Deletion
from exchange.storage.group import Group
from exchange.storage.membership import Membership, MembershipState, Role
from exchange.storage.person import Person


@dataclass(frozen=True)
class Proposed:
    """Who wants the group deleted since when, from when to when a second person can agree, and who that may be.

    `why_not` says why the reader cannot agree now; it is empty where they can.
    """

    group: Group
    name: str
    mine: bool
    proposed_at: datetime
    from_at: datetime
    until_at: datetime
    by_administrator: bool
    why_not: Any = ""


def proposed(*, seen_by: Membership, at: datetime) -> Proposed | None:
    """What is proposed in the reader's group, if anything is; what took too long is not any more."""
    found = open_one(db.session(), seen_by.group_id)
    return _shown(found, seen_by, at) if found is not None else None


def for_administrator(slug: str, *, seen_by: Person, at: datetime) -> Proposed:
    """The same for the site's administrator, where it waits for them. Raises NotFound anywhere else."""
    administering(seen_by)
    found = [one for one in waiting(seen_by=seen_by, at=at) if one.group.slug == slug]
    if not found:
        raise NotFound(_("There is no such page."))
    return found[0]


def waiting(*, seen_by: Person, at: datetime) -> Sequence[Proposed]:
    """The groups whose deletion waits for the site's administrator, because nobody else organises there."""
    administering(seen_by)
    another = aliased(Membership)
    organised = exists().where(
        another.group_id == Deletion.group_id,
        another.role == Role.ORGANISER,
        another.state == MembershipState.ACTIVE,
        another.id != Deletion.by_id,
    )
    open_ones = select(Deletion).where(Deletion.ended_at.is_(None), Deletion.agreed_at.is_(None), ~organised)
    found = db.session.scalars(open_ones.order_by(Deletion.proposed_at, Deletion.id)).all()
    return [one for row in found if (one := _shown(row, seen_by, at)) is not None]


def everywhere(*, at: datetime) -> Sequence[Proposed]:
    """All that is proposed on the site, for the operator's commands."""
    open_ones = select(Deletion).where(Deletion.ended_at.is_(None), Deletion.agreed_at.is_(None))
    found = db.session.scalars(open_ones.order_by(Deletion.proposed_at, Deletion.id)).all()
    return [one for row in found if (one := _shown(row, None, at)) is not None]


def _shown(found: Deletion, reader: Membership | Person | None, at: datetime) -> Proposed | None:
    until = found.proposed_at + LAPSES
    if at >= until:
        return None
    why_not: Any = ""
    try:
        if reader is not None:
            to_agree(db.session(), found.group, reader, at)
    except Refusal as refusal:
        why_not = refusal.sentence
    return Proposed(
        group=found.group,
        name=found.by.name,
        mine=isinstance(reader, Membership) and found.by_id == reader.id,
        proposed_at=found.proposed_at,
        from_at=found.proposed_at + WAITS,
        until_at=until,
        by_administrator=not others(db.session(), found.group_id, but=found.by_id),
        why_not=why_not,
    )
