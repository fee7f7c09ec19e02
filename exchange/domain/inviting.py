"""Inviting many at once: a list is read, looked through without sending anything, and sent by a second step."""

import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_babel import lazy_gettext as _
from sqlalchemy import Select, insert, select, update
from sqlalchemy.orm import Session

from exchange.domain import words
from exchange.domain.errors import BadInput
from exchange.domain.imports.table import Fault
from exchange.domain.invitations import LASTS, hashed, organising
from exchange.storage.db import db, transaction
from exchange.storage.insert import insert_new
from exchange.storage.letter import Letter, LetterState
from exchange.storage.membership import Invitation, Membership, MembershipState, Role
from exchange.storage.person import Person
from exchange.storage.suppression import Suppression

MOST = 10_000
AT_ONCE = 500
MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
BETWEEN = re.compile(r"[\s,;<>\"'()\[\]|]+")


@dataclass
class Looked:
    """What a list would do. Only `new` gets a letter.

    `twice` counts repetitions; `waiting` have an invitation already, `gone` have left or were removed, `stopped` are
    addresses that letters come back from, `wrong` are lines without an address that could be one.
    """

    new: list[str] = field(default_factory=list)
    members: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    wrong: list[Fault] = field(default_factory=list)
    twice: int = 0


def decoded(data: bytes) -> str:
    """The text of an uploaded file, whichever program wrote it. Raises BadInput for what is no text."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    if b"\0" in data:
        raise BadInput(_("This file is no text. Save the list as CSV, or paste it."), field="file")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")  # what spreadsheets write; addresses read the same


def look(text: str, *, by: Membership, at: datetime) -> Looked:
    """Who of a list is new, and who is not invited and why. Nothing is sent or changed.

    Raises NotYours for members, BadInput for an empty list, or one of more than 10,000 lines.
    """
    organising(by)
    found, looked = _read(text)
    looked.twice = len(found) - len(dict.fromkeys(found))
    _sort(db.session(), list(dict.fromkeys(found)), looked, by.group_id, at)
    return looked


def invite_all(text: str, *, by: Membership, at: datetime) -> int:
    """Invite whoever of the list is new at this moment, each by a letter. Returns how many.

    Raises NotYours for members, BadInput as `look` does.
    """
    with transaction() as session:
        organising(by)
        found, looked = _read(text)
        _sort(session, list(dict.fromkeys(found)), looked, by.group_id, at)
        return sum(_invite(session, batch, by, at) for batch in _batches(looked.new))


def _read(text: str) -> tuple[list[str], Looked]:
    lines = [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if len(lines) > MOST:
        raise BadInput(
            _("The list has %(count)s lines; %(most)s go at once.", count=f"{len(lines):,}", most=f"{MOST:,}"),
            field="text",
        )
    looked, found = Looked(), list[str]()
    for place, (number, line) in enumerate(lines):
        said = [word.removeprefix("mailto:") for word in BETWEEN.split(line) if "@" in word]
        if not said and place > 0:  # the first line may name the columns
            looked.wrong.append(Fault(number, str(_("There is no e-mail address in it."))))
        for word in said:
            try:
                found.append(_address(word.strip(".")))
            except BadInput as refusal:
                looked.wrong.append(Fault(number, str(refusal)))
    if not found and not looked.wrong:
        raise BadInput(_("There is no e-mail address in the list."), field="text")
    return found, looked


def _address(word: str) -> str:
    """More is asked than of a single address: nobody looks at each of ten thousand."""
    email = words.email(word)
    try:
        validate_email(email, check_deliverability=False)
    except EmailNotValidError:
        raise BadInput(_("“%(address)s” is not an e-mail address.", address=email[:80])) from None
    return email


def _sort(session: Session, emails: list[str], looked: Looked, group_id: int, at: datetime) -> None:
    for batch in _batches(emails):
        known = session.execute(
            select(Person.email, Membership.state)
            .join(Membership, Membership.person_id == Person.id)
            .where(Membership.group_id == group_id, Person.email.in_(batch))
        )
        states = {email: state for email, state in known}  # noqa: C416 (a row is no pair for mypy)
        waiting = set(session.scalars(_open(group_id, batch).where(Invitation.expires_at > at)))
        stopped = set(
            session.scalars(
                select(Suppression.email).where(Suppression.email.in_(batch), Suppression.since.is_not(None))
            )
        )
        for email in batch:
            _place(looked, email, states.get(email), waiting=email in waiting, stopped=email in stopped)


def _place(looked: Looked, email: str, state: MembershipState | None, *, waiting: bool, stopped: bool) -> None:
    if state in {MembershipState.ACTIVE, MembershipState.SUSPENDED}:
        looked.members.append(email)
    elif state in {MembershipState.LEFT, MembershipState.ENDED}:
        looked.gone.append(email)
    elif waiting:
        looked.waiting.append(email)
    elif stopped:
        looked.stopped.append(email)
    else:
        looked.new.append(email)


def _batches(emails: list[str]) -> Iterator[list[str]]:
    return (emails[start : start + AT_ONCE] for start in range(0, len(emails), AT_ONCE))


def _open(group_id: int, emails: Sequence[str]) -> Select[str]:
    return select(Invitation.email).where(
        Invitation.group_id == group_id,
        Invitation.email.in_(emails),
        Invitation.used_at.is_(None),
        Invitation.revoked_at.is_(None),
    )


def _invite(session: Session, emails: Sequence[str], by: Membership, at: datetime) -> int:
    """Invitations and their letters; somebody else may have invited one of them a moment ago."""
    run_out = (Invitation.group_id == by.group_id, Invitation.email.in_(emails), Invitation.expires_at <= at)
    still_open = (Invitation.used_at.is_(None), Invitation.revoked_at.is_(None))
    session.execute(update(Invitation).where(*run_out, *still_open).values(revoked_at=at))
    tokens = {hashed(token): token for token in (secrets.token_urlsafe(32) for _email in emails)}
    common = {"group_id": by.group_id, "role": Role.MEMBER, "invited_by_id": by.id, "created_at": at}
    rows = [
        {**common, "email": email, "token_hash": key, "expires_at": at + LASTS}
        for email, key in zip(emails, tokens, strict=True)
    ]
    insert_new(session, Invitation, rows)
    made = session.execute(
        select(Invitation.id, Invitation.email, Invitation.token_hash).where(Invitation.token_hash.in_(tokens))
    ).all()
    if made:
        session.execute(insert(Letter), list(_letters(made, tokens, by, at)))
        session.info["letters_written"] = True
    return len(made)


def _letters(made: Sequence[Any], tokens: dict[str, str], by: Membership, at: datetime) -> Iterator[dict[str, Any]]:
    for invitation_id, email, key in made:
        path, until = f"/join/{tokens[str(key)]}", (at + LASTS).isoformat()
        yield {
            "kind": "invitation",
            "email": email,
            "group_id": by.group_id,
            "once": f"invitation:{invitation_id}",
            "facts": {"inviter": by.name, "path": path, "until": until},
            "state": LetterState.DUE,
            "due_at": at,
            "created_at": at,
            "attempts": 0,
            "why_failed": "",
        }
