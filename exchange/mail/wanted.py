"""A second look at the moment of sending: is this letter still for this person?"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from exchange.mail.kinds import MUST
from exchange.storage.letter import Letter
from exchange.storage.membership import Membership, MembershipState
from exchange.storage.suppression import Suppression

ENDED = "The account is not active any more."
LEFT = "not sent: no longer a member"
SUSPENDED = "not sent: suspended"
ARCHIVED = "not sent: the group is archived"
DELETED = "not sent: the group was deleted"
OFF = "not sent: switched off"
COMES_BACK = "not sent: letters to this address come back"
# Whoever has left must still hear that nobody waits for them.
ALSO_AFTERWARDS = frozenset({"no_longer"})


def why_not(session: Session, letter: Letter) -> str:
    """Why the letter must stay here, or nothing."""
    if letter.person is not None and not letter.person.active:
        return ENDED
    if letter.group is not None and letter.group.deleted_at is not None:
        return DELETED
    if letter.kind in MUST:
        return ""
    if session.scalar(select(Suppression.since).filter_by(email=letter.email)) is not None:
        return COMES_BACK
    if letter.person_id is None or letter.group_id is None:
        return ""
    membership = session.scalar(
        select(Membership)
        .filter_by(person_id=letter.person_id, group_id=letter.group_id)
        .execution_options(populate_existing=True)
    )
    if letter.group is not None and letter.group.archived_at is not None:
        return ARCHIVED
    return _why_not(membership, letter.kind)


def _why_not(membership: Membership | None, kind: str) -> str:
    if membership is None:
        return LEFT
    if membership.state is MembershipState.SUSPENDED:
        return SUSPENDED
    if membership.state is not MembershipState.ACTIVE and kind not in ALSO_AFTERWARDS:
        return LEFT
    return OFF if kind in membership.letters_off else ""
