"""Making the demo group: invented people live two years by the same rules as everybody else."""

import secrets
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask_security.utils import hash_password
from sqlalchemy import delete, select

from exchange.cli.demo.desk import moderate
from exchange.cli.demo.lately import Lately
from exchange.cli.demo.more_people import MORE
from exchange.cli.demo.more_posts import MORE_POSTS
from exchange.cli.demo.past import live
from exchange.cli.demo.people import NAME, PEOPLE, SLUG, ZONE, Person
from exchange.cli.demo.posts import POSTS, OpenPost, When
from exchange.domain import accounts, groups, invitations, posts, responses
from exchange.domain.desk import election, held
from exchange.storage.db import db, transaction
from exchange.storage.desk import Case, TargetKind
from exchange.storage.group import Category, Group
from exchange.storage.letter import Letter
from exchange.storage.membership import Invitation, Membership, Role
from exchange.storage.post import Post, PostKind, Rule

__all__ = ["SIGN_IN", "SLUG", "make"]

EVERYBODY = (*PEOPLE, *MORE)
BY_KEY = {person.key: person for person in EVERYBODY}
SIGN_IN = {
    BY_KEY["ada"].email: "Ada Farouk, a member:",
    BY_KEY["ben"].email: "Ben Castellanos, another:",
    BY_KEY["olga"].email: "Olga Petrenko, organiser:",
}


def make(*, at: datetime, host: str, passwords: dict[str, str]) -> None:
    """Make the group with everything in it; every date lies relative to `at`. Nobody gets a letter about the past."""
    zone = ZoneInfo(ZONE)
    founder = BY_KEY["olga"]
    began = at - timedelta(days=founder.joined_days_ago)
    group, _token = groups.create(SLUG, NAME, organiser=founder.email, host=host, at=began, zone=ZONE, invented=True)
    members = _join(group.id, at, passwords)
    _let_clients_be_passed_on(group.id, members, began + timedelta(days=40))
    live(members, EVERYBODY, at)
    Lately(members, at).happens()
    _post(members, at, zone)
    moderate(members, at)
    for member_id in members.values():
        election.seen(by=db.session.get_one(Membership, member_id), at=at)
    with transaction() as session:
        session.execute(delete(Letter).where(Letter.group_id == group.id))
        session.execute(delete(Invitation).where(Invitation.group_id == group.id))


def _join(group_id: int, at: datetime, passwords: dict[str, str]) -> dict[str, int]:
    """Everybody becomes a member, in the order in which they came. Returns membership ids by key."""
    found: dict[str, int] = {}
    with transaction() as session:
        group = session.get_one(Group, group_id)
        for person in sorted(EVERYBODY, key=lambda one: -one.joined_days_ago):
            joined = at - timedelta(days=person.joined_days_ago)
            account = accounts.by_email(session, person.email) or accounts.add(
                session, email=person.email, name=person.name, at=joined, zone=ZONE
            )
            # Nobody else's account can be signed in to.
            chosen = passwords.get(person.email) or secrets.token_urlsafe(32)
            account.name = person.name
            account.password = hash_password(chosen) if person.email in passwords else None
            membership = invitations.admit(session, group, account, role=Role(person.role), at=joined)
            _describe(membership, person)
            found[person.key] = membership.id
    return found


def _describe(membership: Membership, person: Person) -> None:
    membership.firm = person.firm
    membership.practice = person.practice
    membership.office = person.office
    membership.contact = person.contact
    membership.can_help_with = person.can_help_with
    membership.would_love = person.would_love


def _let_clients_be_passed_on(group_id: int, members: dict[str, int], at: datetime) -> None:
    """The organisers turn referrals on, which count for nobody."""
    referrals = db.session.scalars(select(Category.id).filter_by(group_id=group_id, slug="referral")).one()
    groups.switch(referrals, by=db.session.get_one(Membership, members["olga"]), at=at)


def _post(members: dict[str, int], at: datetime, zone: ZoneInfo) -> None:
    """The open posts, put up over the last days, and the answers that they have so far."""
    for place, post in enumerate((*POSTS, *MORE_POSTS)):
        up = at - timedelta(days=1 + place % 5, hours=place)
        made = posts.post(
            by=db.session.get_one(Membership, members[post.author]),
            kind=PostKind(post.kind),
            category=post.category,
            title=post.title,
            text=post.text,
            slots=post.slots,
            rule=Rule(post.rule),
            closes_at=_when(post.closes, at, zone),
            event_at=_when(post.event, at, zone) if post.event else None,
            at=up,
        )
        _release(made, members, up)
        _answer(made.id, post, members, up, at)


def _release(post: Post, members: dict[str, int], at: datetime) -> None:
    """What a newcomer posts first waits for an organiser, who says yes."""
    case = db.session.scalar(select(Case.id).filter_by(kind=TargetKind.HELD_POST, target_id=post.id))
    if case is not None:
        held.release(case, by=db.session.get_one(Membership, members["olga"]), at=at)


def _answer(post_id: int, post: OpenPost, members: dict[str, int], up: datetime, at: datetime) -> None:
    step = (at - up) / (len(post.answers) + 1)
    for place, (who, text) in enumerate(post.answers, start=1):
        by = db.session.get_one(Membership, members[who])
        responses.answer(post_id, by=by, text=text, at=up + step * place)


def _when(when: When, at: datetime, zone: ZoneInfo) -> datetime:
    """The local time that the demo's content names, as a moment."""
    day = at.astimezone(zone).date() + timedelta(days=when.days)
    if when.weekday is not None:
        day += timedelta(days=(when.weekday - day.weekday()) % 7)
    return datetime.combine(day, time(when.hour, when.minute), zone)
