"""What a decision does, and how it is undone. Everything here runs inside a verb."""

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from exchange.domain import leaving, roles
from exchange.domain.desk import targets
from exchange.domain.desk.holding import TAKE_OFF as TAKE_OFF
from exchange.domain.desk.holding import another_holds
from exchange.domain.desk.targets import POSTS
from exchange.domain.errors import BadInput, NotFound, Refusal
from exchange.storage.db import locked
from exchange.storage.desk import Act, Case, Decision, TargetKind
from exchange.storage.membership import Membership, MembershipState
from exchange.storage.post import Post

ABOUT_THE_MEMBER = (Act.WARN, Act.SUSPEND, Act.END)
ACTS: dict[TargetKind, tuple[Act, ...]] = {
    TargetKind.POST: (Act.DISMISS, Act.ASK_EDIT, Act.HIDE, Act.REMOVE, *ABOUT_THE_MEMBER),
    TargetKind.HELD_POST: (Act.ASK_EDIT, Act.HIDE, Act.REMOVE, *ABOUT_THE_MEMBER),
    TargetKind.ANSWER: (Act.DISMISS, Act.ASK_EDIT, Act.HIDE, Act.REMOVE, *ABOUT_THE_MEMBER),
    TargetKind.THANKS: (Act.DISMISS, Act.ASK_EDIT, Act.HIDE, Act.REMOVE, *ABOUT_THE_MEMBER),
    TargetKind.PROFILE: (Act.DISMISS, Act.ASK_EDIT, Act.HIDE, Act.REMOVE, *ABOUT_THE_MEMBER),
    TargetKind.FAVOR: (Act.DISMISS, Act.HIDE, *ABOUT_THE_MEMBER),
}
TWO_PEOPLE = frozenset({Act.SUSPEND, Act.END})
LONGEST = timedelta(days=365)
LONGEST_IF_CONFLICTED = timedelta(days=7)
CAN_BE_UNDONE = frozenset({Act.HIDE, Act.SUSPEND})


def possible(case: Case, *, conflicted: bool) -> list[Act]:
    """What can be decided about a thing of this kind, mildest first."""
    acts = ACTS.get(case.kind, ())
    states = {Act.SUSPEND: {MembershipState.ACTIVE}, Act.END: {MembershipState.ACTIVE, MembershipState.SUSPENDED}}
    fitting = [act for act in acts if case.about.state in states.get(act, set(MembershipState))]
    return [act for act in fitting if not conflicted or act in CAN_BE_UNDONE]


def takes_two(case: Case, act: Act) -> bool:
    """Whether two people decide it: whatever concerns an organiser, and what keeps a member out."""
    return act in TWO_PEOPLE or roles.organises(case.about)


def check(case: Case, act: Act, until: datetime | None, at: datetime, *, conflicted: bool, again: bool = False) -> None:
    """Raises Refusal or BadInput for what cannot be decided. `again`: what was decided before is undone first."""
    if act not in (ACTS.get(case.kind, ()) if again else possible(case, conflicted=conflicted)):
        if conflicted:
            raise Refusal(_("You are close to somebody in this case, so only what can be undone is possible."))
        raise Refusal(_("This cannot be decided about such a thing."), field="act")
    if act is not Act.SUSPEND:
        return
    longest = LONGEST_IF_CONFLICTED if conflicted else LONGEST
    if until is None or until <= at:
        raise BadInput(_("Choose a day to come, on which the membership goes on."), field="until")
    if until > at + longest:
        raise BadInput(_("That is too long: %(days)s days at most.", days=longest.days), field="until")


def do(session: Session, case: Case, act: Act, at: datetime) -> None:
    """Let it come about."""
    if act is Act.SUSPEND or act is Act.END:
        member = _member(session, case)
        if leaving.last_organiser(session, member):
            raise Refusal(_("There is no other organiser. Somebody else has to become one before."))
        (leaving.rest if act is Act.SUSPEND else leaving.put_out)(session, member, at)
        return
    target = targets.find(session, case.kind, case.target_id, case.group_id, lock=True)
    if target is None:
        raise NotFound(_("It is gone already."))
    if act in TAKE_OFF:
        targets.take_off(session, case, target, at, for_good=act is Act.REMOVE)
    elif case.kind is TargetKind.HELD_POST and isinstance(target.row, Post):
        targets.show_again(session, target.row, at)


def undo(session: Session, decision: Decision, at: datetime) -> None:
    """Bring back what an earlier decision took, as far as it can be brought back and no later one took it again."""
    if another_holds(session, decision, at):
        return
    case = decision.case
    if decision.act in TWO_PEOPLE:
        member = _member(session, case)
        if decision.act is Act.SUSPEND and member.state is MembershipState.SUSPENDED:
            leaving.go_on(session, member, at)
        elif decision.act is Act.END and member.state is MembershipState.ENDED and member.erased_by_entry is None:
            member.state = MembershipState.ACTIVE
            session.flush()
        return
    target = targets.find(session, case.kind, case.target_id, case.group_id, lock=True)
    if target is not None and decision.act in TAKE_OFF:
        targets.bring_back(session, case, target, at)


def _member(session: Session, case: Case) -> Membership:
    member = locked(session, Membership, case.about_id)
    if member is None:
        raise NotFound(_("There is no such member."))
    return member


__all__ = ["ACTS", "POSTS", "check", "do", "possible", "takes_two", "undo"]
