"""What somebody wishes of the weekly letter: how often, when, in which zone and language, and about which groups."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from exchange.digest.schedule import Plan
from exchange.domain import accounts
from exchange.domain.errors import BadInput
from exchange.storage.db import db, transaction
from exchange.storage.digest import DigestGroupWish, DigestWish, Rhythm
from exchange.storage.insert import insert_new
from exchange.storage.membership import Membership, MembershipState
from exchange.storage.person import Person

LONGEST_PAUSE = 12


@dataclass(frozen=True)
class Part:
    """One group of somebody's: whether the letter is about it, and whether its organisers may look at a preview."""

    membership: Membership
    on: bool
    previewed: bool


@dataclass(frozen=True)
class Wishes:
    """Everything that somebody can choose. `paused_until` lies ahead, or there is no pause."""

    plan: Plan
    language: str
    paused_until: datetime | None
    parts: list[Part]


def own(person: Person, *, at: datetime) -> Wishes:
    """What somebody wishes at a moment."""
    wish = db.session.get(DigestWish, person.id)
    paused = wish.paused_until if wish else None
    return Wishes(
        plan=plan_of(person, wish),
        language=person.language,
        paused_until=paused if paused and paused > at else None,
        parts=_parts(person.id),
    )


def plan_of(person: Person, wish: DigestWish | None) -> Plan:
    """When somebody's letters are due; on Mondays at eight for who has not chosen."""
    if wish is None:
        return Plan(zone=person.zone)
    return Plan(wish.rhythm, wish.weekday, wish.hour, person.zone)


def _parts(person_id: int) -> list[Part]:
    rows = db.session.execute(
        select(Membership, DigestGroupWish)
        .outerjoin(DigestGroupWish, DigestGroupWish.membership_id == Membership.id)
        .where(Membership.person_id == person_id, Membership.state == MembershipState.ACTIVE)
        .order_by(Membership.id)
    )
    return [Part(one, not (wish and wish.off), bool(wish and wish.previewed)) for one, wish in rows]


def choose(
    person_id: int,
    *,
    rhythm: str,
    weekday: int,
    hour: int,
    zone: str,
    language: str,
    pause: int | None,
    on: Collection[int],
    previewed: Collection[int],
    at: datetime,
) -> None:
    """Somebody chooses. `pause` is in weeks from now, 0 ends one, None leaves it as it is; `on` and `previewed` are
    ids of memberships. A new hour, weekday, zone or rhythm counts from now on.

    Raises BadInput for what cannot be chosen.
    """
    if rhythm not in set(Rhythm):
        raise BadInput(_("Choose one of the rhythms."), field="rhythm")
    if not 0 <= weekday <= 6:
        raise BadInput(_("Choose one of the days."), field="weekday")
    if not 0 <= hour <= 23:
        raise BadInput(_("Choose one of the hours."), field="hour")
    if pause is not None and not 0 <= pause <= LONGEST_PAUSE:
        raise BadInput(_("A pause lasts %(weeks)s weeks at most.", weeks=LONGEST_PAUSE), field="pause")
    accounts.check_zone(zone)
    with transaction() as session:
        person = session.get_one(Person, person_id, with_for_update={"of": Person}, populate_existing=True)
        wish = _wish(session, person_id)
        before = plan_of(person, wish)
        person.zone, person.language = zone, accounts.check_language(language, before=person.language)
        _plan(wish, before, Plan(Rhythm(rhythm), weekday, hour, zone), at)
        if pause is not None:
            wish.paused_until = at + timedelta(weeks=pause) if pause else None
        for part in _parts(person_id):
            _part(
                session, part.membership.id, off=part.membership.id not in on, previewed=part.membership.id in previewed
            )


def stop(person_id: int, *, at: datetime) -> Rhythm:
    """Somebody wishes no more letters, over all their groups; one that is on its way is stopped, too. How often they
    came so far.
    """
    return _change_rhythm(person_id, Rhythm.NEVER, at)


def start(person_id: int, *, at: datetime, before: str = "") -> None:
    """Somebody who wished none would like the letter again: daily if it was before, otherwise every week."""
    _change_rhythm(person_id, Rhythm.DAILY if before == Rhythm.DAILY else Rhythm.WEEKLY, at)


def moved(person_id: int, *, at: datetime) -> None:
    """Somebody has changed their zone: the hour in it counts from now on."""
    with transaction() as session:
        _wish(session, person_id).changed_at = at


def _change_rhythm(person_id: int, rhythm: Rhythm, at: datetime) -> Rhythm:
    """Begin or end the letters; what the rhythm was before."""
    with transaction() as session:
        wish = _wish(session, person_id)
        before = Plan(wish.rhythm, wish.weekday, wish.hour)
        if (before.rhythm is Rhythm.NEVER) != (rhythm is Rhythm.NEVER):
            _plan(wish, before, Plan(rhythm, wish.weekday, wish.hour), at)
    return before.rhythm


def _wish(session: Session, person_id: int) -> DigestWish:
    """Somebody's row, made with what holds for everybody where there is none; locked until the transaction ends."""
    insert_new(session, DigestWish, [{"person_id": person_id}])
    return session.get_one(DigestWish, person_id, with_for_update=True, populate_existing=True)


def _plan(wish: DigestWish, before: Plan, after: Plan, at: datetime) -> None:
    if before == after:
        return
    if before.rhythm is Rhythm.NEVER:
        wish.since = at
    wish.rhythm, wish.weekday, wish.hour, wish.changed_at = after.rhythm, after.weekday, after.hour, at


def _part(session: Session, membership_id: int, *, off: bool, previewed: bool) -> None:
    insert_new(session, DigestGroupWish, [{"membership_id": membership_id}])
    row = session.get_one(DigestGroupWish, membership_id, with_for_update=True, populate_existing=True)
    row.off, row.previewed = off, previewed
