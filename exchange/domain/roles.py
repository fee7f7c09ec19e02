"""Who organises. Whenever that changes, the log says so in the same breath."""

from datetime import datetime

from sqlalchemy.orm import Session

from exchange import log
from exchange.storage.membership import Membership, MembershipState, Role

IN_THE_GROUP = frozenset({MembershipState.ACTIVE, MembershipState.SUSPENDED})


def organises(member: Membership) -> bool:
    """Whether the member is one of the organisers; one who is suspended stays one, and may do nothing meanwhile."""
    return member.role is Role.ORGANISER and member.state in IN_THE_GROUP


def changed(session: Session, member: Membership, *, before: bool, by: Membership | None, at: datetime) -> None:
    """Inside a running verb, last: record whether the member organises now, if it is otherwise than `before`.

    `by` is None where whoever operates the site did it.
    """
    if organises(member) is not before:
        role = Role.ORGANISER if organises(member) else Role.MEMBER
        log.record_role(session, member, role=role.value, by=by, at=at)
