"""What all members read of decisions, and what one reads of those about oneself."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from statistics import median

from flask_babel import lazy_gettext as _
from sqlalchemy import func, or_, select, union
from sqlalchemy.orm import Session, aliased

from exchange.domain import roles
from exchange.domain.desk import edits, effects, targets, telling
from exchange.domain.desk.rows import Figures, Mine, OrganiserFigures, PublicPage, PublicRow
from exchange.domain.desk.standing import organisers
from exchange.domain.errors import NotFound
from exchange.storage.db import db
from exchange.storage.desk import Act, Appeal, Decision, Outcome
from exchange.storage.desk import TargetKind as TargetKind
from exchange.storage.membership import Membership
from exchange.storage.policy import PutAway

PAGE = 30
YEAR = timedelta(days=365)
CHANGED = frozenset({Outcome.OVERTURNED, Outcome.CHANGED})


def public(*, seen_by: Membership, at: datetime, page: int = 1) -> PublicPage:
    """The decisions of the reader's group, newest first, and the figures of the last twelve months."""
    session = db.session()
    total = session.scalar(select(func.count()).select_from(Decision).filter_by(group_id=seen_by.group_id)) or 0
    pages = max(1, -(-total // PAGE))
    page = min(max(page, 1), pages)
    found = session.scalars(
        select(Decision)
        .filter_by(group_id=seen_by.group_id)
        .order_by(Decision.id.desc())
        .offset((page - 1) * PAGE)
        .limit(PAGE)
    ).all()
    appeals = _appeals(session, found)
    before, after = _chain(session, [one.id for one in found])
    rows = [_row(one, appeals.get(one.id), before.get(one.id), after.get(one.id)) for one in found]
    return PublicPage(rows, _figures(session, seen_by.group_id, at), page, pages)


def _appeals(session: Session, decisions: Sequence[Decision]) -> dict[int, Appeal]:
    found = select(Appeal).where(Appeal.decision_id.in_([one.id for one in decisions]))
    return {one.decision_id: one for one in session.scalars(found)}


def _chain(session: Session, ids: Sequence[int]) -> tuple[dict[int, int], dict[int, int]]:
    """Of some decisions by id, the entry of the one that each takes back or upholds, and of the one that came after."""
    first, later = aliased(Decision), aliased(Decision)
    taken_back = select(first.id, first.entry, later.id, later.entry).join(later, later.replaces_id == first.id)
    upheld = (
        select(first.id, first.entry, later.id, later.entry)
        .join(Appeal, Appeal.decision_id == first.id)
        .join(later, later.id == Appeal.result_id)
    )
    ours = or_(first.id.in_(ids), later.id.in_(ids))
    rows = session.execute(union(taken_back.where(ours), upheld.where(ours))).all()
    return {row[2]: row[1] for row in rows}, {row[0]: row[3] for row in rows}


def _row(one: Decision, again: Appeal | None, of: int | None, then: int | None) -> PublicRow:
    return PublicRow(
        id=one.id,
        at=one.at,
        by=telling.names(one),
        administrator=one.administrator_id is not None,
        act=one.act,
        rule=one.rule,
        why=one.why,
        about_organiser=roles.organises(one.case.about),
        until=one.until,
        asides=one.asides,
        conflicted=one.conflicted,
        appealed=again is not None,
        outcome=again.outcome if again else None,
        of=of,
        then=then,
        entry=one.entry,
    )


def _figures(session: Session, group_id: int, at: datetime) -> Figures:
    found = session.scalars(select(Decision).filter_by(group_id=group_id).where(Decision.at > at - YEAR)).all()
    appeals = _appeals(session, found)
    own = {member.id: member for member in organisers(session, group_id)}
    own |= {member.id: member for one in found for member in (one.by, one.second) if member is not None}
    by_name = sorted(own.values(), key=lambda member: (member.name, member.number))
    first = [one for one in found if one.act not in {Act.UPHOLD, Act.RESTORE}]
    return Figures(
        decisions=len(found),
        overturned=sum(_overturned(appeals.get(one.id)) for one in found),
        appealed=sum(one.id in appeals for one in found),
        took=_took(first),
        organisers=[_of(member, found, appeals) for member in by_name],
    )


def _of(member: Membership, found: Sequence[Decision], appeals: dict[int, Appeal]) -> OrganiserFigures:
    theirs = [one for one in found if member.id in {one.by_id, one.second_id}]
    return OrganiserFigures(
        member.name, len(theirs), sum(_overturned(appeals.get(one.id)) for one in theirs), _took(theirs)
    )


def _overturned(again: Appeal | None) -> bool:
    return again is not None and again.outcome in CHANGED


def _took(decisions: Sequence[Decision]) -> timedelta | None:
    spans = [(one.at - one.since).total_seconds() for one in decisions]
    return timedelta(seconds=median(spans)) if spans else None


def mine(*, seen_by: Membership, at: datetime) -> list[Mine]:
    """The decisions about the reader, newest first, for their eyes only."""
    return [_mine(one, again, at) for one, again in _about(seen_by)]


def about_post(post_id: int, *, seen_by: Membership, at: datetime) -> Mine | None:
    """The decision that took a post of the reader's off the pages."""
    found = (one for one in mine(seen_by=seen_by, at=at) if one.target_id == post_id)
    return next((one for one in found if one.kind in targets.POSTS and one.act in effects.TAKE_OFF), None)


def resting(kinds: Collection[TargetKind], target_id: int, *, seen_by: Membership, at: datetime) -> Mine | None:
    """The decision by which words of the reader's are put away now, in an answer, thanks, a favor or their page."""
    found = (one for one in mine(seen_by=seen_by, at=at) if one.target_id == target_id and one.kind in kinds)
    return next((one for one in found if db.session.get(PutAway, one.case_id) and one.act in effects.TAKE_OFF), None)


def one_of_mine(decision_id: int, *, seen_by: Membership, at: datetime) -> Mine:
    """One decision about the reader, also for who is suspended or was removed. Raises NotFound for anybody else's."""
    found = next((pair for pair in _about(seen_by) if pair[0].id == decision_id), None)
    if found is None:
        raise NotFound(_("There is no such decision."))
    return _mine(*found, at)


def _about(reader: Membership) -> list[tuple[Decision, Appeal | None]]:
    session = db.session()
    statement = select(Decision).where(Decision.case.has(about_id=reader.id)).order_by(Decision.id.desc())
    found = session.scalars(statement).all()
    appeals = _appeals(session, found)
    return [(one, appeals.get(one.id)) for one in found]


def _mine(one: Decision, again: Appeal | None, at: datetime) -> Mine:
    session = db.session()
    until = one.at + telling.APPEAL_WITHIN
    replaced = session.scalar(select(Decision.id).filter_by(replaces_id=one.id))
    on_appeal = session.scalar(select(Appeal.id).filter_by(result_id=one.id))
    final = replaced is not None or on_appeal is not None
    return Mine(
        id=one.id,
        act=one.act,
        rule=one.rule,
        why=one.why,
        by=", ".join(telling.names(one)),
        at=one.at,
        until=one.until,
        appeal_until=until,
        may_appeal=one.act in telling.APPEALABLE and again is None and at <= until and not final,
        appealed=again is not None,
        outcome=again.outcome if again else None,
        case_id=one.case_id,
        kind=one.case.kind,
        target_id=one.case.target_id,
        may_edit=one.act is Act.ASK_EDIT and edits.may_edit(one.case),
    )
