"""Archiving a group, and taking it up again. Both stand in the log."""

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from exchange import log
from exchange.domain import deleting
from exchange.domain.errors import Refusal
from exchange.domain.invitations import organising
from exchange.storage.db import transaction
from exchange.storage.favor import Favor, FavorState
from exchange.storage.group import Group
from exchange.storage.membership import Membership

ON_THEIR_WAY = (FavorState.AGREED, FavorState.DELIVERED, FavorState.DISPUTED)


def archive(*, by: Membership, at: datetime) -> Group:
    """An organiser puts the group away: nothing goes on in it, and no clock runs, until it is taken up again.

    Raises NotYours for members, Refusal when it is archived already.
    """
    with transaction() as session:
        group = _group(session, by)
        if group.archived_at is not None:
            raise Refusal(_("This group is archived already."))
        group.archived_at = at
        session.flush()
        log.record_setting(session, group.id, setting="archived", old=0, new=1, by=by, at=at)
    return group


def take_up(*, by: Membership, at: datetime) -> Group:
    """An organiser takes an archived group up again; the clocks of its favors go on where they stood.

    A deletion that is proposed is called off by it.

    Raises NotYours for members, Refusal when it is not archived.
    """
    with transaction() as session:
        group = _group(session, by)
        if group.archived_at is None:
            raise Refusal(_("This group is not archived."))
        rested, group.archived_at = at - group.archived_at, None
        _go_on(session, group, rested)
        session.flush()
        deleting.end(session, by, at)
        log.record_setting(session, group.id, setting="archived", old=1, new=0, by=by, at=at)
    return group


def _group(session: Session, by: Membership) -> Group:
    organising(by)
    return deleting.group_of(session, by.group_id)


def _go_on(session: Session, group: Group, rested: timedelta) -> None:
    favors = select(Favor).where(Favor.group_id == group.id, Favor.state.in_(ON_THEIR_WAY)).order_by(Favor.id)
    for favor in session.scalars(favors.with_for_update(of=Favor).execution_options(populate_existing=True)):
        favor.clock_from += rested
