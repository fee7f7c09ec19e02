"""The second of two people: agreeing to what another proposed, or letting it be."""

from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from exchange.domain.desk import effects
from exchange.domain.desk.decisions import Made, carry_out, still_open
from exchange.domain.desk.opening import loaded, proposed
from exchange.domain.desk.standing import Seat, not_close, seat
from exchange.domain.errors import NotFound, NotYours, Refusal
from exchange.storage.db import locked, transaction
from exchange.storage.desk import Act, Appeal, Case, Decision, Proposal
from exchange.storage.membership import Membership
from exchange.storage.person import Person


def agree(proposal_id: int, *, by: Membership | Person, at: datetime) -> Decision:
    """A second person agrees to what was proposed, and it happens.

    Raises NotFound, NotYours for whoever stands aside or proposed it, Refusal when it was answered already, when who
    proposed it is not free any more, or when it can be done no more.
    """
    with transaction() as session:
        proposal, case, appeal = _loaded(session, proposal_id, by)
        sits = _second(session, proposal, case, by, at, appeal)
        if proposed(proposal, by):
            raise NotYours(_("This takes two people. Somebody else has to agree."))
        if proposal.by_id is not None and proposal.by_id not in {one.id for one in sits.standing.free}:
            raise Refusal(_("Who proposed this stands aside now. Let it be, and propose it anew."))
        replaces = session.get(Decision, proposal.replaces_id) if proposal.replaces_id else None
        if replaces is None and appeal is None:
            still_open(session, case, by)
        if proposal.act not in {Act.UPHOLD, Act.RESTORE}:
            effects.check(case, proposal.act, proposal.until, at, conflicted=False, again=appeal is not None)
        made = Made(proposal.act, proposal.rule, proposal.why, proposal.note, proposal.until, replaces, appeal)
        return carry_out(session, case, made, sits, at, first=proposal)


def let_be(proposal_id: int, *, by: Membership | Person, at: datetime) -> Proposal:
    """Whoever may agree says no, or who proposed it takes it back; the case waits again.

    Raises NotFound or NotYours.
    """
    with transaction() as session:
        proposal, case, appeal = _loaded(session, proposal_id, by)
        if not proposed(proposal, by):
            _second(session, proposal, case, by, at, appeal)
        proposal.ended_at = at
    return proposal


def _second(
    session: Session, proposal: Proposal, case: Case, by: Membership | Person, at: datetime, appeal: Appeal | None
) -> Seat:
    """The seat of whoever may agree or let it be: nobody who ought to stand aside, however long the case waits."""
    sits = seat(session, case, by, at, appeal)
    if sits.conflicted:
        raise NotYours(_("You are close to somebody in this case, so you neither agree nor let it be."))
    if not may_answer(proposal, sits):
        not_close(session, sits)
    return sits


def may_answer(proposal: Proposal, sits: Seat) -> bool:
    """Whether whoever takes this seat may agree or let it be, unless they have proposed it themself."""
    goes_beyond = proposal.act in {*effects.ABOUT_THE_MEMBER, Act.RESTORE}
    return not sits.conflicted and not (goes_beyond and sits.close)


def _loaded(session: Session, proposal_id: int, by: Membership | Person) -> tuple[Proposal, Case, Appeal | None]:
    found = session.get(Proposal, proposal_id)
    if found is None:
        raise NotFound(_("There is no such proposal."))
    case = loaded(session, found.case_id, by)
    proposal = locked(session, Proposal, found.id)
    assert proposal is not None  # noqa: S101 (rows of it are never deleted)
    appeal = locked(session, Appeal, proposal.appeal_id) if proposal.appeal_id else None
    if proposal.ended_at is not None:
        raise Refusal(_("This was answered a moment before you."))
    return proposal, case, appeal
