"""Groups: making one, and finding one's way into one."""

import re
from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import bindparam, select

from exchange import log
from exchange.domain import accounts, deleted, invitations, words
from exchange.domain.desk import rules
from exchange.domain.errors import BadInput, NotFound, NotYours, Refusal
from exchange.sentences import N_, said_in
from exchange.storage import whole
from exchange.storage.db import db, locked, transaction
from exchange.storage.group import Category, Group, Kind
from exchange.storage.membership import Membership, MembershipState, Role
from exchange.storage.person import Person

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")

# (kind, name, neutral, enabled): a referral is counted for nobody and is off until an organiser turns it on.
CATEGORIES = (
    (Kind.EVENT_PLACE, N_("Event place"), False, True),
    (Kind.INTRODUCTION, N_("Introduction"), False, True),
    (Kind.ADVICE, N_("Advice"), False, True),
    (Kind.REVIEW, N_("Review"), False, True),
    (Kind.MENTORING, N_("Mentoring"), False, True),
    (Kind.REFERRAL, N_("Referral"), True, False),
    (Kind.OTHER, N_("Other"), False, True),
)

# Nearly every page asks for them, with statements that are made once.
EVERY = select(Category).where(Category.group_id == bindparam("of_group")).order_by(Category.position)
ENABLED = EVERY.where(Category.enabled)


def create(
    slug: str,
    name: str,
    *,
    organiser: str,
    host: str,
    at: datetime,
    zone: str = "UTC",
    by: Person | None = None,
    language: str = "en",
    invented: bool = False,
) -> tuple[Group, str]:
    """A new group with its categories, its log and its first organiser.

    `by` is the site's administrator; None means the operator's command line. `language` is that of the words which
    the group begins with and can change, and of its organiser's account. Returns the group and the token of
    a one-time link with which the organiser signs in.

    Raises BadInput for a slug, name or address that cannot be taken, Refusal when the slug is in use.
    """
    slug = check_slug(slug)
    name = words.line(name, field="name", name=_("The name"))
    email = words.email(organiser, field="organiser")
    accounts.check_zone(zone)
    say = said_in(accounts.check_language(language)).gettext
    with transaction() as session:
        if by is not None and not by.is_administrator:
            raise NotYours(_("Only the site's administrator can make a group."))
        if session.scalar(select(Group.id).filter_by(slug=slug)) is not None:
            raise Refusal(_("There is a group with the address “%(slug)s” already.", slug=slug), field="slug")
        if deleted.grave(slug) is not None:
            raise Refusal(_("A group with this address was deleted. Choose another address."), field="slug")
        group = Group(slug=slug, name=name, zone=zone, invented=invented, created_at=at, last_number=0)
        group.id = whole.next_id(session)  # type: ignore[assignment]  # none where the database counts
        group.categories = [
            Category(
                slug=kind.value,
                name=say(title),
                kind=kind,
                neutral=neutral,
                enabled=enabled,
                position=place,
            )
            for place, (kind, title, neutral, enabled) in enumerate(CATEGORIES)
        ]
        session.add(group)
        session.flush()
        rules.lay_down(session, group.id, language=language)
        person = accounts.by_email(session, email) or accounts.add(
            session, email=email, name=email.partition("@")[0], at=at, zone=zone, language=language
        )
        token = invitations.issue(session, group, email, role=Role.ORGANISER, by=None, at=at)
        log.found(session, group.id, host=host)
        invitations.admit(session, group, person, role=Role.ORGANISER, at=at)
    return group, token


def language_of(group: Group) -> str:
    """The language of who has organised the group for longest, for people of whom it knows no other."""
    organisers = select(Person.language).join(Membership, Membership.person_id == Person.id)
    found = db.session.scalar(
        organisers.where(
            Membership.group_id == group.id,
            Membership.role == Role.ORGANISER,
            Membership.state == MembershipState.ACTIVE,
        )
        .order_by(Membership.id)
        .limit(1)
    )
    return found or "en"


def check_slug(slug: str) -> str:
    """The slug in lower case. Raises BadInput when it cannot stand in an address."""
    slug = slug.strip().lower()
    if not SLUG.fullmatch(slug):
        raise BadInput(
            _("“%(slug)s” cannot stand in an address: use letters a to z, digits and hyphens.", slug=slug[:60]),
            field="slug",
        )
    return slug


def named(slug: str) -> Group:
    """The group with this address, for the operator's commands. Raises NotFound, Gone where it was deleted."""
    deleted.alive(slug)
    group = db.session.scalar(select(Group).filter_by(slug=slug))
    if group is None:
        raise NotFound(_("There is no group “%(slug)s”.", slug=slug))
    return group


def enter(slug: str, person: Person) -> Membership:
    """The person's active membership in the group.

    Raises NotFound for a group that does not exist or that the person does not belong to, and NotYours while
    the membership is suspended: the person knows of the group, so the answer may say why.
    """
    return let_in(
        db.session.scalar(select(Membership).join(Group).where(Group.slug == slug, Membership.person_id == person.id))
    )


def let_in(membership: Membership | None) -> Membership:
    """The same for a membership that is at hand already, or that there is none."""
    gone = {MembershipState.APPLIED, MembershipState.LEFT, MembershipState.ENDED}
    if membership is None or membership.state in gone or membership.group.deleted_at is not None:
        raise NotFound(_("There is no such page."))
    if membership.state is MembershipState.SUSPENDED:
        raise NotYours(_("Your membership in %(group)s is suspended.", group=membership.group.name))
    return membership


def switch(category_id: int, *, by: Membership, at: datetime) -> Category:
    """An organiser lets a category be posted in, or not any more; the log says so. Raises NotFound or NotYours."""
    with transaction() as session:
        invitations.organising(by)
        category = locked(session, Category, category_id, group_id=by.group_id)
        if category is None:
            raise NotFound(_("There is no such category."))
        category.enabled = not category.enabled
        session.flush()
        log.record_setting(
            session,
            by.group_id,
            setting="enabled",
            old=int(not category.enabled),
            new=int(category.enabled),
            by=by,
            at=at,
            category=category.slug,
        )
    return category


def of(person: Person) -> list[Membership]:
    """The person's active memberships, by the name of the group."""
    return list(
        db.session.scalars(
            select(Membership)
            .join(Group)
            .where(Membership.person_id == person.id, Membership.state == MembershipState.ACTIVE)
            .where(Group.deleted_at.is_(None))
            .order_by(Group.name)
        )
    )


def all_slugs() -> list[str]:
    """The address of every group, for the operator's commands."""
    return list(db.session.scalars(select(Group.slug).where(Group.deleted_at.is_(None)).order_by(Group.slug)))


def categories(seen_by: Membership, *, enabled: bool = True) -> list[Category]:
    """The group's categories in their order; with `enabled` only those that may be posted in."""
    return list(db.session.scalars(ENABLED if enabled else EVERY, {"of_group": seen_by.group_id}))
