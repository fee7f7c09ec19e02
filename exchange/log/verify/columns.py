"""Favors whose six openings are all here, checked column by column: most of a big log."""

from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from operator import eq
from typing import Any

from exchange.log.verify.kinds import FAVOR_FIELDS, KINDS
from exchange.log.verify.openings import HEAD, BadOpening, are_texts, digests, have_salts, value_of

WIDTH = len(FAVOR_FIELDS)
# Any bracket and salt: what a tail tells does not depend on them.
_SOME_HEAD = b64encode(b'["' + b"A" * 22)


class Tails(dict[bytes, Any]):
    """By what follows the salt of an opening, the value that it tells; None where it has another shape.

    There are few of them: members, categories and so on. `what` stays out.
    """

    def __init__(self, field: str) -> None:
        super().__init__()
        self._field = field
        self._shape = KINDS["favor"].fields[field]

    def __missing__(self, tail: bytes) -> Any:
        """Read it once."""
        try:
            value = value_of(_SOME_HEAD + tail, self._field)
        except BadOpening:
            value = None
        if not self._shape.fits(value):
            value = None
        elif self._field in {"from", "to"}:
            value = int(value[1:])
        self[tail] = value
        return value


class Columns:
    """What the favors' openings told so far, by field."""

    def __init__(self) -> None:
        self._tails = [Tails(field) for field in FAVOR_FIELDS[:-1]]

    def read(self, digested: Sequence[bytes], disclosures: Sequence[bytes]) -> tuple[list[int], list[int]] | None:
        """The givers and receivers of favors, from their digests and openings, six each, one favor after another.

        None where anything at all is not as it should be; then look at each opening.
        """
        if not disclosures:
            return [], []
        if b"A".join(digested) + b"A" != digests(disclosures) or not have_salts(disclosures):
            return None
        told = [[tails[one[HEAD:]] for one in disclosures[place::WIDTH]] for place, tails in enumerate(self._tails)]
        if any(None in column for column in told) or not are_texts(disclosures[WIDTH - 1 :: WIDTH]):
            return None
        givers, receivers = told[FAVOR_FIELDS.index("from")], told[FAVOR_FIELDS.index("to")]
        return None if True in map(eq, givers, receivers) else (givers, receivers)


@cache
def shared() -> Columns:
    """One for all stretches that a process checks: it only remembers what was read before."""
    return Columns()
