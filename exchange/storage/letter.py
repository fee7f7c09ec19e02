"""The outbox: what people must be told, written with the change that caused it and sent after it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, event
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from exchange.storage.db import Base
from exchange.storage.group import Group
from exchange.storage.person import Person


class LetterState(StrEnum):
    """Where a letter stands on its way."""

    DUE = "due"
    LEASED = "leased"
    SENT = "sent"
    FAILED = "failed"


class Letter(Base):
    """One e-mail. `facts` holds what its template needs and is emptied when the letter has gone.

    `once` names the event that is told; a second letter about it to the same address is refused by the database.
    """

    __tablename__ = "letter"
    __table_args__ = (
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_has_a_date"),
        CheckConstraint("(state = 'leased') = (leased_until IS NOT NULL)", name="leased_has_an_end"),
        Index("ix_letter_waiting", "state", "due_at"),
        Index("uq_letter_once", "email", "once", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    email: Mapped[str] = mapped_column(String(254))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    group_id: Mapped[int | None] = mapped_column(ForeignKey("group.id"))
    once: Mapped[str] = mapped_column(String(80))
    facts: Mapped[dict[str, Any]]
    state: Mapped[LetterState] = mapped_column(default=LetterState.DUE)
    due_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    why_failed: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]

    person: Mapped[Person | None] = relationship(lazy="joined")
    group: Mapped[Group | None] = relationship(lazy="joined")


@event.listens_for(Session, "after_flush")
def _note(session: Session, _context: Any) -> None:
    """Remember on the session that there is something to send, so that somebody can wake the worker."""
    if any(isinstance(row, Letter) for row in session.new):
        session.info["letters_written"] = True
