"""Addresses that letters come back from."""

from datetime import datetime

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from exchange.storage.db import Base


class Suppression(Base):
    """An address from which letters came back. With `since` nothing but letters about the account goes there.

    `score` is what had gathered at `scored_at`; it fades. `why` is the status of the latest bounce, such as `5.1.1`.
    """

    __tablename__ = "suppression"
    __table_args__ = (
        CheckConstraint("email = lower(email)", name="email_in_lower_case"),
        CheckConstraint("score >= 0", name="a_score_is_never_below_nothing"),
    )

    email: Mapped[str] = mapped_column(String(254), primary_key=True)
    since: Mapped[datetime | None]
    why: Mapped[str] = mapped_column(String(12))
    score: Mapped[float] = mapped_column(default=0.0)
    scored_at: Mapped[datetime]
