"""What whoever runs the site says about it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from exchange.storage.db import Base


class TextKind(StrEnum):
    """Which of the pages that are open to everybody, also without an account."""

    PRIVACY = "privacy"
    IMPRINT = "imprint"
    RETENTION = "retention"


class SiteText(Base):
    """The operator's own words for one page, as Markdown. Without a row the usual words stand there."""

    __tablename__ = "site_text"

    kind: Mapped[TextKind] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(String(20_000))
    changed_at: Mapped[datetime]
