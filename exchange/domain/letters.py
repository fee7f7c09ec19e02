"""Writing to the outbox, in the transaction of the change that is told. `exchange.mail` sends after the commit."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from exchange.storage.group import Group
from exchange.storage.letter import Letter
from exchange.storage.membership import Membership


def tell(session: Session, kind: str, to: Membership, *, once: str, at: datetime, **facts: Any) -> None:
    """Put a letter to a member into the outbox. `once` names the event, so that it is told once."""
    session.add(
        Letter(
            kind=kind,
            email=to.person.email,
            person_id=to.person_id,
            group_id=to.group_id,
            once=once,
            facts=_plain(facts),
            due_at=at,
            created_at=at,
        )
    )


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
