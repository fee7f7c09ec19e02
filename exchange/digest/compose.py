"""Composing a weekly letter: which of all that is known is said to this reader. A pure function of plain data."""

from collections.abc import Sequence

from exchange.digest.facts import Digest, GroupWeek, Reader


def compose(reader: Reader, groups: Sequence[GroupWeek]) -> Digest | None:
    """The reader's letter over all their groups, or None where there is nothing new for them."""
    raise NotImplementedError
