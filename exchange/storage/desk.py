"""What organisers decide: cases and their reports, decisions that never change, appeals, and who stands aside."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from exchange.storage.db import Base
from exchange.storage.membership import Membership
from exchange.storage.person import Person
from exchange.storage.unchanged import OF_GROUP, guard


class TargetKind(StrEnum):
    """What a case is about. `target_id` is the row's id, for a profile and an application the membership's."""

    POST = "post"
    ANSWER = "answer"
    THANKS = "thanks"
    PROFILE = "profile"
    FAVOR = "favor"
    HELD_POST = "held_post"
    APPLICATION = "application"
    DISPUTE = "dispute"


class CaseState(StrEnum):
    """Whether a case waits for a decision."""

    OPEN = "open"
    DECIDED = "decided"


class Act(StrEnum):
    """What is decided. `restore` and `uphold` are decisions about an earlier one."""

    DISMISS = "dismiss"
    HIDE = "hide"
    ASK_EDIT = "ask_edit"
    REMOVE = "remove"
    WARN = "warn"
    SUSPEND = "suspend"
    END = "end"
    RESTORE = "restore"
    UPHOLD = "uphold"


class Outcome(StrEnum):
    """What came of an appeal."""

    UPHELD = "upheld"
    OVERTURNED = "overturned"
    CHANGED = "changed"


class Case(Base):
    """What is wrong with one thing, once: a report after a decision opens the next round of the same case.

    `about_id` is the member concerned. `claimed_by_id` looks at it now, until `claimed_until`. `handed_at` is when it
    went to the site's administrator because no organiser is free, `opened_at` when its present round began.
    """

    __tablename__ = "desk_case"
    __table_args__ = (
        UniqueConstraint("kind", "target_id"),
        CheckConstraint("(state = 'decided') = (decided_at IS NOT NULL)", name="decided_has_a_date"),
        CheckConstraint("(claimed_by_id IS NULL) = (claimed_until IS NULL)", name="a_claim_has_an_end"),
        Index("ix_desk_case_waiting", "group_id", "state", "opened_at"),
        Index("ix_desk_case_about", "about_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("group.id"))
    kind: Mapped[TargetKind]
    target_id: Mapped[int]
    about_id: Mapped[int] = mapped_column(ForeignKey("membership.id"))
    state: Mapped[CaseState] = mapped_column(default=CaseState.OPEN)
    round: Mapped[int] = mapped_column(default=1)
    opened_at: Mapped[datetime]
    claimed_by_id: Mapped[int | None] = mapped_column(ForeignKey("membership.id"))
    claimed_until: Mapped[datetime | None]
    handed_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]

    about: Mapped[Membership] = relationship(foreign_keys=about_id, lazy="joined", innerjoin=True)
    claimed_by: Mapped[Membership | None] = relationship(foreign_keys=claimed_by_id, lazy="select")


class Report(Base):
    """A member says that something is wrong. Who it was is read by the rules and by nobody else."""

    __tablename__ = "report"
    __table_args__ = (UniqueConstraint("case_id", "round", "by_id"), Index("ix_report_by", "by_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("desk_case.id"))
    round: Mapped[int]
    by_id: Mapped[int] = mapped_column(ForeignKey("membership.id"))
    rule: Mapped[str] = mapped_column(String(300))
    note: Mapped[str] = mapped_column(String(500), default="")
    made_at: Mapped[datetime]


class Decision(Base):
    """What was decided, never changed: a reversal is a new row that names with `replaces_id` what it replaces.

    `by_id` and `second_id` are organisers, `administrator_id` the site's administrator where one of the two was.
    `asides` is how many organisers stood aside, `since` when the case or the appeal began to wait, `entry` the index
    of its entry in the group's log. `conflicted` marks what somebody decided who ought to stand aside.
    """

    __tablename__ = "decision"
    __table_args__ = (
        CheckConstraint("why <> ''", name="says_why"),
        CheckConstraint("rule <> ''", name="names_a_rule"),
        CheckConstraint("by_id IS NOT NULL OR administrator_id IS NOT NULL", name="somebody_decides"),
        CheckConstraint("second_id <> by_id", name="two_people"),
        CheckConstraint("(act = 'suspend') = (until IS NOT NULL)", name="suspended_until_a_date"),
        UniqueConstraint("replaces_id"),
        Index("ix_decision_group", "group_id", "at"),
        Index("ix_decision_case", "case_id"),
        Index("ix_decision_until", "until"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("group.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("desk_case.id"))
    round: Mapped[int]
    act: Mapped[Act]
    rule: Mapped[str] = mapped_column(String(300))
    why: Mapped[str] = mapped_column(String(500))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("membership.id"))
    second_id: Mapped[int | None] = mapped_column(ForeignKey("membership.id"))
    administrator_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    until: Mapped[datetime | None]
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"))
    conflicted: Mapped[bool] = mapped_column(default=False)
    asides: Mapped[int] = mapped_column(default=0)
    since: Mapped[datetime]
    entry: Mapped[int]
    at: Mapped[datetime]

    case: Mapped[Case] = relationship(lazy="joined", innerjoin=True)
    by: Mapped[Membership | None] = relationship(foreign_keys=by_id, lazy="joined")
    second: Mapped[Membership | None] = relationship(foreign_keys=second_id, lazy="joined")
    administrator: Mapped[Person | None] = relationship(foreign_keys=administrator_id, lazy="select")


guard(Decision.__table__, of=OF_GROUP)


class DecisionNote(Base):
    """What the deciding organisers write for each other. It goes when the member concerned is forgotten."""

    __tablename__ = "decision_note"

    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"), primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(String(500))


class Appeal(Base):
    """The member concerned asks somebody else to look again; `by_id` is empty where it opened by itself."""

    __tablename__ = "appeal"
    __table_args__ = (
        UniqueConstraint("decision_id"),
        CheckConstraint("(outcome IS NULL) = (decided_at IS NULL)", name="an_outcome_has_a_date"),
        CheckConstraint("(outcome IS NULL) = (result_id IS NULL)", name="an_outcome_is_a_decision"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("membership.id"))
    why: Mapped[str] = mapped_column(String(500), default="")
    made_at: Mapped[datetime]
    handed_at: Mapped[datetime | None]
    outcome: Mapped[Outcome | None]
    result_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"))
    decided_at: Mapped[datetime | None]

    decision: Mapped[Decision] = relationship(foreign_keys=decision_id, lazy="joined", innerjoin=True)


class Proposal(Base):
    """Half of a decision that takes two people; the other half agrees, or lets it be."""

    __tablename__ = "proposal"
    __table_args__ = (
        CheckConstraint("why <> ''", name="says_why"),
        CheckConstraint("rule <> ''", name="names_a_rule"),
        Index(
            "uq_proposal_one_at_a_time",
            "case_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("desk_case.id"))
    appeal_id: Mapped[int | None] = mapped_column(ForeignKey("appeal.id"))
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"))
    act: Mapped[Act]
    rule: Mapped[str] = mapped_column(String(300))
    why: Mapped[str] = mapped_column(String(500))
    note: Mapped[str] = mapped_column(String(500), default="")
    until: Mapped[datetime | None]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("membership.id"))
    administrator_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    by: Mapped[Membership | None] = relationship(foreign_keys=by_id, lazy="joined")


class Aside(Base):
    """An organiser stands aside by themself, whatever the rules know."""

    __tablename__ = "aside"

    case_id: Mapped[int] = mapped_column(ForeignKey("desk_case.id"), primary_key=True, autoincrement=False)
    member_id: Mapped[int] = mapped_column(ForeignKey("membership.id"), primary_key=True, autoincrement=False)
    why: Mapped[str] = mapped_column(String(500), default="")
    at: Mapped[datetime]


class Objection(Base):
    """Somebody with a part in a case objects to one organiser, who waits until another one has decided about it."""

    __tablename__ = "objection"
    __table_args__ = (
        UniqueConstraint("case_id"),
        CheckConstraint("(upheld IS NULL) = (decided_at IS NULL)", name="decided_has_a_date"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("desk_case.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("membership.id"))
    organiser_id: Mapped[int] = mapped_column(ForeignKey("membership.id"))
    why: Mapped[str] = mapped_column(String(500))
    made_at: Mapped[datetime]
    upheld: Mapped[bool | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("membership.id"))
    decided_at: Mapped[datetime | None]
