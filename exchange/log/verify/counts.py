"""Balances recomputed from the log: counts of favors and of different people, never an amount."""

from collections import Counter
from collections.abc import Mapping
from itertools import compress
from operator import itemgetter

from exchange.log.verify.report import Row
from exchange.log.verify.stretch import COUNTED, FAVOR, HIDDEN, NOBODY, VOID, Stretch

_GIVER, _RECEIVER = itemgetter(0), itemgetter(1)


def balances(log: Stretch, names: Mapping[int, str]) -> list[Row]:
    """By number, what each member gave and received in favors that count.

    Neutral, withheld and void favors do not. Whom an `erase` entry forgot is one person for all others.
    """
    standing = log.marks.translate(bytes(value == FAVOR | COUNTED for value in range(256)))
    given, received = Counter(compress(log.givers, standing)), Counter(compress(log.receivers, standing))
    pairs = set(compress(zip(log.givers, log.receivers, strict=True), standing))
    helped, helped_by = Counter(map(_GIVER, pairs)), Counter(map(_RECEIVER, pairs))
    mutual = Counter(map(_GIVER, pairs.intersection(zip(map(_RECEIVER, pairs), map(_GIVER, pairs), strict=True))))
    return [
        Row(
            member=f"m{member}",
            name=names.get(member, ""),
            given=given[member],
            received=received[member],
            people_helped=helped[member],
            people_helped_by=helped_by[member],
            people=helped[member] + helped_by[member] - mutual[member],
        )
        for member in sorted(helped.keys() | helped_by.keys())
        if member > NOBODY
    ]


def favors(log: Stretch) -> Counter[str]:
    """How many favors count, and how many do not for which cause."""
    found = Counter[str]()
    for mark, number in Counter(log.marks).items():
        if mark & FAVOR:
            found["void" if mark & VOID else "withheld" if mark & HIDDEN else _counts(mark)] += number
    return found


def _counts(mark: int) -> str:
    return "counted" if mark & COUNTED else "neutral"
