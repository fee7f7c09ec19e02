"""Who hears of a decision: the member concerned always, and whoever invited them. Inside a running verb."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from exchange.domain import letters
from exchange.domain.desk import targets
from exchange.storage.desk import Act, Case, Decision, TargetKind
from exchange.storage.membership import Invitation, Membership, MembershipState

APPEAL_WITHIN = timedelta(days=20)
APPEALABLE = frozenset({Act.HIDE, Act.ASK_EDIT, Act.REMOVE, Act.WARN, Act.SUSPEND, Act.END})


def tell(session: Session, decision: Decision, *, final: bool, at: datetime) -> None:
    """The member concerned hears what was decided, why, and how to appeal; the inviter hears that it was so."""
    case = decision.case
    about = case.about
    appeals = decision.act in APPEALABLE and not final
    letters.tell(
        session,
        "decided",
        about,
        once=f"decision:{decision.id}",
        at=at,
        acts=[("appeal", decision.id)] if appeals else [],
        did=decision.act.value,
        of=case.kind.value,
        title=_title(session, case) or None,
        rule=decision.rule,
        why=decision.why,
        by=", ".join(names(decision)),
        suspended_until_at=decision.until,
        appeal_until_at=decision.at + APPEAL_WITHIN if appeals else None,
        path=letters.path(about.group, "decisions", decision.id),
    )
    if decision.act in APPEALABLE:
        _tell_inviter(session, decision, at)


def _title(session: Session, case: Case) -> str:
    if case.kind in {TargetKind.PROFILE, TargetKind.APPLICATION}:
        return ""
    target = targets.find(session, case.kind, case.target_id, case.group_id)
    return target.title if target else ""


def names(decision: Decision) -> list[str]:
    """The organisers who decided, by name."""
    return [member.name for member in (decision.by, decision.second) if member is not None]


def inviter(session: Session, member: Membership) -> Membership | None:
    """Whoever invited a member, while they are there."""
    found = (
        select(Membership)
        .join(Invitation, Invitation.invited_by_id == Membership.id)
        .where(
            Invitation.group_id == member.group_id,
            Invitation.email == member.person.email,
            Invitation.used_at.is_not(None),
            Membership.state == MembershipState.ACTIVE,
        )
    )
    return session.scalar(found.order_by(Invitation.id.desc()).limit(1))


def _tell_inviter(session: Session, decision: Decision, at: datetime) -> None:
    found = inviter(session, decision.case.about)
    if found is not None and found.id not in {decision.by_id, decision.second_id}:
        letters.tell(
            session,
            "invitee_moderated",
            found,
            once=f"decision:{decision.id}:inviter",
            at=at,
            name=decision.case.about.name,
            did=decision.act.value,
            path=letters.path(found.group, "decisions"),
        )
