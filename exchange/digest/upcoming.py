"""The letter that somebody gets next, as it would be by now. Nothing of it is written down, and nothing is sent."""

from dataclasses import replace
from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import and_, or_, select

from exchange.config import Settings
from exchange.digest import checkpoints, finding, unsubscribe
from exchange.digest.compose import compose
from exchange.digest.facts import Digest, Due, GroupWeek, Reader, Tally
from exchange.digest.gather import gather
from exchange.digest.issue import WAITING
from exchange.digest.report import member_of
from exchange.digest.wishes import plan_of
from exchange.digest.write import letter
from exchange.domain import invitations
from exchange.domain.errors import NotYours, Refusal
from exchange.mail.parcel import Parcel
from exchange.storage.db import db
from exchange.storage.digest import DigestGroupWish, DigestIssue, DigestWish, IssueState, Rhythm
from exchange.storage.membership import Membership, MembershipState
from exchange.storage.person import Person

# So many moments lie ahead at most before one falls behind a pause.
MOMENTS = 100


def preview(person: Person, *, at: datetime, settings: Settings) -> Parcel | None:
    """The next letter, byte for byte as it would be sent if nothing happened until then; None if nothing is new.

    Raises Refusal for who gets none at all.
    """
    due = _next(person, at)
    digest = compose(*_known(due, at, settings))
    stop = unsubscribe.address(settings, person_id=person.id, at=due.window_until)
    return letter(digest, settings=settings, stop=stop) if digest else None


def preview_for(number: int, *, seen_by: Membership, at: datetime, settings: Settings) -> Parcel | None:
    """An organiser looks at their own next letter, or at that of a member who lets them: the part that is about this
    group, without what only the member may know, and addressed to the organiser. None if nothing is new.

    Raises NotYours for members and for who has not agreed, NotFound, Refusal for who gets no letter.
    """
    invitations.organising(seen_by)
    member = member_of(number, seen_by)
    if member.id == seen_by.id:
        return preview(member.person, at=at, settings=settings)
    wish = db.session.get(DigestGroupWish, member.id)
    if wish is None or not wish.previewed:
        raise NotYours(_("%(name)s has not agreed that organisers look at a preview.", name=member.name))
    digest = _for_organisers(member, seen_by, at, settings)
    stop = f"{settings.base_url}/letters/stop/preview"
    return letter(digest, settings=settings, stop=stop) if digest else None


def consenting(*, seen_by: Membership) -> list[Membership]:
    """The members of whose letter an organiser may see a preview, by number."""
    invitations.organising(seen_by)
    agreed = select(Membership).join(DigestGroupWish, DigestGroupWish.membership_id == Membership.id)
    return list(
        db.session.scalars(
            agreed.where(
                Membership.group_id == seen_by.group_id,
                Membership.state == MembershipState.ACTIVE,
                DigestGroupWish.previewed,
                Membership.id != seen_by.id,
            ).order_by(Membership.number)
        )
    )


def _for_organisers(member: Membership, seen_by: Membership, at: datetime, settings: Settings) -> Digest | None:
    reader, weeks = _known(_next(member.person, at), at, settings)
    here = [_without_secrets(week) for week in weeks if week.group.id == member.group_id]
    return compose(replace(reader, email=seen_by.person.email), here)


def _known(due: Due, at: datetime, settings: Settings) -> tuple[Reader, list[GroupWeek]]:
    """What is known for the letter; the logs are signed, as they are before letters go."""
    checkpoints.sign([due.person_id], settings=settings, at=at)
    known = gather(db.session(), [due], folder=settings.checkpoints, at=max(at, due.window_until))
    return known[due.issue_id]


def _without_secrets(week: GroupWeek) -> GroupWeek:
    """A member's week without what is theirs alone, and without every post that is hidden from anybody."""
    private = frozenset(post.id for post in week.board.posts if post.private)
    return replace(week, hidden=week.hidden | private, waiting=(), thanks=(), tally=Tally())


def _next(person: Person, at: datetime) -> Due:
    """The issue that is waiting to be sent, or the next that will be due."""
    unsent = select(DigestIssue).where(
        DigestIssue.person_id == person.id, DigestIssue.state.in_(WAITING), DigestIssue.asked_by_id.is_(None)
    )
    row = db.session.scalars(unsent.order_by(DigestIssue.window_until.desc()).limit(1)).first()
    if row is not None:
        return Due(row.id, person.id, row.window_from, row.window_until)
    plan = plan_of(person, db.session.get(DigestWish, person.id))
    if plan.rhythm is Rhythm.NEVER:
        raise Refusal(_("%(address)s has stopped the letter.", address=person.email))
    moment = plan.latest(at)
    for _number in range(MOMENTS):
        ours = and_(Person.id == person.id, Person.active)
        had_it = or_(DigestWish.changed_at.is_(None), DigestWish.changed_at <= moment)
        for people in finding.waiting(plan, moment, and_(ours, had_it)):
            for found in finding.issues(db.session(), plan, moment, people, at=at):
                if found["state"] is IssueState.DUE:
                    return Due(found["id"], person.id, found["window_from"], found["window_until"])
        moment = plan.following(moment)
    raise Refusal(_("%(address)s gets no letter: no group of theirs is in it.", address=person.email))
