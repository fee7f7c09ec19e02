"""What was found in one stretch of a log: hashes, leaves and openings of neighbouring bundles.

A big log is cut into stretches that can be checked side by side. What concerns several entries, such as a correction
and what it makes void, comes afterwards, in `rules`.
"""

from array import array
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from exchange.log.verify.leaves import Leaf
from exchange.log.verify.report import Findings

FAVOR, COUNTED, HIDDEN, VOID = 1, 2, 4, 8
NOBODY = -1

Place = tuple[int, str]


@dataclass
class Stretch:
    """What a stretch holds, beginning at entry `first`.

    `blocks` are the hashes of its full bundles; `parts` holds, for each size that was asked for and lies in it, the
    root over the entries of that size's last bundle. By entry there are `marks` (FAVOR, COUNTED, HIDDEN, later VOID)
    and the numbers of `givers` and `receivers`, NOBODY where that is not told. `others` are the leaves that are no
    favors, `told` what their openings tell. `missing` are openings that are not here and that their leaf does not
    withhold, `opened` those that it withholds and that are here all the same.
    """

    first: int
    blocks: list[bytes] = field(default_factory=list)
    parts: dict[int, bytes] = field(default_factory=dict)
    marks: bytearray = field(default_factory=bytearray)
    givers: "array[int]" = field(default_factory=lambda: array("q"))
    receivers: "array[int]" = field(default_factory=lambda: array("q"))
    others: dict[int, Leaf] = field(default_factory=dict)
    told: dict[int, dict[str, Any]] = field(default_factory=dict)
    missing: list[Place] = field(default_factory=list)
    opened: list[Place] = field(default_factory=list)
    tally: Counter[str] = field(default_factory=Counter)
    findings: Findings = field(default_factory=Findings)


def joined(stretches: Iterable[Stretch]) -> Stretch:
    """Neighbouring stretches, the first of which begins the log, as one."""
    whole = Stretch(0)
    for one in stretches:
        whole.blocks += one.blocks
        whole.parts |= one.parts
        whole.marks += one.marks
        whole.givers += one.givers
        whole.receivers += one.receivers
        whole.others |= one.others
        whole.told |= one.told
        whole.missing += one.missing
        whole.opened += one.opened
        whole.tally += one.tally
        whole.findings.take(one.findings)
    return whole
