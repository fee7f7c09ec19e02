"""What all workers together keep to when they send: the pace, and the rest that a server needs."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from exchange.storage.db import Base


class MailPace(Base):
    """When the next e-mail may go: to one receiving domain, or to anybody where `name` is empty."""

    __tablename__ = "mail_pace"

    name: Mapped[str] = mapped_column(String(254), primary_key=True)
    next_at: Mapped[datetime]


class MailBreaker(Base):
    """A mail server that did not answer `failures` times in a row, and is left alone until then. One row at most."""

    __tablename__ = "mail_breaker"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    failures: Mapped[int] = mapped_column(default=0)
    until: Mapped[datetime | None]
    why: Mapped[str] = mapped_column(String(300), default="")
