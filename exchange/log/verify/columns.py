"""The openings of many favors, checked column by column."""

from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from operator import eq
from typing import Any

from exchange.log.verify.kinds import FAVOR_FIELDS, KINDS
from exchange.log.verify.openings import HEAD, BadOpening, are_texts, digests, have_salts, value_of

FROM, TO, WHAT = (FAVOR_FIELDS.index(name) for name in ("from", "to", "what"))
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
        self._tails = {place: Tails(name) for place, name in enumerate(FAVOR_FIELDS) if place != WHAT}

    def read(
        self, places: Sequence[int], digested: Sequence[bytes], disclosures: Sequence[bytes]
    ) -> dict[int, list[Any]] | None:
        """By place in FAVOR_FIELDS, what the openings tell; members come as numbers, and texts not at all.

        `places` are the fields that every favor opens; digests and openings stand one favor after another. None where
        anything at all is not as it should be: then look at each of them.
        """
        if not disclosures:
            return {}
        if b"A".join(digested) + b"A" != digests(disclosures) or not have_salts(disclosures):
            return None
        told: dict[int, list[Any]] = {}
        for start, place in enumerate(places):
            column = disclosures[start :: len(places)]
            if place == WHAT:
                told[place] = []
                if not are_texts(column):
                    return None
                continue
            tails = self._tails[place]
            told[place] = [tails[one[HEAD:]] for one in column]
            if None in told[place]:
                return None
        both = FROM in told and TO in told and True in map(eq, told[FROM], told[TO])
        return None if both else told


@cache
def shared() -> Columns:
    """One for all stretches that a process checks: it only remembers what was read before."""
    return Columns()
