"""Ties: what connects two members. One side's word suffices, and others see only that there is a tie."""

from collections.abc import Collection
from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import or_, select

from exchange.domain import letters
from exchange.domain.errors import BadInput, NotFound, NotYours, Refusal
from exchange.domain.members import acting
from exchange.storage.db import db, locked, transaction
from exchange.storage.membership import Membership, MembershipState
from exchange.storage.tie import Tie
from exchange.storage.tie import TieKind as TieKind


def declare(number: int, *, by: Membership, kind: TieKind, at: datetime) -> Tie:
    """A member declares a tie with another, who is told and may answer. Raises BadInput or Refusal."""
    with transaction() as session:
        acting(by)
        other = session.scalar(select(Membership).filter_by(group_id=by.group_id, number=number))
        if other is None or other.state is not MembershipState.ACTIVE:
            raise BadInput(_("Choose one of the members of this group."), field="member")
        if other.id == by.id:
            raise BadInput(_("A tie takes two people. Choose somebody else."), field="member")
        if session.scalar(select(Tie.id).filter_by(from_id=by.id, to_id=other.id, withdrawn_at=None)) is not None:
            raise Refusal(_("You have declared a tie with %(name)s already.", name=other.name), field="member")
        tie = Tie(group_id=by.group_id, declarer=by, other=other, kind=kind, declared_at=at)
        session.add(tie)
        session.flush()
        letters.tell(
            session,
            "tie_declared",
            other,
            once=f"tie:{tie.id}",
            at=at,
            name=by.name,
            path=letters.path(by.group, "ties"),
        )
    return tie


def answer(tie_id: int, *, by: Membership, agreed: bool, at: datetime) -> Tie:
    """The other side says whether it is so. It stands either way: one side's word suffices for standing aside."""
    with transaction():
        tie = _own(tie_id, by)
        if tie.to_id != by.id:
            raise NotYours(_("The other side answers this."))
        tie.agreed, tie.answered_at = agreed, at
    return tie


def withdraw(tie_id: int, *, by: Membership, at: datetime) -> Tie:
    """Whoever declared a tie says that it is over. Raises NotFound or NotYours."""
    with transaction():
        tie = _own(tie_id, by)
        if tie.from_id != by.id:
            raise NotYours(_("Only the person who declared it can withdraw it."))
        tie.withdrawn_at = at
    return tie


def _own(tie_id: int, by: Membership) -> Tie:
    acting(by)
    tie = locked(db.session(), Tie, tie_id, group_id=by.group_id)
    if tie is None or by.id not in {tie.from_id, tie.to_id} or tie.withdrawn_at is not None:
        raise NotFound(_("There is no such tie."))
    return tie


def mine(*, seen_by: Membership) -> list[Tie]:
    """The ties that the reader declared or is named in, newest first."""
    return list(
        db.session.scalars(
            select(Tie)
            .where(or_(Tie.from_id == seen_by.id, Tie.to_id == seen_by.id), Tie.withdrawn_at.is_(None))
            .order_by(Tie.declared_at.desc(), Tie.id.desc())
        )
    )


def tied_to(member: Membership, others: Collection[int]) -> set[int]:
    """Of some members, those with whom a tie stands, whoever declared it: all that others may know of it."""
    if not others:
        return set()
    rows = db.session.execute(
        select(Tie.from_id, Tie.to_id).where(
            Tie.withdrawn_at.is_(None),
            or_(
                (Tie.from_id == member.id) & Tie.to_id.in_(others),
                (Tie.to_id == member.id) & Tie.from_id.in_(others),
            ),
        )
    )
    return {to if source == member.id else source for source, to in rows}
