"""Declared relations between two members."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from exchange.storage.db import Base
from exchange.storage.membership import Membership


class TieKind(StrEnum):
    """What connects the two. Others never see it: a client's name is a secret."""

    SAME_FIRM = "same_firm"
    FAMILY = "family"
    CLIENT = "client"
    BUSINESS_PARTNER = "business_partner"
    OTHER = "other"


class Tie(Base):
    """One side's declaration, which suffices; the other may answer it."""

    __tablename__ = "tie"
    __table_args__ = (
        CheckConstraint("from_id <> to_id", name="two_people"),
        Index(
            "uq_tie_one_declaration",
            "from_id",
            "to_id",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        Index("ix_tie_to", "to_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("group.id"), index=True)
    from_id: Mapped[int] = mapped_column(ForeignKey("membership.id"))
    to_id: Mapped[int] = mapped_column(ForeignKey("membership.id"))
    kind: Mapped[TieKind]
    declared_at: Mapped[datetime]
    agreed: Mapped[bool | None]
    answered_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]

    declarer: Mapped[Membership] = relationship(foreign_keys=from_id, lazy="joined", innerjoin=True)
    other: Mapped[Membership] = relationship(foreign_keys=to_id, lazy="joined", innerjoin=True)
