"""What members are told about a deletion. Called inside a running verb; one statement writes the letters of a group."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, String, cast, insert, literal, select
from sqlalchemy.orm import Session

from exchange.domain.letters import path
from exchange.storage.deletion import Deletion
from exchange.storage.group import Group
from exchange.storage.letter import Letter, LetterState
from exchange.storage.membership import Membership, MembershipState, Role
from exchange.storage.person import Person

THERE = (MembershipState.ACTIVE, MembershipState.SUSPENDED)


def proposed(
    session: Session, made: Deletion, by: Membership, *, to_administrator: bool, until: datetime, at: datetime
) -> None:
    """Everybody hears who wants it, until when they can take along what is theirs, and who can call it off."""
    group = by.group
    facts = {
        "name": by.name,
        "group_name": group.name,
        "until": until.isoformat(),
        "path": path(group, "settings", "delete"),
        "log_path": path(group, "log", "download"),
        "data_path": "/me/data",
    }
    once = f"deletion:{made.id}:proposed"
    organises = (Membership.role == Role.ORGANISER) & (Membership.state == MembershipState.ACTIVE)
    for part, who in (("organiser", organises), ("member", ~organises)):
        there = _members(group, who, Membership.id != by.id)
        _write(session, "deletion_proposed", facts | {"part": part}, group=group, to=there, once=once, at=at)
    if to_administrator:
        facts |= {"part": "administrator", "path": f"/groups/{group.slug}/delete"}
        # A group's number is never given again, but a deletion's may be.
        once = f"deletion:{group.id}:{int(at.timestamp())}"
        there = select(Person.id).where(Person.is_administrator, Person.id != by.person_id)
        _write(session, "deletion_proposed", facts, group=None, to=there, once=once, at=at)


def called_off(session: Session, found: Deletion, by: Membership, *, at: datetime) -> None:
    """Everybody hears that the group stays."""
    facts = {"name": by.name, "path": path(by.group)}
    there = _members(by.group, Membership.id != by.id)
    once = f"deletion:{found.id}:off"
    _write(session, "deletion_called_off", facts, group=by.group, to=there, once=once, at=at)


def deleted(session: Session, found: Deletion, *, second: str | None, entries: int, code: str, at: datetime) -> None:
    """Everybody hears who deleted it, and what stays. `second` is empty for the site's administrator."""
    group = found.group
    facts = {
        "group_name": group.name,
        "name": found.by.name,
        "second": second,
        "entries": entries,
        "code": code,
        "path": path(group),
    }
    _write(session, "group_deleted", facts, group=None, to=_members(group), once=f"deleted:{group.slug}", at=at)


def _members(group: Group, *which: ColumnElement[bool]) -> Select[int]:
    return select(Membership.person_id).where(Membership.group_id == group.id, Membership.state.in_(THERE), *which)


def _write(
    session: Session,
    kind: str,
    facts: dict[str, Any],
    *,
    group: Group | None,
    to: Select[int],
    once: str,
    at: datetime,
) -> None:
    """A letter to each of these people; `group` is left out where the letter outlives it."""
    values: dict[str, Any] = {
        "kind": literal(kind, String),
        "email": Person.email,
        "person_id": Person.id,
        "group_id": cast(literal(group.id if group else None), Integer),
        "once": literal(once, String),
        "facts": literal(facts, Letter.facts.type),
        "state": literal(LetterState.DUE, Letter.state.type),
        "due_at": literal(at, Letter.due_at.type),
        "attempts": literal(0),
        "why_failed": literal("", String),
        "created_at": literal(at, Letter.created_at.type),
    }
    found = select(*values.values()).where(Person.id.in_(to), Person.active)
    session.execute(insert(Letter).from_select(list(values), found, include_defaults=False))
    session.info["letters_written"] = True
