"""Pictures of give and take, drawn as `exchange.web.pictures` says; the words and the table stand beside them.

What was given is a full blue dot above the line, what was received an open ring below it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from flask_babel import format_date
from flask_babel import gettext as _
from markupsafe import Markup

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
