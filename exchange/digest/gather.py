"""Reading what a batch of letters needs, with a number of statements that does not depend on how many there are."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from exchange.digest.facts import Due, GroupWeek, Reader

Gathered = dict[int, tuple[Reader, list[GroupWeek]]]


def gather(session: Session, issues: Sequence[Due], *, folder: Path, at: datetime | None = None) -> Gathered:
    """By issue id, the reader and what is known for them in each group that their letter is about.

    At most one issue for each person. `folder` holds the last checkpoints (`settings.checkpoints`), `at` is the moment
    of sending, the end of each window if none is given.
    """
    raise NotImplementedError
