"""Pictures of give and take, drawn as `exchange.web.pictures` says; the words and the table stand beside them.

What was given is a full blue dot above the line, what was received an open ring below it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from flask_babel import format_date, format_decimal
from flask_babel import gettext as _
from markupsafe import Markup

from exchange.domain.group_numbers import Months
from exchange.domain.numbers import Strip

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
    return Markup("").join(
        [
            Markup(
                '<svg class="chart" role="img" aria-labelledby="{0}-t {0}-d" height="{1}">'
                '<title id="{0}-t">{2}</title><desc id="{0}-d">{3}</desc>'
                '<line class="axis" x1="0" x2="100%" y1="{4}" y2="{4}"/>'
            ).format(key, line + below + 4, _("%(category)s, month by month", category=strip.category), said, line),
            *_dots(gave, "gave", DOT, line - 10, -STEP),
            *_dots(got, "got", RING, line + 10, STEP),
            Markup("</svg>"),
        ]
    )


def _dots(counts: Sequence[int], look: str, radius: float, first: int, step: int) -> Iterator[Markup]:
    for place, count in enumerate(counts):
        for n in range(count):
            yield Markup('<circle class="{}" cx="{}" cy="{}" r="{}"/>').format(
                look, across(place, len(counts)), first + n * step, radius
            )


def months(firsts: Sequence[date]) -> Markup:
    """The names of every second month, for under the strips: said by the table to those who do not see them."""
    return Markup("").join(
        [
            Markup('<svg class="chart" height="20" aria-hidden="true">'),
            *(
                Markup('<text x="{}" y="14" text-anchor="middle">{}</text>').format(
                    across(place, len(firsts)), format_date(first, "LLL", rebase=False)
                )
                for place, first in enumerate(firsts)
                if place % 2 == 0
            ),
            Markup("</svg>"),
        ]
    )


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
            number = Markup('<text class="say" x="{}" y="{:.1f}" text-anchor="middle">{}</text>')
            drawn.append(number.format(across(place, places), bottom - top - 6, format_decimal(favors)))
    opening = Markup(
        '<svg class="chart" role="img" aria-labelledby="columns-t columns-d" height="{0}">'
        '<title id="columns-t">{1}</title><desc id="columns-d">{2}</desc>'
        '<line class="axis" x1="0" x2="100%" y1="{3}" y2="{3}"/>'
    )
    return Markup("").join([opening.format(HEAD + HIGH + 1, title, said, HEAD + HIGH), *drawn, Markup("</svg>")])


def _column(look: str, left: float, top: float, width: float, high: float) -> Markup:
    shape = Markup('<rect class="{}" x="{:.2f}%" y="{:.1f}" width="{:.2f}%" height="{:.1f}"/>')
    return shape.format(look, left, top, width, high)


def length(one: Months, longest: int) -> Markup:
    """A line as long as a category has favors, beside its words: whoever does not see it has these."""
    named = 100 * (one.all - one.nameless) / longest
    nameless = 100 * one.nameless / longest
    rest = Markup('<rect class="nameless" x="{:.2f}%" y="1" width="{:.2f}%" height="10"/>').format(named, nameless)
    return Markup(
        '<svg class="chart" height="12" aria-hidden="true"><rect class="gave" width="{:.2f}%" height="12"/>{}</svg>'
    ).format(named, rest if one.nameless else "")


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
