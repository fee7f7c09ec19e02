"""A suspension until a date ends by itself."""

from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from exchange.domain import leaving, letters
from exchange.storage.db import locked, transaction
from exchange.storage.desk import Act, Case, Decision
from exchange.storage.membership import Membership, MembershipState


def ending(at: datetime) -> Select[int]:
    """The suspended members whose last suspension that holds is over at a moment."""
    return select(Membership.id).where(
        Membership.state == MembershipState.SUSPENDED,
        _holding(Decision.until <= at).exists(),
        ~_holding(Decision.until > at).exists(),
    )


def _holding(condition: object) -> Select[int]:
    """Suspensions of a member of the surrounding query that nobody has taken back."""
    later = aliased(Decision)
    return (
        select(Decision.id)
        .join(Case, Case.id == Decision.case_id)
        .where(
            Case.about_id == Membership.id,
            Decision.act == Act.SUSPEND,
            ~select(later.id).where(later.replaces_id == Decision.id).exists(),
            condition,  # type: ignore[arg-type]  # a comparison of two columns is typed as a bool
        )
        .correlate(Membership)
    )


def over(member_id: int, *, at: datetime) -> bool:
    """The membership goes on, and the member hears of it. Returns whether it was time."""
    with transaction() as session:
        member = locked(session, Membership, member_id)
        if member is None or not _is_over(session, member_id, at):
            return False
        since = member.suspended_at
        leaving.go_on(session, member, at)
        letters.tell(
            session,
            "suspension_over",
            member,
            once=f"member:{member.id}:suspension_over:{since.isoformat() if since else ''}",
            at=at,
            path=letters.path(member.group),
        )
    return True


def _is_over(session: Session, member_id: int, at: datetime) -> bool:
    return session.scalar(ending(at).where(Membership.id == member_id)) is not None
