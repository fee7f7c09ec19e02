"""What the letters of many batches share, read once for some time: the boards of groups, and what came to pass there.

What only some may know is read for each batch anew, and that a post is still open is looked at before each letter.
"""

import time
from collections.abc import Callable, Collection, Hashable, Mapping
from typing import Any, TypeVar

SECONDS = 60.0
MOST = 20_000

Found = TypeVar("Found")


class Kept:
    """What was read of groups, none of it older than so many seconds."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._found: dict[tuple[str, Hashable, int], tuple[float, Any]] = {}
        self._before: dict[Hashable, Any] = {}

    def some(
        self,
        what: str,
        when: Hashable,
        groups: Collection[int],
        read: Callable[[Collection[int]], Mapping[int, Found]],
    ) -> dict[int, Found]:
        """By group, what is kept of it for a moment or a span; `read` gets all that is not, at once."""
        now = time.monotonic()
        self._found = {key: one for key, one in self._found.items() if now - one[0] < self._seconds}
        lacking = [group for group in groups if (what, when, group) not in self._found]
        if lacking:
            fresh = read(lacking)
            self._found |= {(what, when, group): (now, fresh[group]) for group in lacking}
        return {group: self._found[what, when, group][1] for group in groups}

    def same(self, key: Hashable, one: Found) -> Found:
        """What was read under this key before, where that is equal: what was made of it is found by it again."""
        if len(self._before) >= MOST:
            self._before.clear()
        before: Found = self._before.setdefault(key, one)
        if before != one:
            self._before[key] = one
            return one
        return before

    def forget(self) -> None:
        """Something of it holds no more: all of it is read anew."""
        self._found.clear()
