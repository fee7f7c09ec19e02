"""Where somebody is signed in."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from exchange.storage.db import Base
from exchange.storage.person import Person


class SignIn(Base):
    """One browser in which a person is signed in, for as long as this row is there.

    The browser's cookie holds a key, of which only the SHA-256 is kept. Of the device only what its owner knows it by:
    no address, no version.
    """

    __tablename__ = "sign_in"
    __table_args__ = (CheckConstraint("length(key_hash) = 64", name="hash_is_sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    browser: Mapped[str] = mapped_column(String(30), default="")
    system: Mapped[str] = mapped_column(String(30), default="")
    made_at: Mapped[datetime]
    seen_at: Mapped[datetime]

    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True)
