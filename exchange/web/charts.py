"""Pictures of give and take, drawn as `exchange.web.pictures` says; the words and the table stand beside them.

What was given is a full blue dot above the line, what was received an open ring below it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from markupsafe import Markup, escape

from exchange.domain.group_numbers import Months
from exchange.domain.numbers import Strip
from exchange.web.filters import number, short_month
from exchange.web.rendering import gettext as _

DOT, RING = 5, 4.5
STEP = 13
MOST = 5  # dots on one side of a month


def each(strips: Iterable[Strip]) -> int:
    """How many favors one dot of these strips stands for, so that no side of a month has more than five."""
    most = max((max(month.gave, month.received) for strip in strips for month in strip.months), default=0)
    return max(1, -(-most // MOST))


def strip(strip: Strip, worth: int, key: str) -> Markup:
    """One category through the months: a dot for each `worth` favors. `key` makes its ids unique on the page."""
    gave = [-(-month.gave // worth) for month in strip.months]
    got = [-(-month.received // worth) for month in strip.months]
    above, below = (STEP * max(1, *side) for side in (gave, got))
    line = above + 4
    said = _(
        "Above the line %(gave)s given, below it %(received)s received; the table below tells the months.",
        gave=strip.gave,
        received=strip.received,
    )
    title = _("%(category)s, month by month", category=strip.category)
    opening = (
        f'<svg class="chart" role="img" aria-labelledby="{key}-t {key}-d" height="{line + below + 4}">'
        f'<title id="{key}-t">{escape(title)}</title><desc id="{key}-d">{escape(said)}</desc>'
        f'<line class="axis" x1="0" x2="100%" y1="{line}" y2="{line}"/>'
    )
    dots = (*_dots(gave, "gave", DOT, line - 10, -STEP), *_dots(got, "got", RING, line + 10, STEP))
    return Markup("".join([opening, *dots, "</svg>"]))  # noqa: S704 (escaped)


def _dots(counts: Sequence[int], look: str, radius: float, first: int, step: int) -> Iterator[str]:
    for place, count in enumerate(counts):
        for n in range(count):
            yield f'<circle class="{look}" cx="{across(place, len(counts))}" cy="{first + n * step}" r="{radius}"/>'


def months(firsts: Sequence[date]) -> Markup:
    """The names of every second month, for under the strips: said by the table to those who do not see them."""
    said = "".join(
        f'<text x="{across(place, len(firsts))}" y="14" text-anchor="middle">{escape(short_month(first))}</text>'
        for place, first in enumerate(firsts)
        if place % 2 == 0
    )
    return Markup(f'<svg class="chart" height="20" aria-hidden="true">{said}</svg>')  # noqa: S704 (escaped)


HIGH = 132  # of the columns
HEAD = 20  # for the number over a column
SHARE = 0.72  # of its place that a column takes


def columns(whole: Months, title: str, said: str) -> Markup:
    """A column for each month, its number over it: what has names is full, what has none stands open upon it."""
    tallest = max(*whole.favors, 1)
    places = len(whole.favors)
    width = 100 * SHARE / places
    drawn = []
    for place, (favors, withheld) in enumerate(zip(whole.favors, whole.withheld, strict=True)):
        left = 100 * (place + 0.5) / places - width / 2
        high, top = (HIGH * count / tallest for count in (favors - withheld, favors))
        bottom = HEAD + HIGH
        drawn.append(_column("gave", left, bottom - high, width, high))
        if withheld:
            drawn.append(_column("nameless", left, bottom - top + 1, width, max(top - high - 2, 5)))
        if favors:
            at = f'x="{across(place, places)}" y="{bottom - top - 6:.1f}"'
            drawn.append(f'<text class="say" {at} text-anchor="middle">{escape(number(favors))}</text>')
    opening = (
        f'<svg class="chart" role="img" aria-labelledby="columns-t columns-d" height="{HEAD + HIGH + 1}">'
        f'<title id="columns-t">{escape(title)}</title><desc id="columns-d">{escape(said)}</desc>'
        f'<line class="axis" x1="0" x2="100%" y1="{HEAD + HIGH}" y2="{HEAD + HIGH}"/>'
    )
    return Markup("".join([opening, *drawn, "</svg>"]))  # noqa: S704 (escaped)


def _column(look: str, left: float, top: float, width: float, high: float) -> str:
    return f'<rect class="{look}" x="{left:.2f}%" y="{top:.1f}" width="{width:.2f}%" height="{high:.1f}"/>'


def length(one: Months, longest: int) -> Markup:
    """A line as long as a category has favors, beside its words: whoever does not see it has these."""
    named = 100 * (one.all - one.nameless) / longest
    nameless = 100 * one.nameless / longest
    rest = f'<rect class="nameless" x="{named:.2f}%" y="1" width="{nameless:.2f}%" height="10"/>' if nameless else ""
    full = f'<rect class="gave" width="{named:.2f}%" height="12"/>'
    return Markup(f'<svg class="chart" height="12" aria-hidden="true">{full}{rest}</svg>')  # noqa: S704 (numbers)


def across(place: int, places: int) -> str:
    """Where the middle of a place in a row lies, in percent of its width."""
    return f"{100 * (place + 0.5) / places:.2f}%"


HATCH = Markup(
    '<defs><pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<line class="hatch" y2="7" x1="2" x2="2"/></pattern></defs>'
)
LOOKS = {"gave": 'class="gave"', "both": 'fill="url(#hatch)"', "got": 'class="open"'}
APART = 0.6  # percent between two parts of a bar


def bar(parts: Mapping[str, int], title: str, said: str) -> Markup:
    """People in a bar of up to three parts: `gave` is full, `both` hatched, `got` empty."""
    shown = {look: count for look, count in parts.items() if count}
    room = (100 - APART * (len(shown) - 1)) / sum(shown.values())
    left, drawn = 0.0, []
    for look, count in shown.items():
        shape = Markup('<rect {} x="{:.2f}%" y="1" width="{:.2f}%" height="42" rx="3"/>')
        drawn.append(shape.format(Markup(LOOKS[look]), left, count * room))  # noqa: S704 (one of three)
        left += count * room + APART
    opening = Markup(
        '<svg class="chart three" role="img" aria-labelledby="bar-t bar-d" height="44">'
        '<title id="bar-t">{}</title><desc id="bar-d">{}</desc>'
    )
    return Markup("").join([opening.format(title, said), HATCH, *drawn, Markup("</svg>")])


def sample(look: str) -> Markup:
    """The look of a part of the bar, for its key."""
    return Markup('<svg aria-hidden="true"><rect {} x="1" y="1" width="22" height="14" rx="2"/></svg>').format(
        Markup(LOOKS[look])  # noqa: S704 (one of three)
    )
