"""Pictures as inline SVG: they follow the page's variables, and their text keeps its size at every width.

Places across are in percent, so that a picture is as wide as its column; `static/theme.css` says how shapes look.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from flask_babel import format_decimal
from flask_babel import gettext as _
from markupsafe import Markup

if TYPE_CHECKING:
    from exchange.log.contained import Step

BAR, LABEL, GAP = 16, 20, 12
DROP = 5  # how far a label's line lies above the end of its room
ROW = BAR + LABEL + GAP
NARROWEST = 6.0  # percent that a part keeps, however few entries it has
BETWEEN = 0.75  # percent between two parts


@dataclass(frozen=True)
class _Part:
    """Some entries in a row of the picture: from where to where in percent, and whether ours is among them."""

    low: int
    high: int
    left: float
    right: float
    ours: bool


def halves(index: int, steps: "Sequence[Step]", *, size: int) -> Markup:
    """How the whole log comes down to one entry: in each row the part that holds it is cut in two.

    `steps` are those of an inclusion proof, from the entry up; each tells the neighbor that a row cuts off.
    """
    rows = [[_Part(0, size - 1, 0, 100, ours=True)], *(list(_cut(step)) for step in reversed(steps))]
    height = len(rows) * ROW - GAP
    said = _(
        "The log is cut in two %(count)s times. Each time the part with entry %(index)s goes on, until nothing but "
        "this entry is left.",
        count=format_decimal(len(steps)),
        index=format_decimal(index),
    )
    title = _("From all %(size)s entries down to one", size=format_decimal(size))
    opening = Markup(
        '<svg class="halves" role="img" aria-labelledby="halves-t halves-d" width="100%" height="{}">'
        '<title id="halves-t">{}</title><desc id="halves-d">{}</desc>'
    )
    return Markup("").join(
        [
            opening.format(height, title, said),
            *(_wedge(above, place) for place, (above, _below) in enumerate(pairwise(rows))),
            *(_bar(part, place) for place, row in enumerate(rows) for part in row),
            *(_label(part, place, row) for place, row in enumerate(rows) for part in row),
            Markup("</svg>"),
        ]
    )


def _cut(step: "Step") -> Iterator[_Part]:
    """The two parts of a row, as wide as they hold entries, but never too narrow to be seen."""
    other = (step.first, step.last)
    ours = (step.last + 1, step.high) if step.before else (step.low, step.first - 1)
    one, two = (other, ours) if step.before else (ours, other)
    share = 100 * (one[1] - one[0] + 1) / (step.high - step.low + 1)
    middle = min(max(share, NARROWEST), 100 - NARROWEST)
    yield _Part(*one, 0, middle - BETWEEN / 2, ours=one is ours)
    yield _Part(*two, middle + BETWEEN / 2, 100, ours=two is ours)


def _bar(part: _Part, place: int) -> Markup:
    return Markup('<rect class="{}" x="{:.2f}%" y="{}" width="{:.2f}%" height="{}" rx="2"/>').format(
        "ours" if part.ours else "other", part.left, place * ROW, part.right - part.left, BAR
    )


def _wedge(row: Sequence[_Part], place: int) -> Markup:
    """The part that goes on, widened to the whole row below."""
    ours = next(part for part in row if part.ours)
    top, depth = place * ROW + BAR, LABEL + GAP
    shape = f"M{ours.left:.2f} 0L{ours.right:.2f} 0L100 {depth}L0 {depth}Z"
    return Markup(
        '<svg y="{}" width="100%" height="{}" viewBox="0 0 100 {}" preserveAspectRatio="none"><path d="{}"/></svg>'
    ).format(top, depth, depth, shape)


def _label(part: _Part, place: int, row: Sequence[_Part]) -> Markup:
    at_end = part is row[-1] and len(row) > 1
    whole = _("all %(count)s entries", count=format_decimal(part.high + 1))
    return Markup('<text class="{}" x="{}" y="{}"{}>{}</text>').format(
        "ours" if part.ours else "other",
        "100%" if at_end else "0",
        place * ROW + BAR + LABEL - DROP,
        Markup(' text-anchor="end"') if at_end else "",
        entries(part.low, part.high) if len(row) > 1 else whole,
    )


def entries(low: int, high: int) -> str:
    """Some entries in words: entry 7, entries 4 to 7."""
    if low == high:
        return str(_("entry %(number)s", number=format_decimal(low)))
    return str(_("entries %(first)s to %(last)s", first=format_decimal(low), last=format_decimal(high)))
