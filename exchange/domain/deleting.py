"""Deleting a group takes two people and a week: an organiser proposes it, and another one agrees.

Where there is no other organiser the site's administrator agrees. Meanwhile every member is told, can take along what
is theirs, and any organiser can call it off. `exchange.domain.clearing` then takes the rows out.
"""

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _
from sqlalchemy import func, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from exchange import log
from exchange.config import Settings
from exchange.domain import deletion_letters, proofs
from exchange.domain.errors import BadInput, NotFound, NotYours, Refusal
from exchange.domain.invitations import organising
from exchange.log import notes
from exchange.log.checkpoint import parsed, short_code
from exchange.storage.db import locked, transaction
from exchange.storage.deletion import DeletedGroup, Deletion
from exchange.storage.group import Group
from exchange.storage.membership import Membership, MembershipState, Role
from exchange.storage.person import Person

WAITS = timedelta(days=7)
LAPSES = timedelta(days=30)


def propose(*, by: Membership, name: str, at: datetime) -> Deletion:
    """An organiser wants the archived group deleted, and has typed its name. Every member is told, and the log too.

    Raises NotYours for members, BadInput for another name, Refusal unless it is archived, or when it is proposed.
    """
    with transaction() as session:
        organising(by)
        group = group_of(session, by.group_id)
        if group.archived_at is None:
            raise Refusal(_("Only a group that is archived can be deleted. Archive it first."))
        _typed(name, group)
        earlier = open_one(session, group.id)
        if earlier is not None and at < earlier.proposed_at + LAPSES:
            raise Refusal(_("It is proposed already, and waits for a second person."))
        if earlier is not None:
            earlier.ended_at = at
            session.flush()
        made = Deletion(group_id=group.id, by_id=by.id, proposed_at=at)
        session.add(made)
        session.flush()
        alone = not others(session, group.id, but=by.id)
        deletion_letters.proposed(session, made, by, to_administrator=alone, until=at + WAITS, at=at)
        log.record_setting(session, group.id, setting="deletion", old=0, new=1, by=by, at=at)
    return made


def call_off(*, by: Membership, at: datetime) -> Deletion:
    """Any organiser calls it off; every member is told. Raises NotYours, or Refusal when nothing is proposed."""
    with transaction() as session:
        organising(by)
        group_of(session, by.group_id)
        found = end(session, by, at)
        if found is None:
            raise Refusal(_("Nobody wants this group deleted any more."))
    return found


def end(session: Session, by: Membership, at: datetime) -> Deletion | None:
    """Inside a running verb that holds the group: what is proposed is called off. Call it last."""
    found = open_one(session, by.group_id)
    if found is None:
        return None
    found.ended_at, found.ended_by_id = at, by.id
    session.flush()
    deletion_letters.called_off(session, found, by, at=at)
    log.record_setting(session, by.group_id, setting="deletion", old=1, new=0, by=by, at=at)
    return found


def agree(group_id: int, *, by: Membership | Person, name: str, settings: Settings, at: datetime) -> DeletedGroup:
    """The second person agrees, and the group is gone: nobody comes in any more, and its rows are taken out.

    What stays is the gravestone with the log's last checkpoint. Raises NotYours for who proposed it and whoever may not
    be the second, BadInput for another name, Refusal before a week or when it is over, NotSigned.
    """
    try:
        note = proofs.checkpoint_of(group_id, settings=settings, at=at)
        vkey = proofs.vkey_of(group_id, settings=settings)
    except NoResultFound:  # its log went while the other's word was heard
        raise Refusal(_("This group was deleted a moment before.")) from None
    with transaction() as session:
        group = group_of(session, group_id)
        found = to_agree(session, group, by, at)
        _typed(name, group)
        checkpoint = parsed(note.partition("\n\n")[0] + "\n")
        if log.size(session, group.id) != checkpoint.size:
            raise Refusal(_("Something was written into the log at this moment. Please do it again."))
        found.agreed_at = group.deleted_at = at
        found.second_id = by.id if isinstance(by, Membership) else None
        found.administrator_id = by.id if isinstance(by, Person) else None
        session.flush()
        elsewhere = select(func.max(Membership.id)).where(Membership.group_id != group.id)
        earlier = notes.since(session, group.id, found.proposed_at)
        grave = DeletedGroup(
            slug=group.slug,
            group_id=group.id,
            deleted_at=at,
            checkpoint=note,
            earlier={str(size): one for size, one in earlier.items() if size < checkpoint.size},
            vkey=vkey,
            last_member=session.scalar(elsewhere) or 0,
        )
        session.add(grave)
        session.flush()
        second = by.name if isinstance(by, Membership) else None
        code = short_code(note)
        deletion_letters.deleted(session, found, second=second, entries=checkpoint.size, code=code, at=at)
    return grave


def to_agree(session: Session, group: Group, by: Membership | Person, at: datetime) -> Deletion:
    """What somebody may agree to now. Raises NotFound, NotYours or Refusal with the reason why not."""
    if isinstance(by, Membership):
        organising(by)
    elif not by.is_administrator:
        raise NotFound(_("There is no such page."))
    found = open_one(session, group.id)
    if found is None:
        raise Refusal(_("Nobody wants this group deleted any more."))
    if found.by.person_id == (by.person_id if isinstance(by, Membership) else by.id):
        raise NotYours(_("This takes two people, and you proposed it. Somebody else has to agree."))
    if isinstance(by, Person) and others(session, group.id, but=found.by_id):
        raise NotYours(_("Another organiser is there, and has to agree to this."))
    if not found.by.is_organiser:
        raise Refusal(_("Who proposed this does not organise any more. It has to be proposed anew."))
    if at < found.proposed_at + WAITS:
        raise Refusal(_("The members have a week to take with them what is theirs. It can be agreed to after that."))
    if at >= found.proposed_at + LAPSES:
        raise Refusal(_("More than 30 days have passed. It has to be proposed anew, so that the members know."))
    return found


def open_one(session: Session, group_id: int) -> Deletion | None:
    """What is proposed in a group and neither called off nor carried out, as it is now."""
    found = select(Deletion).filter_by(group_id=group_id, ended_at=None)
    return session.scalar(found.execution_options(populate_existing=True))


def others(session: Session, group_id: int, *, but: int) -> bool:
    """Whether anybody else organises the group."""
    found = select(Membership.id).filter_by(group_id=group_id, role=Role.ORGANISER, state=MembershipState.ACTIVE)
    return session.scalar(found.where(Membership.id != but).limit(1)) is not None


def group_of(session: Session, group_id: int) -> Group:
    """Inside a running verb: the group, locked. Raises Refusal once it is deleted."""
    group = locked(session, Group, group_id)
    if group is None or group.deleted_at is not None:
        raise Refusal(_("This group was deleted a moment before."))
    return group


def _typed(name: str, group: Group) -> None:
    if " ".join(name.split()).casefold() != " ".join(group.name.split()).casefold():
        raise BadInput(_("This is not the name of the group. Nothing was changed."), field="name")
