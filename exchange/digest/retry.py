"""When a letter that a server would not take just now is tried again."""

import random
from datetime import datetime, timedelta

Pauses = tuple[timedelta, ...]

# A worker has all day: after them, the letter has failed.
PATIENT: Pauses = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 240, 480, 720))
# Somebody waits for a command to return.
HURRIED: Pauses = tuple(timedelta(seconds=seconds) for seconds in (2, 8, 30, 120, 300))
JITTER = 0.2


def again(attempts: int, pauses: Pauses, *, at: datetime) -> datetime | None:
    """The next attempt after so many refusals, never the same for two that failed together; None after the last."""
    if attempts > len(pauses):
        return None
    return at + pauses[attempts - 1] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 (nothing secret)
