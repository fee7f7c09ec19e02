"""Handing over: who organises next. The last organiser cannot go before another is named."""

from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from exchange.domain import accounts, letters, roles
from exchange.domain.errors import BadInput, NotFound, NotYours, Refusal
from exchange.domain.invitations import organising
from exchange.domain.leaving import last_organiser
from exchange.storage.db import db, transaction
from exchange.storage.group import Group
from exchange.storage.membership import Membership, MembershipState, Role
from exchange.storage.person import Person


def name_organiser(number: int, *, by: Membership, at: datetime) -> Membership:
    """An organiser names another one, by number, who is told. Raises NotYours, BadInput or Refusal."""
    with transaction() as session:
        organising(by)
        return _made(session, by.group_id, number, by, at)


def name_from_outside(slug: str, email: str, *, by: Person | None, at: datetime) -> Membership:
    """The site's administrator names an organiser where there is none, or where one must go, by a member's address.

    Without `by` it is the operator's command line. Raises NotYours, NotFound, BadInput or Refusal.
    """
    with transaction() as session:
        if by is not None and not by.is_administrator:
            raise NotYours(_("Only the site’s administrator can do this."))
        group_id = session.scalar(select(Group.id).filter_by(slug=slug, deleted_at=None))
        if group_id is None:
            raise NotFound(_("There is no group “%(slug)s”.", slug=slug))
        person = accounts.by_email(session, email)
        found = select(Membership.number).filter_by(group_id=group_id, person_id=person.id if person else 0)
        number = session.scalar(found.where(Membership.state == MembershipState.ACTIVE))
        if number is None:
            raise BadInput(_("No active member of this group has this address."), field="email")
        return _made(session, group_id, number, None, at)


def _made(session: Session, group_id: int, number: int, by: Membership | None, at: datetime) -> Membership:
    found = select(Membership).filter_by(group_id=group_id, number=number, state=MembershipState.ACTIVE)
    member = session.scalar(found.with_for_update(of=Membership))
    if member is None:
        raise BadInput(_("Choose one of the members of this group."), field="member")
    if member.role is Role.ORGANISER:
        raise Refusal(_("%(name)s organises already.", name=member.name))
    member.role = Role.ORGANISER
    session.flush()
    tell(session, member, at, elected=False)
    roles.changed(session, member, before=False, by=by, at=at)
    return member


def tell(session: Session, member: Membership, at: datetime, *, elected: bool) -> None:
    """Inside a running verb: somebody organises from now on."""
    letters.tell(
        session,
        "organises",
        member,
        once=f"member:{member.id}:organises:{at.isoformat()}",
        at=at,
        elected=elected,
        path=letters.path(member.group, "desk"),
    )


def last(member: Membership) -> bool:
    """Whether this organiser has to name another one before they can go."""
    return last_organiser(db.session(), member)


def step_down(*, by: Membership, at: datetime) -> Membership:
    """An organiser becomes a member again. Raises NotYours, or Refusal for the last one while others are there."""
    with transaction() as session:
        organising(by)
        if last_organiser(session, by):
            raise Refusal(_("You are the last organiser. Name somebody else before."))
        by.role = Role.MEMBER
        session.flush()
        roles.changed(session, by, before=True, by=by, at=at)
    return by
