"""What members read of decisions and of their own reports: plain rows without anything that they may not know."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from exchange.storage.desk import Act, Outcome, TargetKind


@dataclass(frozen=True)
class Asked:
    """A question about a report, without who asked and who was asked; `answer` is empty until there is one.

    `open`: the reporter may still answer.
    """

    id: int
    text: str
    at: datetime
    answer: str | None
    open: bool


@dataclass(frozen=True)
class PublicRow:
    """A decision as all members read it: never the member concerned, the reporters, the text or the notes.

    `of` is the entry of the decision that this one takes back or looks at again, `then` of the one that came after.
    `by` are the names of who decided, empty for the site's administrator alone; `administrator` that they took part.
    """

    id: int
    at: datetime
    by: list[str]
    administrator: bool
    act: Act
    rule: str
    why: str
    about_organiser: bool
    until: datetime | None
    asides: int
    conflicted: bool
    appealed: bool
    outcome: Outcome | None
    of: int | None
    then: int | None
    entry: int


@dataclass(frozen=True)
class OrganiserFigures:
    """What one organiser decided, how long it took in the middle, and how much of it was overturned or changed."""

    name: str
    decisions: int
    overturned: int
    took: timedelta | None


@dataclass(frozen=True)
class Figures:
    """The same for the whole group. `took` is the median from the first report to the decision."""

    decisions: int
    overturned: int
    appealed: int
    took: timedelta | None
    organisers: list[OrganiserFigures]


@dataclass(frozen=True)
class PublicPage:
    """The page of decisions: newest first, with the figures of the last twelve months."""

    rows: list[PublicRow]
    figures: Figures
    page: int
    pages: int


@dataclass(frozen=True)
class Mine:
    """What a member may appeal against, or did: a decision about them."""

    id: int
    act: Act
    rule: str
    why: str
    by: str
    at: datetime
    until: datetime | None
    appeal_until: datetime
    may_appeal: bool
    appealed: bool
    outcome: Outcome | None
    case_id: int
    kind: TargetKind
    target_id: int
    may_edit: bool


@dataclass(frozen=True)
class MyReport:
    """A report of the reader's own, for their eyes only."""

    case_id: int
    kind: TargetKind
    rule: str
    note: str
    at: datetime
    open: bool
    may_object: bool
    asked: Sequence[Asked] = ()
