"""Corrections: an entry is never edited; a correction voids it whole, and what is right is entered anew."""

from collections.abc import Sequence
from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from exchange import log
from exchange.domain import letters, words
from exchange.domain.errors import NotFound, NotYours, Refusal
from exchange.domain.favors import free_of_both, theirs
from exchange.domain.members import acting
from exchange.storage.db import locked, transaction
from exchange.storage.favor import Correction, CorrectionState, Favor, FavorState
from exchange.storage.membership import Membership, MembershipState


def propose(favor_id: int, *, by: Membership, why: str, at: datetime) -> Correction:
    """One side says that an entry is wrong; it is void once the other agrees.

    Raises NotFound, BadInput without a reason, Refusal when the entry does not stand or one is proposed already.
    """
    why = words.text(why, field="why", name=_("The reason"), most=words.NOTE, required=True)
    with transaction() as session:
        favor = theirs(session, favor_id, by)
        _stands(session, favor)
        other = favor.receiver if by.id == favor.giver_id else favor.giver
        if other.state is not MembershipState.ACTIVE:
            raise Refusal(_("The other side is no member any more. An organiser can correct the entry."))
        correction = Correction(
            group_id=favor.group_id, favor=favor, by=by, why=why, state=CorrectionState.PROPOSED, created_at=at
        )
        session.add(correction)
        session.flush()
        letters.tell(
            session,
            "correction_proposed",
            other,
            once=f"correction:{correction.id}",
            at=at,
            acts=[("agree_correction", correction.id)],
            name=by.name,
            title=favor.title,
            entry=favor.entry,
            why=why,
            path=letters.path(other.group, "favors", favor.id),
        )
    return correction


def agree(correction_id: int, *, by: Membership, at: datetime) -> Correction:
    """The other side agrees; the entry is void from now on. Raises NotFound, NotYours or Refusal."""
    with transaction() as session:
        correction, favor = _proposed(session, correction_id, by)
        correction.entry = log.record_correction(session, favor, by=[correction.by, by], why=correction.why, at=at)
        correction.state, correction.decided_at, favor.voided_by = CorrectionState.MADE, at, correction.entry
        _tell(session, favor, correction, [favor.giver, favor.receiver], at)
    return correction


def refuse(correction_id: int, *, by: Membership, at: datetime) -> Correction:
    """The other side says that the entry is right; it stays. Raises NotFound, NotYours or Refusal."""
    with transaction() as session:
        correction, _favor = _proposed(session, correction_id, by)
        correction.state, correction.decided_at = CorrectionState.REFUSED, at
    return correction


def correct(favor_id: int, *, by: Membership, why: str, at: datetime) -> Correction:
    """An organiser who is free of both voids an entry. Not a withheld one: organisers do not know whose it is.

    Raises NotFound, NotYours for anybody else, BadInput without a reason, Refusal when the entry does not stand.
    """
    why = words.text(why, field="why", name=_("The reason"), most=words.NOTE, required=True)
    with transaction() as session:
        acting(by)
        favor = locked(session, Favor, favor_id, group_id=by.group_id)
        if favor is None or favor.state is not FavorState.CONFIRMED or favor.withheld_by_id is not None:
            raise NotFound(_("There is no such entry."))
        if not free_of_both(favor, by, at):
            raise NotYours(_("An entry is corrected by both sides, or by an organiser who is close to neither."))
        drop_proposal(session, favor, at)
        _stands(session, favor)
        both = [favor.giver, favor.receiver]
        log.record_decision(
            session, act="corrected", by=[by], rule="correction", why=why, at=at, about=both, entry=favor.entry
        )
        index = log.record_correction(session, favor, by=[by], why=why, at=at)
        correction = Correction(
            group_id=favor.group_id,
            favor=favor,
            by=by,
            why=why,
            state=CorrectionState.MADE,
            entry=index,
            created_at=at,
            decided_at=at,
        )
        session.add(correction)
        favor.voided_by = index
        session.flush()
        _tell(session, favor, correction, both, at)
    return correction


def drop_proposal(session: Session, favor: Favor, at: datetime) -> None:
    """Inside a running verb: what was proposed needs no answer any more."""
    for proposed in session.scalars(select(Correction).filter_by(favor_id=favor.id, state=CorrectionState.PROPOSED)):
        proposed.state, proposed.decided_at = CorrectionState.REFUSED, at
    session.flush()


def _stands(session: Session, favor: Favor) -> None:
    if favor.state is not FavorState.CONFIRMED or favor.entry is None:
        raise Refusal(_("Only what stands in the log can be corrected."))
    if favor.voided_by is not None:
        raise Refusal(_("This entry was corrected already, and a correction cannot be corrected."))
    if session.scalar(select(Correction.id).filter_by(favor_id=favor.id, state=CorrectionState.PROPOSED)) is not None:
        raise Refusal(_("A correction of this entry waits for an answer already."))


def _proposed(session: Session, correction_id: int, by: Membership) -> tuple[Correction, Favor]:
    """A proposal and its favor, locked, for the side that did not make it."""
    acting(by)
    found = session.scalar(select(Correction.favor_id).filter_by(id=correction_id, group_id=by.group_id))
    favor = theirs(session, found, by) if found else None
    correction = locked(session, Correction, correction_id, group_id=by.group_id)
    if favor is None or correction is None:
        raise NotFound(_("There is no such favor."))
    if correction.by_id == by.id:
        raise NotYours(_("You have proposed it. The other side answers."))
    if correction.state is not CorrectionState.PROPOSED or favor.voided_by is not None:
        raise Refusal(_("This correction was answered already."))
    return correction, favor


def _tell(session: Session, favor: Favor, correction: Correction, to: Sequence[Membership], at: datetime) -> None:
    for member in to:
        letters.tell(
            session,
            "corrected",
            member,
            once=f"correction:{correction.id}:made",
            at=at,
            title=favor.title,
            entry=favor.entry,
            why=correction.why,
            path=letters.path(member.group, "favors", favor.id),
        )
