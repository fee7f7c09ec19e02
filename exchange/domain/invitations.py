"""Invitations: how people come into a group."""

import hashlib
import secrets
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from exchange.domain import accounts, archived, letters, roles, words
from exchange.domain.desk.recusal import People, free
from exchange.domain.errors import Gone, NotFound, NotYours, Refusal
from exchange.storage.db import db, locked, transaction
from exchange.storage.digest import DigestWish, Rhythm
from exchange.storage.group import Group
from exchange.storage.insert import insert_new
from exchange.storage.membership import Invitation, Membership, MembershipState, Role
from exchange.storage.person import Person
from exchange.storage.policy import GroupPolicy

LASTS = timedelta(days=14)


def invite(email: str, *, by: Membership, at: datetime) -> Invitation:
    """An organiser invites an address by letter. An earlier open invitation to it stops working.

    Raises NotYours for members, and where a decision ended a membership for whoever would stand aside from it, BadInput
    for what is no address, Refusal when somebody with it is a member.
    """
    email = words.email(email)
    with transaction() as session:
        organising(by)
        person = accounts.by_email(session, email)
        known = person and session.scalar(select(Membership).filter_by(group_id=by.group_id, person_id=person.id))
        if known and known.state in {MembershipState.ACTIVE, MembershipState.SUSPENDED}:
            raise Refusal(_("%(address)s is a member already.", address=email), field="email")
        if known and known.state is MembershipState.ENDED and not free(session, by, People(known.id), at):
            raise NotYours(
                _("A decision ended this membership, and you are close to whoever it concerns. Leave it to the others.")
            )
        token = issue(session, by.group, email, role=Role.MEMBER, by=by, at=at)
        invitation = session.scalars(select(Invitation).filter_by(token_hash=hashed(token))).one()
        letters.tell_address(
            session,
            "invitation",
            email,
            group=by.group,
            once=f"invitation:{invitation.id}",
            at=at,
            inviter=by.name,
            language=by.person.language,
            path=f"/join/{token}",
            until=invitation.expires_at,
        )
    return invitation


def issue(session: Session, group: Group, email: str, *, role: Role, by: Membership | None, at: datetime) -> str:
    """A fresh invitation inside a running verb; earlier open ones to the address are revoked. Returns its token."""
    for earlier in session.scalars(
        select(Invitation).filter_by(group_id=group.id, email=email, used_at=None, revoked_at=None)
    ):
        earlier.revoked_at = at
    session.flush()
    token = secrets.token_urlsafe(32)
    session.add(
        Invitation(
            group_id=group.id,
            email=email,
            role=role,
            token_hash=hashed(token),
            invited_by_id=by.id if by else None,
            created_at=at,
            expires_at=at + LASTS,
        )
    )
    session.flush()
    return token


def revoke(invitation_id: int, *, by: Membership, at: datetime) -> Invitation:
    """An organiser takes an open invitation back. Raises NotFound, or Refusal when it was used."""
    with transaction() as session:
        organising(by)
        invitation = locked(session, Invitation, invitation_id, group_id=by.group_id)
        if invitation is None:
            raise NotFound(_("There is no such invitation."))
        if invitation.used_at:
            raise Refusal(_("%(address)s has joined with this invitation already.", address=invitation.email))
        invitation.revoked_at = invitation.revoked_at or at
    return invitation


def look(token: str, *, at: datetime) -> Invitation:
    """The invitation behind a link. Raises NotFound or Gone with a sentence that says what to do."""
    return _good(db.session.scalar(select(Invitation).filter_by(token_hash=hashed(token))), at)


def invited(invitation: Invitation) -> Person | None:
    """The account of the invited address, if there is one."""
    return db.session.scalar(select(Person).filter_by(email=invitation.email))


def accept(
    token: str,
    *,
    at: datetime,
    by: Person | None = None,
    name: str = "",
    password: str | None = None,
    zone: str = "UTC",
    language: str = "en",
) -> Membership:
    """The invited person joins; the link works once.

    `by` is the signed-in person, if any. Somebody without an account, or with one that has no password yet, gives
    a name and an already hashed password; their `language` is the one in which they read the invitation.

    Raises NotFound or Gone for the link, NotYours when somebody else is signed in, Refusal when an account with a
    password exists and its owner is not signed in, BadInput for the name.
    """
    with transaction() as session:
        found = session.scalar(select(Invitation).filter_by(token_hash=hashed(token)))
        invitation = _good(locked(session, Invitation, found.id) if found else None, at)
        person = accounts.by_email(session, invitation.email)
        if by is not None and by.email != invitation.email:
            raise NotYours(
                _(
                    "This invitation is for %(address)s. Sign out first, or ask for one to your own address.",
                    address=invitation.email,
                )
            )
        if by is None and person is not None and person.password:
            raise Refusal(_("You have an account already. Sign in, and open the link again."))
        if by is None:
            name = words.line(name, field="name", name=_("The name"))
            zone = accounts.check_zone(zone)
            if person is None:
                person = accounts.add(session, email=invitation.email, name=name, at=at)
            person.name, person.password, person.zone, person.confirmed_at = name, password, zone, at
            person.language = language
        assert person is not None  # noqa: S101 (either signed in with this address, or made just now)
        _may_come_back(session, invitation, person)
        invitation.used_at = at
        return admit(session, invitation.group, person, role=invitation.role, at=at, by=invitation.invited_by)


def _may_come_back(session: Session, invitation: Invitation, person: Person) -> None:
    """An invitation from before a suspension or an end does not undo it."""
    earlier = session.scalar(select(Membership).filter_by(group_id=invitation.group_id, person_id=person.id))
    if earlier is None:
        return
    if earlier.state is MembershipState.SUSPENDED:
        raise NotYours(_("Your membership in %(group)s is suspended.", group=invitation.group.name))
    if earlier.state is MembershipState.ENDED and earlier.ended_at and invitation.created_at < earlier.ended_at:
        raise Gone(_("This invitation has expired. Ask an organiser of the group for a new one."))


def admit(
    session: Session, group: Group, person: Person, *, role: Role, at: datetime, by: Membership | None = None
) -> Membership:
    """An active membership inside a running verb, last. Rejoining continues the same one.

    `by` is the organiser who invited them, None where whoever operates the site adds them.
    """
    membership = session.scalar(
        select(Membership).filter_by(group_id=group.id, person_id=person.id).with_for_update(of=Membership)
    )
    before = membership is not None and roles.organises(membership)
    if membership is None:
        membership = Membership(
            group_id=group.id,
            person_id=person.id,
            number=next_number(session, group.id),
            role=role,
            state=MembershipState.ACTIVE,
            contact=person.email[:200],
            joined_at=at,
        )
        session.add(membership)
        _usual_hour(session, group.id, person.id)
    membership.state, membership.suspended_at = MembershipState.ACTIVE, None
    if role is Role.ORGANISER:
        membership.role = role
    session.flush()
    roles.changed(session, membership, before=before, by=by, at=at)
    return membership


def _usual_hour(session: Session, group_id: int, person_id: int) -> None:
    """Whose first group this is gets the weekly letter at its hour, until they choose their own."""
    policy = session.get(GroupPolicy, group_id)
    elsewhere = select(Membership.id).where(Membership.person_id == person_id, Membership.group_id != group_id)
    if policy is not None and session.scalar(elsewhere.limit(1)) is None:
        wish = {"person_id": person_id, "rhythm": Rhythm.WEEKLY, "weekday": 0, "hour": policy.digest_hour}
        insert_new(session, DigestWish, [wish])


def next_number(session: Session, group_id: int, *, many: int = 1) -> int:
    """The first of `many` fresh group-scoped member numbers. Numbers are never used twice."""
    group = session.scalars(
        select(Group).filter_by(id=group_id).with_for_update().execution_options(populate_existing=True)
    ).one()
    group.last_number += many
    return group.last_number - many + 1


def open_ones(*, seen_by: Membership, at: datetime) -> list[Invitation]:
    """The invitations of the group that wait to be used, newest first. For organisers."""
    organising(seen_by)
    return list(
        db.session.scalars(
            select(Invitation)
            .filter_by(group_id=seen_by.group_id, used_at=None, revoked_at=None)
            .where(Invitation.expires_at > at)
            .order_by(Invitation.created_at.desc(), Invitation.id.desc())
        )
    )


def organising(by: Membership) -> None:
    """Raises NotYours for anybody but an active organiser."""
    if not by.is_organiser:
        raise NotYours(_("Only the organisers of the group can do this."))


def hashed(token: str) -> str:
    """What is kept of a token: SHA-256 in hex. The token has 256 random bits, so no salt is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def _good(invitation: Invitation | None, at: datetime) -> Invitation:
    if invitation is None:
        raise NotFound(_("This invitation does not exist. Check that the whole link was copied."))
    if invitation.used_at:
        raise Gone(_("This invitation has been used. If it was you, sign in."))
    if invitation.revoked_at or invitation.expires_at <= at:
        raise Gone(_("This invitation has expired. Ask an organiser of the group for a new one."))
    archived.awake(invitation.group)
    return invitation
