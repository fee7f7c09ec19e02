"""Balances recomputed from the log: counts of favors and of different people, never an amount."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import compress

from exchange.log.verify.report import Row
from exchange.log.verify.stretch import COUNTED, FAVOR, HIDDEN, NOBODY, VOID, Stretch


def balances(log: Stretch, names: Mapping[int, str]) -> list[Row]:
    """By number, what each member gave and received in favors that count.

    Neutral, withheld and void favors do not. Whom an `erase` entry forgot is one person for all others.
    """
    standing = bytes(value == FAVOR | COUNTED for value in range(256))
    pairs = Counter(compress(zip(log.givers, log.receivers, strict=True), log.marks.translate(standing)))
    given, received = Counter[int](), Counter[int]()
    helped: defaultdict[int, set[int]] = defaultdict(set)
    helped_by: defaultdict[int, set[int]] = defaultdict(set)
    for (giver, receiver), number in pairs.items():
        given[giver] += number
        received[receiver] += number
        helped[giver].add(receiver)
        helped_by[receiver].add(giver)
    return [
        Row(
            member=f"m{member}",
            name=names.get(member, ""),
            given=given[member],
            received=received[member],
            people_helped=len(helped[member] - {NOBODY}),
            people_helped_by=len(helped_by[member] - {NOBODY}),
            people=len((helped[member] | helped_by[member]) - {NOBODY}),
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
