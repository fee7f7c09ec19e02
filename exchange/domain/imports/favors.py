"""Importing favors: what members have done for each other before they came here, into the log."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from flask_babel import lazy_gettext as _
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from exchange import log
from exchange.domain import archived, groups, words
from exchange.domain.errors import BadInput
from exchange.domain.favors import MAY_BE_WITHHELD
from exchange.domain.imports.moments import moment
from exchange.domain.imports.table import Imported, Progress, Row, read
from exchange.storage.db import transaction
from exchange.storage.favor import Began, Favor, FavorState, How
from exchange.storage.group import Category
from exchange.storage.membership import Membership, MembershipState
from exchange.storage.person import Person

REQUIRED = ("giver", "receiver", "at", "category", "title")
OPTIONAL = ("withheld",)
NO = {"", "0", "no", "false"}
YES = {"1", "yes", "true"}
ADDRESSES_AT_ONCE = 1_000
AT_ONCE = 5_000
STEP = 500
STORED = (
    "group_id",
    "giver_id",
    "receiver_id",
    "category_id",
    "title",
    "state",
    "began",
    "how",
    "withheld_by_id",
    "agreed_at",
    "clock_from",
    "confirmed_at",
)


@dataclass(slots=True)
class Told:
    """One line of the file as it reads, before anybody looked for its people in the group."""

    row: Row
    giver: str | None
    receiver: str | None
    at: datetime | None
    title: str | None
    withheld: bool


def favors(
    slug: str, data: bytes, *, at: datetime, skip_invalid: bool = False, progress: Progress | None = None
) -> Imported:
    """Enter the favors of a file into a group's log, in the order of their days. Identical lines are separate favors.

    Raises NotFound for the group, BadFile with every bad line unless `skip_invalid` leaves those out.
    """
    table = read(data, required=REQUIRED, optional=OPTIONAL)
    told = [_told(row, at) for row in table.readable]
    with transaction() as session:
        group = groups.named(slug)
        archived.awake(group)
        members = _members(session, group.id, {email for one in told for email in (one.giver, one.receiver) if email})
        categories = {category.slug: category for category in group.categories}
        found = [favor for one in told if (favor := _favor(one, group.id, members, categories))]
        left_out = table.left_out(skip_invalid=skip_invalid)
        found.sort(key=lambda favor: favor.agreed_at)
        # The log comes first: a confirmed favor cannot be stored without the index of its entry.
        indexes = log.record_favors(session, group.id, _watched(found, progress), how=How.IMPORTED)
        _store(session, found, indexes)
    return Imported(len(found), [], left_out, table.ignored)


def _told(row: Row, at: datetime) -> Told:
    giver = row.read("giver", words.email)
    receiver = row.read("receiver", words.email)
    when = row.read("at", partial(moment, latest=at))
    title = row.read("title", partial(words.line, field="title", name=_("The title")))
    withheld = row.read("withheld", _yes_or_no)
    if giver and giver == receiver:
        sentence = _("%(address)s stands on both sides, and a favor takes two people.", address=giver)
        row.wrong.append(str(sentence))
    return Told(row, giver, receiver, when, title, bool(withheld))


def _yes_or_no(value: str) -> bool:
    if value.lower() not in NO | YES:
        raise BadInput(_("“%(value)s” is neither yes nor no.", value=value[:40]), field="withheld")
    return value.lower() in YES


def _members(session: Session, group_id: int, emails: Iterable[str]) -> dict[str, Membership]:
    """By address, whoever is or was a member of the group."""
    every = sorted(emails)
    found = {}
    for start in range(0, len(every), ADDRESSES_AT_ONCE):
        for member in session.scalars(
            select(Membership)
            .join(Person)
            .where(
                Membership.group_id == group_id,
                Membership.state != MembershipState.APPLIED,
                Person.email.in_(every[start : start + ADDRESSES_AT_ONCE]),
            )
        ):
            found[member.person.email] = member
    return found


def _favor(told: Told, group_id: int, members: dict[str, Membership], categories: dict[str, Category]) -> Favor | None:
    """The favor that a line tells of, or None when something is wrong with the line."""
    row = told.row
    row.wrong += [
        str(_("%(address)s is no member of this group.", address=email))
        for email in dict.fromkeys((told.giver, told.receiver))
        if email and email not in members
    ]
    category = row.read("category", partial(_category, known=categories))
    if row.wrong or category is None:
        return None
    giver, receiver = members[told.giver or ""], members[told.receiver or ""]
    if told.withheld and (category.kind not in MAY_BE_WITHHELD or giver.is_organiser or receiver.is_organiser):
        row.wrong.append(str(_("Only advice, mentoring and review can be withheld, and never with an organiser.")))
        return None
    return Favor(
        group_id=group_id,
        giver=giver,
        giver_id=giver.id,
        receiver=receiver,
        receiver_id=receiver.id,
        category=category,
        category_id=category.id,
        title=told.title,
        state=FavorState.CONFIRMED,
        began=Began.IMPORTED,
        how=How.IMPORTED,
        withheld_by_id=receiver.id if told.withheld else None,
        agreed_at=told.at,
        clock_from=told.at,
        confirmed_at=told.at,
    )


def _category(slug: str, *, known: dict[str, Category]) -> Category:
    if slug not in known:
        raise BadInput(
            _(
                "“%(slug)s” is no category of this group. It has: %(known)s.",
                slug=slug[:40],
                known=", ".join(known),
            ),
            field="category",
        )
    return known[slug]


def _store(session: Session, found: Sequence[Favor], indexes: range) -> None:
    """Written column by column: the session's own way of adding objects takes three times as long."""
    rows = [
        {name: getattr(favor, name) for name in STORED} | {"entry": index}
        for favor, index in zip(found, indexes, strict=True)
    ]
    for start in range(0, len(rows), AT_ONCE):
        session.execute(insert(Favor), rows[start : start + AT_ONCE])


def _watched(favors: Sequence[Favor], progress: Progress | None) -> Iterator[Favor]:
    for done, favor in enumerate(favors):
        if progress and done % STEP == 0:
            progress(done, len(favors))
        yield favor
    if progress:
        progress(len(favors), len(favors))
