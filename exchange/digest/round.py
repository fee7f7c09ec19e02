"""What all the letters that are sent in one go share: the way out, the clock, and the count of what became of them."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, Self

from exchange.config import Settings
from exchange.digest.kept import Kept
from exchange.digest.retry import PATIENT, Pauses
from exchange.digest.skips import Skip
from exchange.mail.parcel import Parcel
from exchange.mail.wire import Envelope
from exchange.storage.ticking import Ticking

# So many letters of a worker, at most, go out again where the power fails.
UNSURE = 25


class Carrier(Protocol):
    """Something that takes letters. Entered once per round. `meanwhile` may be done while it takes one."""

    meanwhile: Callable[[], None]

    def __enter__(self) -> Self:
        """Begin a round."""

    def __exit__(self, *_: object) -> None:
        """End the round."""

    def send(self, message: Parcel, *, sender: str = "", following: Envelope | None = None) -> None:
        """Hand a letter over that comes back to `sender`, and say whom the next one is for, if that is known. Raises
        Refused, Unreachable or Dropped.
        """


@dataclass
class Done:
    """What became of issues: so many were sent, given up, skipped by reason. `later` counts attempts put off; `more`
    says that there was no time for all of them.
    """

    sent: int = 0
    failed: int = 0
    later: int = 0
    more: bool = False
    skipped: Counter[Skip] = field(default_factory=Counter)

    @property
    def due(self) -> int:
        """How many issues came to an end."""
        return self.sent + self.failed + self.skipped.total()


@dataclass
class Round:
    """One go. `stop` says between two letters that the rest has to wait, `ends_soon` that it will; `shown` counts posts
    by run, `signed` are the groups whose logs were signed in it; `kept` is what its batches share. Of so many ticks as
    `unsure` says it is not known yet whether they are on the disk.
    """

    way: Carrier
    settings: Settings
    now: Callable[[], datetime]
    stop: Callable[[], bool] = lambda: False
    ends_soon: Callable[[], bool] = lambda: False
    pauses: Pauses = PATIENT
    done: Done = field(default_factory=Done)
    shown: Counter[tuple[int, int]] = field(default_factory=Counter)
    signed: set[int] = field(default_factory=set)
    kept: Kept = field(default_factory=Kept)
    ticking: Ticking = field(default_factory=Ticking)
    unsure: int = 0

    def lasting(self) -> bool:
        """Whether the next tick has to be on the disk before more letters go: then all before it are, too."""
        self.unsure = (self.unsure + 1) % UNSURE
        return self.unsure == 0
