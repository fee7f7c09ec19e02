"""How a letter speaks: the same sentences as text and as HTML, in the reader's language, zone and way of writing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.numbers import format_decimal
from flask_babel import gettext as _
from markupsafe import Markup, escape

from exchange.digest.facts import Reader
from exchange.mail.headers import DIRECTIONS

SPELLED = 12
NAME, TITLE = 80, 120
UNBROKEN = "\u00a0"


class Said(Markup):
    """What a voice has said already, safe to stand in its next sentence."""

    __slots__ = ()


@dataclass(frozen=True)
class Voice:
    """One reader's way of being spoken to. `html` says for which part."""

    locale: Locale
    zone: ZoneInfo
    written_at: datetime
    html: bool = False

    def say(self, sentence: str, **parts: Any) -> Said:
        """A sentence with its parts. What a member wrote is text, keeps its own direction, and turns nothing round."""
        return Said(sentence % {name: self._part(part) for name, part in parts.items()})

    def _part(self, part: Any) -> str:
        if isinstance(part, Said):
            return str(part)
        plain = cut(one_line(str(part)), NAME)
        return f"<bdi>{escape(plain)}</bdi>" if self.html else plain

    def quoted(self, text: str) -> Said:
        """A title or a phrase in the middle of a sentence; no longer than a title may be."""
        plain = cut(one_line(text), TITLE)
        return Said(f"“<bdi>{escape(plain)}</bdi>”" if self.html else f"“{plain}”")

    def name(self, name: str, *, first: bool = False) -> Said:
        """A name; whoever was forgotten has none. `first`: it begins the sentence."""
        nobody = _("A former member") if first else _("a former member")
        return self.say("%(name)s", name=name) if name else Said(nobody)

    def names(self, names: Sequence[str]) -> Said:
        """Some first names as a part of a sentence; of many, the first two and how many others."""
        first = [first_of(name) if name else _("a former member") for name in dict.fromkeys(names)]
        parts = dict(zip(("first", "second", "third"), first, strict=False))
        if len(first) == 1:
            return self.say("%(first)s", **parts)
        if len(first) == 2:
            return self.say(_("%(first)s and %(second)s"), **parts)
        if len(first) == 3:
            return self.say(_("%(first)s, %(second)s and %(third)s"), **parts)
        return self.say(_("%(first)s, %(second)s and %(count)s others"), count=self.spelled(len(first) - 2), **parts)

    def groups(self, names: Sequence[str]) -> Said:
        """All groups of a reader as a part of a sentence."""
        *some, last = [self.say("%(name)s", name=name) for name in names]
        return self.say(_("%(first)s and %(second)s"), first=Said(", ".join(some)), second=last) if some else last

    def __call__(self, *sentences: str) -> Said:
        """Some sentences after each other."""
        return Said(" ".join(filter(None, sentences)))

    def number(self, value: int) -> Said:
        """A count with its thousands set apart."""
        return Said(format_decimal(value, locale=self.locale))

    def spelled(self, count: int, *, first: bool = False) -> Said:
        """A count in a sentence: up to twelve it is a word. `first`: it begins the sentence."""
        words = (
            *(_("none"), _("one"), _("two"), _("three"), _("four"), _("five"), _("six"), _("seven"), _("eight")),
            *(_("nine"), _("ten"), _("eleven"), _("twelve")),
        )
        word = words[count] if count <= SPELLED else self.number(count)
        return Said(word[:1].upper() + word[1:] if first else word)

    def day(self, moment: datetime, *, short: bool = False) -> Said:
        """A day in words, in the reader's zone; the year where it is another one. `short`: without the weekday."""
        local, written = moment.astimezone(self.zone), self.written_at.astimezone(self.zone)
        this_year, another = (_("d MMMM"), _("d MMMM y")) if short else (_("EEEE, d MMMM"), _("EEEE, d MMMM y"))
        said = format_date(local.date(), this_year if local.year == written.year else another, locale=self.locale)
        weekday, comma, rest = said.rpartition(", ")
        return Said(weekday + comma + self.code(rest))

    def code(self, text: str) -> Said:
        """Words that the page keeps on one line."""
        return Said(text.replace(" ", UNBROKEN) if self.html else text)

    def moment(self, moment: datetime) -> Said:
        """A day and an hour in the reader's zone."""
        return Said(f"{self.day(moment)}, {format_time(moment, 'HH:mm', tzinfo=self.zone, locale=self.locale)}")

    @property
    def hour(self) -> int:
        """The hour of the letter where its reader is."""
        return self.written_at.astimezone(self.zone).hour

    @property
    def date(self) -> str:
        """The day of the letter."""
        local = self.written_at.astimezone(self.zone).date()
        return str(format_date(local, _("EEEE, d MMMM y"), locale=self.locale))


def voice(reader: Reader, *, html: bool) -> Voice:
    """How this reader is spoken to. An unknown language is English, an unknown zone UTC."""
    try:
        locale = Locale.parse(reader.language or "en", sep="-")
    except (UnknownLocaleError, ValueError):
        locale = Locale("en")
    try:
        zone = ZoneInfo(reader.zone)
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
    return Voice(locale, zone, reader.window_until, html)


def one_line(text: str) -> str:
    """A member's words on one line, without signs that turn text round."""
    return " ".join("".join(char for char in text if char not in DIRECTIONS).split())


def cut(text: str, most: int) -> str:
    """The beginning of a text that is too long for a letter."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def first_of(name: str) -> str:
    """ "Dr. Ruth Adeyemi" is "Dr. Ruth", not "Dr." """
    words = one_line(name).split()
    return " ".join(words[:2] if words and words[0].endswith(".") else words[:1])
