"""Signing what the logs hold before letters go out, so that each letter carries the newest checkpoint of each log."""

from collections.abc import Collection
from datetime import datetime

import structlog
from sqlalchemy import select

from exchange.config import Settings
from exchange.log import signing
from exchange.log.kept import NotSigned
from exchange.mail.pace import wall
from exchange.storage.among import among
from exchange.storage.db import db
from exchange.storage.membership import Membership, MembershipState

log = structlog.get_logger()


def sign(people: Collection[int], *, settings: Settings, at: datetime, known: set[int] | None = None) -> None:
    """Sign the logs of all groups that these people are in, but for those that are `known` to be signed just now.

    A log that cannot be signed holds no letter up: it is said here and by the doctor, and letters go without it.
    """
    known = set() if known is None else known
    active = (among(Membership.person_id, "people"), Membership.state == MembershipState.ACTIVE)
    groups = db.session.scalars(select(Membership.group_id).where(*active).distinct(), {"people": people}).all()
    db.session.rollback()
    for group_id in sorted(set(groups) - known):
        known.add(group_id)
        try:
            # In a rehearsal the moment of the letters lies ahead; nothing was ever signed in the future.
            signing.checkpoint(group_id, key=settings.log_key, folder=settings.checkpoints, at=min(at, wall()))
        except NotSigned as refusal:
            db.session.rollback()
            log.error("a log was not signed; letters go without its checkpoint", group=group_id, why=str(refusal))
