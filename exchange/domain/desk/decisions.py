"""Decisions: what organisers do about a case, with the rule and the reason that everybody reads. Never changed."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from exchange import log
from exchange.domain import words
from exchange.domain.desk import effects, rules, telling
from exchange.domain.desk.opening import hand_over, latest, loaded, tell_free
from exchange.domain.desk.standing import Seat, not_close, seat
from exchange.domain.errors import NotFound, Refusal
from exchange.storage.db import transaction
from exchange.storage.desk import Act as Act
from exchange.storage.desk import Appeal, Case, CaseState, Decision, DecisionNote, Outcome, Proposal
from exchange.storage.membership import Membership
from exchange.storage.person import Person


@dataclass(frozen=True)
class Made:
    """A decision in words, before it is carried out."""

    act: Act
    rule: str
    why: str
    note: str = ""
    until: datetime | None = None
    replaces: Decision | None = None
    appeal: Appeal | None = None


class Before(Refusal):
    """Somebody decided a moment before, or the same person by a first click; `decision_id` is what they decided."""

    def __init__(self, decision: Decision, by: Membership | Person) -> None:
        names = ", ".join(telling.names(decision)) or str(_("The site’s administrator"))
        mine = {decision.by_id, decision.second_id} if isinstance(by, Membership) else {decision.administrator_id}
        said = _("You have decided this already: “%(why)s”", why=decision.why)
        theirs = _("%(name)s decided a moment before you: “%(why)s”", name=names, why=decision.why)
        super().__init__(said if by.id in mine else theirs)
        self.decision_id = decision.id


def decide(
    case_id: int,
    act: Act,
    *,
    by: Membership | Person,
    rule: int | None,
    why: str,
    at: datetime,
    note: str = "",
    until: datetime | None = None,
    in_round: int | None = None,
) -> Decision | None:
    """A free organiser decides a case, or the administrator one that was handed over. None: a second has to agree.

    `in_round` is the one that the deciding person read. A `Person` acts as the site's administrator.

    Raises NotFound, NotYours for whoever stands aside, BadInput without a rule, reason or date, Before (409) when
    somebody else has decided, Refusal for what cannot be decided about such a thing.
    """
    with transaction() as session:
        case = loaded(session, case_id, by)
        sits = seat(session, case, by, at)
        made = worded(session, case, act, rule=rule, why=why, note=note, until=until)
        still_open(session, case, by, in_round)
        if act in effects.ABOUT_THE_MEMBER:
            not_close(session, sits)
        effects.check(case, act, until, at, conflicted=sits.conflicted)
        if needs_second(case, act, sits):
            propose(session, case, made, sits, at)
            return None
        return carry_out(session, case, made, sits, at)


def worded(
    session: Session, case: Case, act: Act, *, rule: int | None, why: str, note: str, until: datetime | None
) -> Made:
    """The words of a decision, measured. Raises BadInput."""
    return Made(
        act,
        rules.chosen(session, case.group_id, rule),
        words.text(why, field="why", name=_("The reason"), most=words.NOTE, required=True),
        words.text(note, field="note", name=_("The note"), most=words.NOTE),
        until if act is Act.SUSPEND else None,
    )


def still_open(session: Session, case: Case, by: Membership | Person, in_round: int | None = None) -> None:
    """Raises Before when somebody has decided the round that was read."""
    if case.state is CaseState.OPEN and in_round in {None, case.round}:
        return
    earlier = latest(session, case)
    if earlier is not None:
        raise Before(earlier, by)
    raise Refusal(_("Nothing waits for a decision here any more."))


def needs_second(case: Case, act: Act, sits: Seat) -> bool:
    """Whether somebody else has to agree. Where no organiser is free, the administrator decides alone."""
    return effects.takes_two(case, act) and not sits.conflicted and bool(sits.standing.free)


def propose(session: Session, case: Case, made: Made, sits: Seat, at: datetime) -> Proposal:
    """Half of a decision; the other free organisers are told, or the administrator where there is none."""
    if session.scalar(select(Proposal.id).filter_by(case_id=case.id, ended_at=None)) is not None:
        raise Refusal(_("Somebody has proposed a decision a moment before you. Agree to it, or let it be."))
    proposal = Proposal(
        case_id=case.id,
        appeal_id=made.appeal.id if made.appeal else None,
        replaces_id=made.replaces.id if made.replaces else None,
        act=made.act,
        rule=made.rule,
        why=made.why,
        note=made.note,
        until=made.until,
        by_id=sits.by.id if sits.by else None,
        administrator_id=sits.administrator.id if sits.administrator else None,
        made_at=at,
    )
    session.add(proposal)
    session.flush()
    mine = sits.by.id if sits.by else 0
    tell_free(session, case, sits.standing, of="second", once=f"proposal:{proposal.id}", at=at, but=mine)
    if not [one for one in sits.standing.free if one.id != mine]:
        hand_over(session, case, at, made.appeal)
    return proposal


def carry_out(
    session: Session, case: Case, made: Made, sits: Seat, at: datetime, *, first: Proposal | None = None
) -> Decision:
    """Inside a running verb, last: it happens, the log records it, and who must hear of it is told.

    `first` is the proposal of the first of two people; `sits` is then the second.
    """
    since = made.appeal.made_at if made.appeal else case.opened_at
    _happens(session, case, made, at)
    decision = _recorded(session, case, made, sits, first, since, at)
    if made.note:
        session.add(DecisionNote(decision_id=decision.id, text=made.note))
    if made.appeal is not None:
        outcome = {Act.UPHOLD: Outcome.UPHELD, Act.RESTORE: Outcome.OVERTURNED}.get(made.act, Outcome.CHANGED)
        made.appeal.outcome, made.appeal.result_id, made.appeal.decided_at = outcome, decision.id, at
    telling.tell(session, decision, final=made.appeal is not None, at=at)
    if sits.conflicted:
        session.add(Appeal(decision_id=decision.id, made_at=at, handed_at=at))
    session.flush()
    return decision


def _happens(session: Session, case: Case, made: Made, at: datetime) -> None:
    """What was decided before is undone, what is decided now is done, and nothing waits any more."""
    if made.replaces is not None:
        effects.undo(session, made.replaces, at)
    if made.act not in {Act.UPHOLD, Act.RESTORE}:
        effects.do(session, case, made.act, at)
    if made.replaces is None and made.appeal is None:
        case.state, case.decided_at, case.claimed_by_id, case.claimed_until = CaseState.DECIDED, at, None, None
    for proposal in session.scalars(select(Proposal).filter_by(case_id=case.id, ended_at=None)):
        proposal.ended_at = at
    session.flush()


def _recorded(
    session: Session, case: Case, made: Made, sits: Seat, first: Proposal | None, since: datetime, at: datetime
) -> Decision:
    """The entry in the log, and the row beside it. Of two people the one who proposed stands first."""
    people = [one for one in (first.by if first else None, sits.by) if one is not None]
    administrator = sits.administrator.id if sits.administrator else first.administrator_id if first else None
    entry = log.record_decision(
        session,
        act=made.act.value,
        by=people,
        rule=made.rule,
        why=made.why,
        at=at,
        about=[case.about],
        withheld=["target"],
        group_id=case.group_id,
    )
    decision = Decision(
        group_id=case.group_id,
        case=case,
        round=case.round,
        act=made.act,
        rule=made.rule,
        why=made.why,
        by=people[0] if people else None,
        second=people[1] if len(people) > 1 else None,
        administrator_id=administrator,
        until=made.until,
        replaces_id=made.replaces.id if made.replaces else None,
        conflicted=sits.conflicted,
        asides=len(sits.standing.aside),
        since=since,
        entry=entry,
        at=at,
    )
    session.add(decision)
    session.flush()
    return decision


def reverse(decision_id: int, *, by: Membership | Person, why: str, at: datetime, note: str = "") -> Decision | None:
    """A free organiser takes a decision back, under the same rule: a new row, never an edit. None: a second agrees.

    Raises NotFound, NotYours, BadInput without a reason, Refusal while an appeal decides it or where nothing is left
    to take back, Before when it was replaced.
    """
    why = words.text(why, field="why", name=_("The reason"), most=words.NOTE, required=True)
    note = words.text(note, field="note", name=_("The note"), most=words.NOTE)
    with transaction() as session:
        found = session.get(Decision, decision_id)
        if found is None or (isinstance(by, Membership) and found.group_id != by.group_id):
            raise NotFound(_("There is no such decision."))
        case = loaded(session, found.case_id, by)
        sits = seat(session, case, by, at)
        not_close(session, sits)
        if found.act not in telling.APPEALABLE or sits.conflicted:
            raise Refusal(_("There is nothing to take back."))
        replaced = session.scalar(select(Decision).filter_by(replaces_id=found.id))
        if replaced is not None:
            raise Before(replaced, by)
        if session.scalar(select(Appeal.id).filter_by(decision_id=found.id, outcome=None)) is not None:
            raise Refusal(_("An appeal waits. Whoever decides it looks at this again."))
        made = Made(Act.RESTORE, found.rule, why, note, replaces=found)
        if needs_second(case, Act.RESTORE, sits):
            propose(session, case, made, sits, at)
            return None
        return carry_out(session, case, made, sits, at)
