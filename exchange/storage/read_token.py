"""Tokens with which a person's programs read the logs of their groups."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from exchange.storage.db import Base
from exchange.storage.person import Person


class ReadToken(Base):
    """A key to the checkpoint and the tiles of every group that its owner is an active member of, and to nothing else.

    Only the SHA-256 of the token is kept, in hexadecimal. Of its use only the latest day is known.
    """

    __tablename__ = "read_token"
    __table_args__ = (CheckConstraint("length(token_hash) = 64", name="hash_is_sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    last_used_on: Mapped[date | None] = mapped_column(Date)
    revoked_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True)
