"""How a letter speaks: the same sentences as text and as HTML, in the reader's language, zone and way of writing.

A thousand letters a second leave no time to ask for the language again at every sentence: a voice keeps its
translations, and sentences are only marked by `_` and `ngettext` where they stand.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cached_property, lru_cache
from gettext import NullTranslations
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time, get_day_names
from babel.numbers import format_decimal
from markupsafe import escape

from exchange.digest.facts import Reader
from exchange.mail.headers import DIRECTIONS

NAME, TITLE = 80, 120
TURNING = dict.fromkeys(map(ord, DIRECTIONS))
UNBROKEN = "\u00a0"
_numbers = count()


def _(sentence: str) -> str:
    """Marks a sentence that a voice will say in its own language."""
    return sentence


def ngettext(one: str, many: str) -> tuple[str, str]:
    """Marks a sentence about one thing, and about several."""
    return one, many


class Said(str):
    """What a voice has said already, safe to stand in its next sentence. No `Markup`, which is made too slowly; what is
    made of it by other means is text again.
    """

    __slots__ = ()

    def __html__(self) -> str:
        """How it stands in a page: as it is."""
        return str(self)


@dataclass(frozen=True)
class Voice:
    """One reader's way of being spoken to. `html` says for which part; no other voice has the same `own`."""

    locale: Locale
    zone: ZoneInfo
    written_at: datetime
    translations: NullTranslations
    html: bool = False
    _own: dict[str, str] = field(default_factory=dict, compare=False, repr=False)
    own: int = field(default_factory=_numbers.__next__, compare=False)

    @cached_property
    def locale_name(self) -> str:
        """The language, as Babel names it."""
        return str(self.locale)

    def say(self, sentence: str, **parts: Any) -> Said:
        """A sentence with its parts. What a member wrote is text, keeps its own direction, and turns nothing round."""
        own = self._own.get(sentence) or self._own.setdefault(sentence, self.translations.gettext(sentence))
        return Said(own % {name: self._part(part) for name, part in parts.items()})

    def count(self, sentences: tuple[str, str], number: int, **parts: Any) -> Said:
        """The sentence for so many."""
        own = self.translations.ngettext(*sentences, number)
        return Said(own % {name: self._part(part) for name, part in parts.items()})

    def _part(self, part: Any) -> str:
        return part if type(part) is Said else _set_apart(str(part), self.html)

    def quoted(self, text: str) -> Said:
        """A title or a phrase in the middle of a sentence; no longer than a title may be."""
        plain = cut(one_line(text), TITLE)
        return Said(f"“<bdi>{escape(plain)}</bdi>”" if self.html else f"“{plain}”")

    def name(self, name: str, *, first: bool = False) -> Said:
        """A name; whoever was forgotten has none. `first`: it begins the sentence."""
        if name:
            return Said(self._part(name))
        return self.say(_("A former member") if first else _("a former member"))

    def names(self, names: Sequence[str]) -> Said:
        """Some first names as a part of a sentence; of many, the first two and how many others."""
        all_of_them = list(dict.fromkeys(names))
        count = len(all_of_them)
        first = [first_of(name) if name else self.name("") for name in all_of_them[: count if count <= 3 else 2]]
        parts = dict(zip(("first", "second", "third"), first, strict=False))
        if count == 1:
            return Said(self._part(first[0]))
        if count == 2:
            return self.say(_("%(first)s and %(second)s"), **parts)
        if count == 3:
            return self.say(_("%(first)s, %(second)s and %(third)s"), **parts)
        return self.say(_("%(first)s, %(second)s and %(count)s others"), count=self.spelled(count - 2), **parts)

    def groups(self, names: Sequence[str]) -> Said:
        """All groups of a reader as a part of a sentence."""
        *some, last = [Said(self._part(name)) for name in names]
        return self.say(_("%(first)s and %(second)s"), first=Said(", ".join(some)), second=last) if some else last

    def __call__(self, *sentences: str) -> Said:
        """Some sentences after each other."""
        return Said(" ".join(filter(None, sentences)))

    def number(self, value: int) -> Said:
        """A count with its thousands set apart."""
        return Said(_number(value, self.locale))

    def spelled(self, count: int, *, first: bool = False) -> Said:
        """A count in a sentence: up to twelve it is a word. `first`: it begins the sentence."""
        word = self.translations.gettext(NUMBERS[count]) if count < len(NUMBERS) else self.number(count)
        return Said(word[:1].upper() + word[1:] if first else word)

    def day(self, moment: datetime, *, short: bool = False) -> Said:
        """A day in words, in the reader's zone; the year where it is another one. `short`: without the weekday."""
        local, written = moment.astimezone(self.zone), self.written_at.astimezone(self.zone)
        this_year, another = (_("d MMMM"), _("d MMMM y")) if short else (_("EEEE, d MMMM"), _("EEEE, d MMMM y"))
        pattern = self.translations.gettext(this_year if local.year == written.year else another)
        said = _date(local.date(), pattern, self.locale)
        weekday, comma, rest = said.rpartition(", ")
        return Said(weekday + comma + self.code(rest))

    def code(self, text: str) -> Said:
        """Words that the page keeps on one line."""
        return Said(text.replace(" ", UNBROKEN) if self.html else text)

    def moment(self, moment: datetime) -> Said:
        """A day and an hour in the reader's zone."""
        return Said(f"{self.day(moment)}, {_time(moment.astimezone(self.zone).time(), self.locale)}")

    @cached_property
    def hour(self) -> int:
        """The hour of the letter where its reader is."""
        return self.written_at.astimezone(self.zone).hour

    @cached_property
    def date(self) -> str:
        """The day of the letter."""
        local = self.written_at.astimezone(self.zone).date()
        return _date(local, self.translations.gettext(_("EEEE, d MMMM y")), self.locale)


NUMBERS = (
    *(_("none"), _("one"), _("two"), _("three"), _("four"), _("five"), _("six"), _("seven"), _("eight")),
    *(_("nine"), _("ten"), _("eleven"), _("twelve")),
)


def voice(reader: Reader, translations: Callable[[str], NullTranslations], *, html: bool) -> Voice:
    """How this reader is spoken to, with the translations into their language, or English. An unknown zone is UTC."""
    locale = _locale(reader.language)
    return Voice(locale, _zone(reader.zone), reader.window_until, translations(str(locale)), html)


@lru_cache(maxsize=100)
def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language or "en", sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")


@lru_cache(maxsize=1_000)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


@lru_cache(maxsize=5_000)
def _date(day: date, pattern: str, locale: Locale) -> str:
    return str(format_date(day, pattern, locale=locale))


@lru_cache(maxsize=5_000)
def _time(at: time, locale: Locale) -> str:
    return str(format_time(at, "HH:mm", locale=locale))


@lru_cache(maxsize=5_000)
def _number(value: int, locale: Locale) -> str:
    return str(format_decimal(value, locale=locale))


@lru_cache(maxsize=100)
def weekdays(locale: Locale) -> tuple[str, ...]:
    """The names of the days from Monday on."""
    names = get_day_names(locale=locale)
    return tuple(names[day] for day in range(7))


def one_line(text: str) -> str:
    """A member's words on one line, without signs that turn text round."""
    plain = text if text.isascii() else text.translate(TURNING)
    return " ".join(plain.split())


def cut(text: str, most: int) -> str:
    """The beginning of a text that is too long for a letter."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


@lru_cache(maxsize=5_000)
def _set_apart(text: str, html: bool) -> str:
    """What a member wrote, as it stands in a sentence."""
    plain = cut(one_line(text), NAME)
    return f"<bdi>{escape(plain)}</bdi>" if html else plain


@lru_cache(maxsize=5_000)
def first_of(name: str) -> str:
    """ "Dr. Ruth Adeyemi" is "Dr. Ruth", not "Dr." """
    words = one_line(name).split()
    return " ".join(words[:2] if words and words[0].endswith(".") else words[:1])
