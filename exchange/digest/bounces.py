"""Letters that came back: reports of mail servers (RFC 3464) that reached the signed address of an issue.

Whatever else comes there, an answer from a holiday above all, is no bounce and says nothing about the address.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from email.utils import getaddresses

import structlog
from sqlalchemy import select

from exchange.config import Settings
from exchange.digest import suppression, verp
from exchange.storage.db import db, locked, transaction
from exchange.storage.digest import DigestIssue
from exchange.storage.person import Person

log = structlog.get_logger()

# Where a server writes down to whom it has delivered.
TO = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To")
LARGEST = 2**63 - 1
CAME_BACK = frozenset({"failed", "delayed"})
_STATUS = re.compile(r"^\s*([245]\.\d{1,3}\.\d{1,3})")
_CODE = re.compile(r"\b([45]\d\d)\b")


@dataclass(frozen=True)
class Bounce:
    """An issue that came back, and the status with which it did, such as 5.1.1 (RFC 3463)."""

    issue_id: int
    status: str


@dataclass
class Read:
    """How many e-mails were read, how many were bounces of ours, and how many addresses get no more letters."""

    read: int = 0
    bounces: int = 0
    suppressed: int = 0


def read(contents: Iterable[bytes], *, settings: Settings, at: datetime) -> Read:
    """Take in what came back, one e-mail after the other. An issue counts once, however often it comes back."""
    done = Read()
    for content in contents:
        done.read += 1
        bounce = bounce_in(content, settings=settings)
        if bounce is not None:
            done.bounces += 1
            done.suppressed += _take_in(bounce, at)
    return done


def bounce_in(content: bytes, *, settings: Settings) -> Bounce | None:
    """The bounce that an e-mail reports; None for anything else, and for an address that was not signed here."""
    try:
        addresses, statuses = _said(content)
    except Exception as error:  # anybody can write to that box, and the next one shall be read all the same
        log.warning("an e-mail in the box of bounces cannot be read", error=type(error).__name__)
        return None
    found = (verp.issue_of(settings, address, email_of) for address in addresses)
    issue_id = next((number for number in found if number is not None), None) if statuses else None
    return None if issue_id is None else Bounce(issue_id, max(statuses))


def _said(content: bytes) -> tuple[list[str], list[str]]:
    """To whom an e-mail went, and the statuses that it reports. The newer way to read one fails at a bent header."""
    message = message_from_bytes(content, policy=compat32)
    to = getaddresses([str(said) for name in TO for said in message.get_all(name, [])])
    statuses = [status for block in _recipients(message) if (status := _status(block))]
    return [address for _name, address in to], statuses


def email_of(issue_id: int) -> str:
    """The address of an issue's reader; empty where there is no such issue."""
    reader = select(Person.email).join(DigestIssue, DigestIssue.person_id == Person.id)
    found = db.session.scalar(reader.where(DigestIssue.id == issue_id)) if issue_id <= LARGEST else None
    db.session.rollback()
    return found or ""


def _recipients(message: Message) -> Iterator[Message]:
    """The blocks of a report that are about a recipient."""
    if message.get_content_type() != "multipart/report":
        return
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status" and part.is_multipart():
            for block in part.get_payload():
                if isinstance(block, Message) and block.get("Action"):
                    yield block


def _status(block: Message) -> str:
    """The status of one recipient, if the letter did not reach them; the one that says more, if there are two."""
    if str(block["Action"]).strip().lower() not in CAME_BACK:
        return ""
    found = _STATUS.match(str(block.get("Status", "")))
    if found and not found[1].endswith(".0.0"):
        return found[1]
    diagnostic = str(block.get("Diagnostic-Code", ""))
    code = _CODE.search(diagnostic)
    if code:
        return suppression.status_in(int(code[1]), diagnostic)
    return found[1] if found else ""


def _take_in(bounce: Bounce, at: datetime) -> bool:
    """Note it on the issue; whether its address gets no more letters from now on."""
    with transaction() as session:
        issue = locked(session, DigestIssue, bounce.issue_id)
        if issue is None or issue.bounced == bounce.status or (issue.bounced and bounce.status not in suppression.GONE):
            return False
        issue.bounced = bounce.status
        email = session.get_one(Person, issue.person_id).email
        return suppression.note(session, email, bounce.status, at=at)
