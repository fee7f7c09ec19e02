"""Members and their profiles."""

from collections.abc import Collection
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _
from sqlalchemy import Select, select

from exchange import log
from exchange.domain import words
from exchange.domain.errors import NotFound, NotYours
from exchange.log import Balance
from exchange.storage.db import db, transaction
from exchange.storage.membership import Membership, MembershipState, Role
from exchange.storage.person import Person
from exchange.storage.search import MemberWords

YEAR = timedelta(days=365)


def acting(by: Membership) -> None:
    """Every verb of a member begins here. Raises NotYours unless the membership is active."""
    if by.state is not MembershipState.ACTIVE:
        raise NotYours(_("You are not an active member of this group."))


def show(number: int, *, seen_by: Membership) -> Membership:
    """A member who has a page, by the number in the group. Raises NotFound."""
    member = db.session.scalar(select(Membership).filter_by(group_id=seen_by.group_id, number=number))
    seen = {MembershipState.ACTIVE, MembershipState.SUSPENDED, MembershipState.LEFT}
    if member is None or member.state not in seen or member.erased_by_entry is not None:
        raise NotFound(_("There is no such member."))
    return member


def everybody(*, seen_by: Membership) -> list[Membership]:
    """The active members by name. Never by what they gave."""
    return list(db.session.scalars(_active(seen_by)))


def names(*, seen_by: Membership, most: int) -> list[tuple[int, str]]:
    """Number and name of the active members, by name; none where there are more than `most`."""
    rows = (
        select(Membership.number, Person.name)
        .join(MemberWords, MemberWords.member_id == Membership.id)
        .join(Person, Person.id == Membership.person_id)
        .where(MemberWords.group_id == seen_by.group_id, MemberWords.listed.is_(True))
        .order_by(MemberWords.name, MemberWords.member_id)
        .limit(most + 1)
    )
    found = [(number, name) for number, name in db.session.execute(rows)]
    return found if len(found) <= most else []


def _active(reader: Membership) -> Select[Membership]:
    return (
        select(Membership)
        .join(Person)
        .where(Membership.group_id == reader.group_id, Membership.state == MembershipState.ACTIVE)
        .order_by(Person.name, Membership.number)
    )


def organisers(*, seen_by: Membership) -> list[Membership]:
    """The active organisers by name: in the log they stand first."""
    return list(db.session.scalars(_active(seen_by).where(Membership.role == Role.ORGANISER)))


def years(ids: list[int], *, seen_by: Membership, at: datetime) -> dict[int, Balance]:
    """What members gave and received in the last twelve months, by membership id."""
    return log.balances_since(db.session(), seen_by.group_id, ids, (at - YEAR).date())


def change(
    *,
    by: Membership,
    firm: str,
    practice: str,
    office: str,
    contact: str,
    can_help_with: str,
    would_love: str,
    accepts_gifts: bool = True,
) -> Membership:
    """A member changes what the group sees of them. Raises BadInput for what is too long."""
    values = {
        "firm": words.line(firm, field="firm", name=_("The firm"), required=False),
        "practice": words.line(practice, field="practice", name=_("The practice"), required=False),
        "office": words.line(office, field="office", name=_("The office"), required=False),
        "contact": words.line(contact, field="contact", name=_("The contact line"), most=200, required=False),
        "can_help_with": words.text(can_help_with, field="can_help_with", name=_("What you can help with"), most=1000),
        "would_love": words.text(would_love, field="would_love", name=_("What you would love"), most=1000),
    }
    with transaction():
        acting(by)
        for name, value in values.items():
            setattr(by, name, value)
        by.accepts_gifts = accepts_gifts
    return by


def choose_letters(*, by: Membership, off: Collection[str]) -> Membership:
    """A member chooses which kinds of letters not to get. Letters about the account always come."""
    with transaction():
        acting(by)
        by.letters_off = sorted(off)
    return by
