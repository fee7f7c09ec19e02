"""What pages of the desk show: plain rows without anything that their reader may not know."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from exchange.domain.desk.rows import Asked
from exchange.log import Balance
from exchange.storage.desk import Act, Outcome
from exchange.storage.desk import CaseState as CaseState
from exchange.storage.desk import TargetKind as TargetKind
from exchange.storage.membership import Membership
from exchange.storage.policy import GroupRule


@dataclass(frozen=True)
class Line:
    """One thing that waits at the desk.

    `case_id` is empty for a dispute, whose page is that of the favor `target_id`. `until` is when it ends by itself.
    `aside` is the sentence why the reader stands aside; then `title` and `name` are empty. `free` and `asides` count
    the organisers who may decide and who stand aside. `claimed_by` names who looks at it, unless it is the reader.
    """

    case_id: int | None
    kind: TargetKind
    target_id: int
    title: str
    name: str
    reports: int
    since: datetime
    until: datetime | None
    round: int
    free: int
    asides: int
    appeal_id: int | None = None
    aside: str = ""
    claimed_by: str = ""
    proposed: bool = False
    conflicted: bool = False
    group: str = ""
    group_slug: str = ""


@dataclass(frozen=True)
class Desk:
    """What waits for the reader to decide, oldest first, and what they stand aside from."""

    waiting: list[Line]
    aside: list[Line]


@dataclass(frozen=True)
class Said:
    """One report, without who made it: the rule and the note in their own words, and what was asked about it since."""

    id: int
    rule: str
    note: str
    at: datetime
    asked: Sequence[Asked] = ()

    @property
    def may_ask(self) -> bool:
        """Whether no question waits for an answer."""
        return all(one.answer is not None for one in self.asked)


@dataclass(frozen=True)
class Before:
    """An earlier decision as organisers see it beside a case; `note` only where the reader may read it."""

    decision_id: int
    act: Act
    rule: str
    why: str
    by: str
    at: datetime
    until: datetime | None
    outcome: Outcome | None
    note: str = ""
    round: int = 1


@dataclass(frozen=True)
class Proposed:
    """Half of a decision, waiting for a second person. `mine`: the reader proposed it and cannot be the second.

    `may_answer`: the reader may be it.
    """

    id: int
    act: Act
    rule: str
    why: str
    note: str
    until: datetime | None
    by: str
    at: datetime
    mine: bool
    may_answer: bool


@dataclass(frozen=True)
class Objected:
    """An objection to an organiser that waits for another one; who made it is not said."""

    id: int
    organiser: str
    why: str
    at: datetime
    may_answer: bool


@dataclass(frozen=True)
class Again:
    """An appeal that waits: against which decision, and in whose words."""

    id: int
    decision: Before
    why: str
    at: datetime
    by_itself: bool


@dataclass(frozen=True)
class CaseView:
    """A case with everything needed to decide on it.

    `member` is whom it concerns, with their last twelve months in `year`. `texts` are name and words of what was
    reported; `linked` says that the reader may open the page on which it stands. `history` are the earlier decisions of
    this case, `earlier` others about this member, `like` others under the same rules. `may` holds acts, and `claim`,
    `stand_aside`, `answer_appeal`, `release`, `admit`, `ask`; `takes_two` those acts that wait for a second person. In
    a `conflicted` case the reader may only do what can be undone.
    """

    id: int
    kind: TargetKind
    target_id: int
    state: CaseState
    round: int
    since: datetime
    until: datetime | None
    title: str
    texts: list[tuple[str, str]]
    linked: bool
    written_at: datetime | None
    member: Membership
    year: Balance
    posts: int
    reports: list[Said]
    history: list[Before]
    earlier: list[Before]
    like: list[Before]
    rules: Sequence[GroupRule]
    free: int
    asides: int
    claimed_by: str
    claimed_until: datetime | None
    proposal: Proposed | None
    objection: Objected | None
    appeal: Again | None
    conflicted: bool
    may: frozenset[str] = field(default_factory=frozenset)
    takes_two: frozenset[str] = field(default_factory=frozenset)
