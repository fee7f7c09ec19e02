"""Importing members: an account for each new address, and a membership in the group."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from flask_babel import lazy_gettext as _
from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from exchange.domain import archived, groups, invitations, letters, words
from exchange.domain.imports.moments import moment
from exchange.domain.imports.table import Imported, Progress, Row, Table, read
from exchange.sentences import N_, said_in
from exchange.storage.db import locked, transaction
from exchange.storage.group import Group
from exchange.storage.membership import Invitation, Membership, Role
from exchange.storage.person import Person

REQUIRED = ("email", "name")
OPTIONAL = ("firm", "practice", "office", "skills", "wishes", "joined_on")
AT_ONCE = 500

# What a column is called in the file, and where its words go in a membership.
LINES = {
    "firm": partial(words.line, field="firm", name=_("The firm"), required=False),
    "practice": partial(words.line, field="practice", name=_("The practice"), required=False),
    "office": partial(words.line, field="office", name=_("The office"), required=False),
}
TEXTS = {
    "can_help_with": ("skills", partial(words.text, field="skills", name=_("The skills"), most=1000)),
    "would_love": ("wishes", partial(words.text, field="wishes", name=_("The wishes"), most=1000)),
}


@dataclass(frozen=True, slots=True)
class Newcomer:
    """One line of the file that can be taken."""

    email: str
    name: str
    joined_at: datetime
    profile: dict[str, str]


def members(
    slug: str,
    data: bytes,
    *,
    at: datetime,
    skip_invalid: bool = False,
    invite: bool = False,
    progress: Progress | None = None,
) -> Imported:
    """Add the people of a file to a group, as active members who cannot sign in before a letter has let them.

    Whoever is in the group already is left as they are; an account that exists is not touched. With `invite` each
    added member gets an invitation.

    Raises NotFound for the group, BadFile with every bad line unless `skip_invalid` leaves those out.
    """
    table = read(data, required=REQUIRED, optional=OPTIONAL)
    newcomers = _newcomers(table, at)
    left_out = table.left_out(skip_invalid=skip_invalid)
    with transaction() as session:
        group = groups.named(slug)
        archived.awake(group)
        locked(session, Group, group.id)
        known: list[str] = []
        added = 0
        for start in range(0, len(newcomers), AT_ONCE):
            some = newcomers[start : start + AT_ONCE]
            there = _in_group(session, group, some)
            known += [one.email for one in some if one.email in there]
            fresh = [one for one in some if one.email not in there]
            _admit(session, group, fresh, at)
            if invite:
                _invite(session, group, fresh, at)
            added += len(fresh)
            if progress:
                progress(start + len(some), len(newcomers))
    return Imported(added, known, left_out, table.ignored)


def _newcomers(table: Table, at: datetime) -> list[Newcomer]:
    first: dict[str, int] = {}
    found = []
    for row in table.readable:
        newcomer = _newcomer(row, at)
        if newcomer is None:
            continue
        if newcomer.email in first:
            sentence = _("%(address)s is in line %(line)s already.", address=newcomer.email, line=first[newcomer.email])
            row.wrong.append(str(sentence))
            continue
        first[newcomer.email] = row.line
        found.append(newcomer)
    return found


def _newcomer(row: Row, at: datetime) -> Newcomer | None:
    email = row.read("email", words.email)
    name = row.read("name", partial(words.line, field="name", name=_("The name")))
    joined = row.read("joined_on", lambda value: moment(value, latest=at) if value else at)
    profile = {column: row.read(column, how) for column, how in LINES.items()}
    profile |= {place: row.read(column, how) for place, (column, how) in TEXTS.items()}
    if row.wrong or email is None or name is None or joined is None:
        return None
    return Newcomer(email, name, joined, {place: text or "" for place, text in profile.items()})


def _in_group(session: Session, group: Group, some: Sequence[Newcomer]) -> set[str]:
    """Which of the addresses belong to somebody who is, was or asks to be in the group."""
    statement = (
        select(Person.email)
        .join(Membership, and_(Membership.person_id == Person.id, Membership.group_id == group.id))
        .where(Person.email.in_([one.email for one in some]))
    )
    return set(session.scalars(statement))


def _admit(session: Session, group: Group, some: Sequence[Newcomer], at: datetime) -> None:
    if not some:
        return
    found = session.scalars(select(Person).where(Person.email.in_([one.email for one in some])))
    people = {person.email: person for person in found}
    language = groups.language_of(group)
    for one in some:
        if one.email not in people:
            people[one.email] = _account(one, group, language, at)
    session.add_all(people.values())
    session.flush()
    number = invitations.next_number(session, group.id, many=len(some))
    session.add_all(
        Membership(
            group_id=group.id,
            person_id=people[one.email].id,
            number=number + place,
            contact=one.email[:200],
            joined_at=one.joined_at,
            **one.profile,
        )
        for place, one in enumerate(some)
    )
    session.flush()


def _account(one: Newcomer, group: Group, language: str, at: datetime) -> Person:
    """As `accounts.add` makes it, and not yet flushed, so that many go to the database at once."""
    return Person(
        email=one.email,
        name=one.name,
        fs_uniquifier=secrets.token_hex(32),
        confirmed_at=at,
        zone=group.zone,
        language=language,
        created_at=at,
    )


def _invite(session: Session, group: Group, some: Sequence[Newcomer], at: datetime) -> None:
    language = groups.language_of(group)
    for one in some:
        token = invitations.issue(session, group, one.email, role=Role.MEMBER, by=None, at=at)
        invitation = session.scalars(select(Invitation).filter_by(token_hash=invitations.hashed(token))).one()
        letters.tell_address(
            session,
            "invitation",
            one.email,
            group=group,
            once=f"invitation:{invitation.id}",
            at=at,
            inviter=said_in(language).gettext(N_("The organisers")),
            language=language,
            path=f"/join/{token}",
            until=invitation.expires_at,
        )
