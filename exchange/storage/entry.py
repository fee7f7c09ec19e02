"""The transparency log's tables, and the projection that pages read. Only `exchange.log` may import this.

The first six are the log itself; the names are those of `docs/log-format.md`. `LogEntry`, `LogPair`, `LogCount`
and what `exchange.storage.total` holds are a projection: they can be rebuilt from leaves and openings at any time, and
`exchange doctor` does.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from exchange.storage.db import Base
from exchange.storage.unchanged import OF_LOG, guard


class LogHead(Base):
    """One log: its name, how many entries it holds, and its frontier. The only row that two writers ever wait for.

    The frontier is the hashes of the perfect subtrees of the size's set bits, 32 bytes each, the biggest first. A log
    that had to begin anew has ended: the newest of the group, the only one that has not, goes on for it.
    """

    __tablename__ = "log_head"
    __table_args__ = (
        CheckConstraint("size >= 0", name="size_is_a_count"),
        CheckConstraint("(length(frontier) & 31) = 0", name="frontier_is_hashes"),
        Index(
            "uq_log_head_one_goes_on",
            "group_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    log_id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("group.id"), index=True)
    origin: Mapped[str] = mapped_column(String(200), unique=True)
    size: Mapped[int] = mapped_column(default=0)
    frontier: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    ended_at: Mapped[datetime | None]


class LogLeaf(Base):
    """The bytes of one entry, and their RFC 6962 leaf hash. Never changed, never taken out."""

    __tablename__ = "log_leaf"
    __table_args__ = (
        CheckConstraint("length(leaf) <= 65535", name="fits_a_bundle"),
        CheckConstraint("length(hash) = 32", name="hash_is_sha256"),
        CheckConstraint("idx >= 0", name="index_is_a_count"),
        {"sqlite_with_rowid": False},
    )

    log_id: Mapped[int] = mapped_column(ForeignKey("log_head.log_id"), primary_key=True)
    idx: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    leaf: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class LogNode(Base):
    """A perfect subtree of level 1 or more: its RFC 6962 hash. Written with its last leaf, and never changed."""

    __tablename__ = "log_node"
    __table_args__ = (
        CheckConstraint("length(hash) = 32", name="hash_is_sha256"),
        CheckConstraint("level >= 1 AND idx >= 0", name="place_is_above_the_leaves"),
        {"sqlite_with_rowid": False},
    )

    log_id: Mapped[int] = mapped_column(ForeignKey("log_head.log_id"), primary_key=True)
    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    idx: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class LogCheckpoint(Base):
    """What was signed about a log when it had so many entries: a signed note, once for each size."""

    __tablename__ = "log_checkpoint"
    __table_args__ = (CheckConstraint("size >= 1", name="size_is_not_nothing"),)

    log_id: Mapped[int] = mapped_column(ForeignKey("log_head.log_id"), primary_key=True)
    size: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    note: Mapped[str] = mapped_column(Text)
    signed_at: Mapped[datetime]


class LogOpening(Base):
    """What opens one salted digest of a leaf (an RFC 9901 disclosure). Deleting it makes the field unreadable."""

    __tablename__ = "log_opening"
    __table_args__ = (
        ForeignKeyConstraint(["log_id", "idx"], ["log_leaf.log_id", "log_leaf.idx"]),
        {"sqlite_with_rowid": False},
    )

    log_id: Mapped[int] = mapped_column(primary_key=True)
    idx: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    field: Mapped[str] = mapped_column(String(20), primary_key=True)
    disclosure: Mapped[str]


class LogOpeningSubject(Base):
    """Whom an opening tells about: when one of them is erased, the opening goes."""

    __tablename__ = "log_opening_subject"
    __table_args__ = (
        ForeignKeyConstraint(
            ["log_id", "idx", "field"],
            ["log_opening.log_id", "log_opening.idx", "log_opening.field"],
            ondelete="CASCADE",
        ),
        Index("ix_log_opening_subject_member", "member_id"),
        {"sqlite_with_rowid": False},
    )

    log_id: Mapped[int] = mapped_column(primary_key=True)
    idx: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    field: Mapped[str] = mapped_column(String(20), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("membership.id"), primary_key=True)


class LogEntry(Base):
    """One entry in readable form. The genesis leaf, which tells nothing of a group, has none.

    `what` is its free text: what the favor was, or why a correction or decision was made; `redacted_by` the entry that
    took this text out. `of` is the entry that a correction voids, that a redaction empties, or that another erasure of
    the same member goes on from. `told` holds what only some kinds tell, by field.
    """

    __tablename__ = "log_entry"
    __table_args__ = (
        ForeignKeyConstraint(["log_id", "idx"], ["log_leaf.log_id", "log_leaf.idx"]),
        Index("ix_log_entry_newest", "group_id", "idx"),
        Index("ix_log_entry_giver", "giver_id", "idx"),
        Index("ix_log_entry_receiver", "receiver_id", "idx"),
        Index("ix_log_entry_category", "group_id", "category", "idx"),
        # Nearly every entry is a favor: the others are found without reading past all of those.
        Index(
            "ix_log_entry_no_favor",
            "group_id",
            "idx",
            sqlite_where=text("kind <> 'favor'"),
            postgresql_where=text("kind <> 'favor'"),
        ),
        {"sqlite_with_rowid": False},
    )

    log_id: Mapped[int] = mapped_column(primary_key=True)
    idx: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    group_id: Mapped[int] = mapped_column(ForeignKey("group.id"))
    kind: Mapped[str] = mapped_column(String(20))
    day: Mapped[date] = mapped_column(Date)
    counts: Mapped[bool]
    giver_id: Mapped[int | None] = mapped_column(ForeignKey("membership.id"))
    receiver_id: Mapped[int | None] = mapped_column(ForeignKey("membership.id"))
    category: Mapped[str] = mapped_column(String(40), default="")
    what: Mapped[str] = mapped_column(default="")
    how: Mapped[str] = mapped_column(String(20), default="")
    tie: Mapped[bool] = mapped_column(default=False)
    withheld: Mapped[bool] = mapped_column(default=False)
    of: Mapped[int | None]
    voided_by: Mapped[int | None]
    redacted_by: Mapped[int | None]
    told: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class LogPart(Base):
    """Who made an entry that is no favor (`by`) and whom it is about (`target`); a forgotten member stays, nameless."""

    __tablename__ = "log_part"
    __table_args__ = (
        ForeignKeyConstraint(
            ["log_id", "idx"], ["log_entry.log_id", "log_entry.idx"], ondelete="CASCADE", onupdate="CASCADE"
        ),
        Index("ix_log_part_member", "member_id", "idx"),
        {"sqlite_with_rowid": False},
    )

    log_id: Mapped[int] = mapped_column(primary_key=True)
    idx: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    part: Mapped[str] = mapped_column(String(20), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("membership.id"), primary_key=True)


class LogPair(Base):
    """How many counted favors one member gave another, and the day of the latest."""

    __tablename__ = "log_pair"
    __table_args__ = (
        CheckConstraint("giver_id <> receiver_id", name="two_people"),
        Index("ix_log_pair_receiver", "receiver_id"),
        Index("ix_log_pair_group", "group_id"),
        {"sqlite_with_rowid": False},
    )

    giver_id: Mapped[int] = mapped_column(ForeignKey("membership.id"), primary_key=True)
    receiver_id: Mapped[int] = mapped_column(ForeignKey("membership.id"), primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("group.id"))
    count: Mapped[int]
    last: Mapped[date] = mapped_column(Date)


class LogCount(Base):
    """A member's counted favors, with how many different people on each side and in all, and the day of the first."""

    __tablename__ = "log_count"
    __table_args__ = (Index("ix_log_count_group", "group_id"),)

    member_id: Mapped[int] = mapped_column(ForeignKey("membership.id"), primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("group.id"))
    given: Mapped[int] = mapped_column(default=0)
    received: Mapped[int] = mapped_column(default=0)
    people_helped: Mapped[int] = mapped_column(default=0)
    people_helped_by: Mapped[int] = mapped_column(default=0)
    people: Mapped[int] = mapped_column(default=0)
    first: Mapped[date] = mapped_column(Date, server_default=text("'1970-01-01'"))


guard(LogLeaf.__table__, of=OF_LOG)
guard(LogNode.__table__, of=OF_LOG)
guard(LogCheckpoint.__table__, of=OF_LOG)
guard(LogOpening.__table__, verbs=("UPDATE",))
