"""Forgetting somebody who has left a group already and asks for it: an organiser does it for them, in the open."""

from datetime import datetime

from flask_babel import lazy_gettext as _

from exchange import log
from exchange.domain import words
from exchange.domain.errors import BadInput, NotFound
from exchange.domain.invitations import organising
from exchange.domain.leaving import forget
from exchange.storage.db import db, locked, transaction
from exchange.storage.membership import Membership, MembershipState

GONE = (MembershipState.LEFT, MembershipState.ENDED)


def show(number: int, *, seen_by: Membership) -> Membership:
    """The former member whom an organiser may have forgotten.

    Raises NotYours for anybody but an organiser, NotFound for whoever is still a member or forgotten already.
    """
    organising(seen_by)
    found = db.session.query(Membership).filter_by(group_id=seen_by.group_id, number=number).one_or_none()
    if found is None or found.state not in GONE or found.erased_by_entry is not None:
        raise NotFound(_("There is no such former member."))
    return found


def forget_for(number: int, *, by: Membership, why: str, at: datetime) -> int:
    """An organiser has a former member forgotten at their request. Returns the index of the `erase` entry.

    The decision stands in the log beside it, with the organiser's name and the reason, and without whom it is about.
    Raises NotYours, NotFound, BadInput without a reason or with one that names them.
    """
    why = words.text(why, field="why", name=_("How they asked"), most=words.NOTE, required=True)
    with transaction() as session:
        member = locked(session, Membership, show(number, seen_by=by).id)
        if member is None or member.erased_by_entry is not None:
            raise NotFound(_("There is no such former member."))
        if _names(why, member):
            raise BadInput(_("Everybody reads this for ever. Say how they asked, not who they are."), field="why")
        log.record_decision(
            session, act="forgot", by=[by], rule="erasure", why=why, at=at, about=[member], withheld={"target"}
        )
        return forget(session, member, at)


def _names(why: str, member: Membership) -> bool:
    said = {word.strip(".,;:()").casefold() for word in why.split()}
    named = {word.casefold() for word in member.name.split() if len(word) > 2}
    return bool(said & named) or member.person.email.casefold() in why.casefold()
