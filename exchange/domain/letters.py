"""Writing to the outbox, in the transaction of the change that is told. `exchange.mail` sends after the commit."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from exchange.storage.group import Group
from exchange.storage.letter import Letter, LetterState
from exchange.storage.membership import Membership

# Small things wait a little, so that several become one letter; `exchange.mail` binds them together.
SMALL = frozenset(
    {
        "answer",
        "cancelled",
        "confirmed",
        "corrected",
        "declined",
        "dropped_out",
        "lapsed",
        "no_longer",
        "not_me",
        "offer_over",
        "settled",
        "standby",
        "tie_declared",
    }
)
# What is told also to those who once switched it off, when that could be done.
ALWAYS = frozenset({"election"})
GATHER = timedelta(minutes=10)


def tell(
    session: Session,
    kind: str,
    to: Membership,
    *,
    once: str,
    at: datetime,
    acts: Sequence[tuple[str, int]] = (),
    **facts: Any,
) -> None:
    """Put a letter to a member into the outbox. `once` names the event, so that it is told once.

    `acts` are verbs that the letter lets the member do without signing in, each with the row it is about. A kind that
    the member has switched off is not written, nor anything to somebody who was forgotten.
    """
    if (kind in to.letters_off and kind not in ALWAYS) or to.erased_by_entry is not None:
        return
    session.add(
        Letter(
            kind=kind,
            email=to.person.email,
            person_id=to.person_id,
            group_id=to.group_id,
            once=once,
            facts=_plain(facts) | {"member": to.id, "acts": [list(act) for act in acts]},
            due_at=_gathered(session, to, at) if kind in SMALL else at,
            created_at=at,
        )
    )


def _gathered(session: Session, to: Membership, at: datetime) -> datetime:
    """When a small thing goes out: with those that wait for the same member already, or ten minutes from now."""
    waiting = select(func.min(Letter.due_at)).where(
        Letter.person_id == to.person_id,
        Letter.group_id == to.group_id,
        Letter.state == LetterState.DUE,
        Letter.kind.in_(SMALL),
        Letter.due_at > at,
    )
    return session.scalar(waiting) or at + GATHER


def tell_address(
    session: Session, kind: str, email: str, *, group: Group | None, once: str, at: datetime, **facts: Any
) -> None:
    """Put a letter to somebody who has no account yet into the outbox."""
    session.add(
        Letter(
            kind=kind,
            email=email,
            group_id=group.id if group else None,
            once=once,
            facts=_plain(facts),
            due_at=at,
            created_at=at,
        )
    )


def path(group: Group, *rest: str | int) -> str:
    """The address of a page of the group, from the root of the site."""
    return "/".join(["", "g", group.slug, *map(str, rest)])


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in facts.items()}
