"""Members and their profiles."""

from collections.abc import Collection
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, bindparam, select
from sqlalchemy.orm import aliased

from exchange import log
from exchange.domain import words
from exchange.domain.errors import NotFound, NotYours
from exchange.domain.finding import of_people
from exchange.log import Balance
from exchange.storage import search, stems
from exchange.storage.db import Key, db, transaction
from exchange.storage.fixed import word
from exchange.storage.membership import Membership, MembershipState, Role, briefly
from exchange.storage.person import Person
from exchange.storage.search import MemberWords

YEAR = timedelta(days=365)

# Statements of pages that are opened often are made once: that takes longer than asking them.
OF_GROUP = bindparam("of_group", type_=Key)
ORGANISING = (
    Membership.group_id == OF_GROUP,
    Membership.role == word(Role.ORGANISER),
    Membership.state == word(MembershipState.ACTIVE),
)
ORGANISERS = select(Membership).where(*ORGANISING).options(*briefly())
LISTED = (
    select(Membership.number, Person.name)
    .join(MemberWords, MemberWords.member_id == Membership.id)
    .join(Person, Person.id == Membership.person_id)
    .where(MemberWords.listed.is_(True))
    .order_by(MemberWords.name, MemberWords.member_id)
)
NAMED = LISTED.where(MemberWords.group_id == OF_GROUP)
# Of those who are listed one more than so many: where there is one, none is told.
_listed = aliased(MemberWords)
ONE_MORE = (
    select(_listed.member_id)
    .where(_listed.group_id == OF_GROUP, _listed.listed.is_(True))
    .offset(bindparam("most", type_=Key))
    .limit(1)
)
# Said in both ways, either database asks it once; in the other's way it would go through everybody first.
OF_FEW = select(OF_GROUP).where(~ONE_MORE.exists()).scalar_subquery()
NAMES = LISTED.where(MemberWords.group_id == OF_FEW, ~ONE_MORE.exists())


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


def names(*, seen_by: Membership, most: int) -> list[tuple[int, str]] | None:
    """Number and name of the active members, by name; None where there are more than `most`."""
    found = db.session.execute(NAMES, {"of_group": seen_by.group_id, "most": most})
    return [(number, name) for number, name in found] or None


def others(*, seen_by: Membership, most: int, organisers: bool = True) -> list[tuple[int, str]] | None:
    """The same without the reader, and without `organisers` only of those who organise not."""
    if (everybody := names(seen_by=seen_by, most=most)) is None:
        return None
    left_out = {seen_by.number}
    if not organisers:
        numbers = select(Membership.number).where(*ORGANISING)
        left_out |= set(db.session.scalars(numbers, {"of_group": seen_by.group_id}))
    return [(number, name) for number, name in everybody if number not in left_out]


def called(typed: str, *, seen_by: Membership, most: int, organisers: bool = True) -> list[tuple[int, str]]:
    """At most so many of the others whose name or firm begins like what was typed, word for word, by name.

    Each is told with the firm, since among many several share a name.
    """
    typed_words = stems.asked(typed)
    if not typed_words:
        return []
    query = [
        {*name, *firm} for name, firm in zip(of_people(typed_words, "n"), of_people(typed_words, "f"), strict=True)
    ]
    fitting = search.matches(db.session(), MemberWords, query)
    return _told(seen_by, MemberWords.member_id.in_(fitting), most=most, organisers=organisers)


def numbered(numbers: Collection[int], *, seen_by: Membership, organisers: bool = True) -> list[tuple[int, str]]:
    """Those of the others who have these numbers, in the same words."""
    if not numbers:
        return []
    return _told(seen_by, Membership.number.in_(numbers), most=len(numbers), organisers=organisers)


def _told(reader: Membership, who: ColumnElement[bool], *, most: int, organisers: bool) -> list[tuple[int, str]]:
    found = NAMED.add_columns(Membership.firm).where(who, Membership.id != reader.id)
    found = found if organisers else found.where(Membership.role != Role.ORGANISER)
    rows = db.session.execute(found.limit(most), {"of_group": reader.group_id})
    return [(number, f"{name}, {firm}" if firm else name) for number, name, firm in rows]


def organisers(*, seen_by: Membership) -> list[Membership]:
    """The active organisers by name: in the log they stand first."""
    found = db.session.scalars(ORGANISERS, {"of_group": seen_by.group_id})
    return sorted(found, key=lambda one: (one.person.name, one.number))


def years(ids: list[int], *, at: datetime) -> dict[int, Balance]:
    """What members gave and received in the last twelve months, by membership id."""
    return log.balances_since(db.session(), ids, (at - YEAR).date())


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
