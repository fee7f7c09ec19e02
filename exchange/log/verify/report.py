"""What a verification found: failures in sentences, information, counts, and everybody's balance."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

MOST_KEPT = 100


class Failure(NamedTuple):
    """One thing that does not hold: the entry that it is about, if it is about one, and a sentence for people."""

    entry: int | None
    sentence: str


@dataclass
class Findings:
    """Failures in the order found. Only the first hundred are kept; `total` counts them all."""

    kept: list[Failure] = field(default_factory=list)
    total: int = 0

    def add(self, entry: int | None, sentence: str) -> None:
        """One more thing that does not hold."""
        self.total += 1
        if len(self.kept) < MOST_KEPT:
            self.kept.append(Failure(entry, sentence))

    def take(self, others: "Findings") -> None:
        """Everything that another part of the work found."""
        self.kept += others.kept[: MOST_KEPT - len(self.kept)]
        self.total += others.total


@dataclass(frozen=True)
class Row:
    """What one member gave and received, and how many different people on each side and in all."""

    member: str
    name: str
    given: int
    received: int
    people_helped: int
    people_helped_by: int
    people: int


@dataclass
class Report:
    """The outcome. `holds` is true only if everything does.

    `entries` counts the log's entries by kind, `openings` what is here and, by cause, what is not, `favors` how the
    favors count. `compared` says what was compared with the log, `notes` what a reader should know and is no failure.
    """

    origin: str = ""
    size: int = 0
    root: str = ""
    code: str = ""
    entries: Counter[str] = field(default_factory=Counter)
    openings: Counter[str] = field(default_factory=Counter)
    favors: Counter[str] = field(default_factory=Counter)
    balances: list[Row] = field(default_factory=list)
    compared: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    findings: Findings = field(default_factory=Findings)

    @property
    def holds(self) -> bool:
        """True if nothing failed."""
        return self.findings.total == 0

    @property
    def sentences(self) -> list[str]:
        """The failures that were kept, as sentences."""
        return [failure.sentence for failure in self.findings.kept]

    def as_json(self) -> dict[str, Any]:
        """Everything, for other programs."""
        return {
            "holds": self.holds,
            "origin": self.origin,
            "size": self.size,
            "root": self.root,
            "code": self.code,
            "failures": [failure._asdict() for failure in self.findings.kept],
            "failed": self.findings.total,
            "notes": self.notes,
            "compared": self.compared,
            "entries": dict(self.entries),
            "openings": dict(self.openings),
            "favors": dict(self.favors),
            "balances": [asdict(row) for row in self.balances],
        }


def counted(number: int, one: str, many: str) -> str:
    """A number with its noun."""
    return f"{number:,} {one if number == 1 else many}"


def listed(words: Iterable[str]) -> str:
    """“a”, “a and b”, “a, b and c”."""
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last
