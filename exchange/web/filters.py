"""What templates do with moments, numbers and texts."""

from base64 import b64encode
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import nh3
from babel.dates import format_date, format_time
from babel.numbers import format_decimal
from flask import Flask
from flask_wtf.csrf import generate_csrf
from markdown_it import MarkdownIt
from markupsafe import Markup

from exchange.sentences import reason
from exchange.web.guards import now
from exchange.web.language import spoken, zone
from exchange.web.rendering import gettext as _
from exchange.web.rendering import pgettext

HEADINGS = {"h2", "h3"}
TAGS = {"p", "br", "em", "strong", "ul", "ol", "li", "a", "blockquote", "code", "pre", "hr"}
_markdown = MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True}).disable("image")


def init_app(app: Flask) -> None:
    """Make the filters known to every template."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters |= {
        "iso": iso,
        "day": day,
        "in_month": in_month,
        "moment": moment,
        "closes": closes,
        "number": number,
        "markdown": markdown,
        "base64": base64,
        "reason": reason,
    }
    app.context_processor(lambda: {"csrf_field": csrf_field})


def iso(value: date) -> str:
    """For a machine: the attribute of a time element."""
    return value.astimezone(zone()).isoformat(timespec="minutes") if isinstance(value, datetime) else value.isoformat()


def _local(value: date, here: ZoneInfo) -> date:
    return value.astimezone(here).date() if isinstance(value, datetime) else value


def day(value: date) -> str:
    """A day in words: Thursday, 15 October; with the year when it is another one."""
    here = zone()
    local = _local(value, here)
    return _day(local, _("EEEE, d MMMM") if local.year == _local(now(), here).year else _("EEEE, d MMMM y"))


def in_month(value: date) -> str:
    """A month in words, with its year."""
    return _day(_local(value, zone()), _("MMMM y"))


def short_month(value: date) -> str:
    """A month where there is little room: Oct."""
    return _day(value, "LLL")


def moment(value: datetime) -> str:
    """A day and an hour in the reader's zone: Thursday, 15 October, 18:00."""
    return f"{day(value)}, {_hour(value)}"


def closes(value: datetime) -> str:
    """A moment that is near, as one would say it: today at 18:00, tomorrow, Saturday, 29 October."""
    here = zone()
    local = _local(value, here)
    away = (local - _local(now(), here)).days
    if away == 0:
        return _("today at %(hour)s", hour=_hour(value))
    if away == 1:
        return _("tomorrow")
    if 1 < away < 7:
        return _day(local, pgettext("after “closes”", "EEEE"))
    return _day(local, pgettext("after “closes”", "d MMMM"))


def number(value: int) -> str:
    """A count with its thousands set apart."""
    return _number(value, spoken())


def _day(local: date, pattern: str) -> str:
    return _written(local, str(pattern), spoken())


def _hour(value: datetime) -> str:
    return _clock(value.astimezone(zone()).time().replace(second=0, microsecond=0), spoken())


# What is written is the same for everybody who reads in a language, and a page writes the same days many times.
@lru_cache(maxsize=4096)
def _written(local: date, pattern: str, language: str) -> str:
    return format_date(local, pattern, locale=language)


@lru_cache(maxsize=4096)
def _clock(local: time, language: str) -> str:
    return format_time(local, "HH:mm", locale=language)


@lru_cache(maxsize=4096)
def _number(value: int, language: str) -> str:
    return format_decimal(value, locale=language)


def markdown(text: str, *, headings: bool = False) -> Markup:
    """A post's text: Markdown rendered by a library and cleaned by nh3; links go out without telling where from."""
    clean = nh3.clean(
        _markdown.render(text),
        tags=TAGS | HEADINGS if headings else TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener noreferrer",
    )
    return Markup(clean)  # noqa: S704 (cleaned a line above)


def base64(data: bytes) -> str:
    """Hashes and other bytes as one can copy them."""
    return b64encode(data).decode("ascii")


def csrf_field() -> Markup:
    """The hidden field of a form that has nothing else."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())


def from_local(value: Any) -> datetime | None:
    """What a datetime-local field holds, taken as the reader's local time."""
    return value.replace(tzinfo=zone()) if isinstance(value, datetime) else None
