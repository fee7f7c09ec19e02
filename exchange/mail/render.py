"""A letter of the outbox as an e-mail, in its reader's language and zone."""

import hashlib
import textwrap
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import css_inline
from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.numbers import format_decimal
from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from jinja2 import Environment, StrictUndefined

from exchange.config import Settings
from exchange.mail.headers import POLICY, mailbox, one_line
from exchange.storage.letter import Letter

HOUSE = "Exchange"
WIDTH = 72
SEVERAL_LINES = {"text", "thanks", "why"}
_inliner = css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=False)


def render(letter: Letter, *, settings: Settings) -> EmailMessage:
    """The whole e-mail. The same letter gives the same bytes whenever it is asked for.

    Raises:
        exchange.mail.headers.CannotBeAddressed: the address cannot stand in a header.
        jinja2.TemplateError: the letter has no template, or its facts lack something.
    """
    locale = _locale(letter)
    with force_locale(str(locale)):
        facts = _facts(letter, locale, settings)
        subject, text, html = (_filled(letter.kind, part, facts) for part in ("subject.txt", "body.txt", "body.html"))
    message = EmailMessage(policy=POLICY)
    _address(message, letter, settings)
    message["Subject"] = one_line(subject)
    message.set_content(text.strip("\n") + "\n", cte="quoted-printable")
    message.add_alternative(_inliner.inline(html), subtype="html", cte="quoted-printable")
    return message


def _address(message: EmailMessage, letter: Letter, settings: Settings) -> None:
    host = urlsplit(settings.base_url).hostname or "localhost"
    host = host if host.isascii() else host.encode("idna").decode("ascii")
    message["From"] = mailbox(letter.group.name if letter.group else HOUSE, settings.letters_from)
    message["To"] = mailbox(letter.person.name if letter.person else "", letter.email)
    message["Date"] = format_datetime(letter.created_at.astimezone(UTC))
    message["Message-ID"] = f"<letter-{letter.id}-{_fingerprint(letter)}@{host}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Exchange-Letter"] = letter.kind
    if letter.group:
        message["List-Id"] = f"<{letter.group.slug}.{host}>"


def _fingerprint(letter: Letter) -> str:
    """Keeps the letters of two databases apart, and stays the same when a letter is sent again."""
    said = "|".join((letter.created_at.astimezone(UTC).isoformat(), letter.email, letter.once))
    return hashlib.sha256(said.encode()).hexdigest()[:8]


def _locale(letter: Letter) -> Locale:
    try:
        return Locale.parse((letter.person.language if letter.person else "") or "en", sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def _zone(letter: Letter) -> ZoneInfo:
    for row in (letter.person, letter.group):
        try:
            if row is not None and row.zone:
                return ZoneInfo(row.zone)
        except (ZoneInfoNotFoundError, ValueError):
            continue
    return ZoneInfo("UTC")


def _facts(letter: Letter, locale: Locale, settings: Settings) -> dict[str, Any]:
    """What the templates may say: the letter's facts, and how to write moments, numbers and addresses."""
    zone = _zone(letter)
    written = letter.created_at.astimezone(zone)
    facts: dict[str, Any] = {key: _fact(key, value) for key, value in letter.facts.items()}
    if "path" in facts:
        facts["link"] = _site(settings)(facts["path"])

    def day(moment: datetime) -> str:
        local = moment.astimezone(zone)
        pattern = _("EEEE, d MMMM") if local.year == written.year else _("EEEE, d MMMM y")
        return format_date(local.date(), pattern, locale=locale)

    def moment(moment: datetime) -> str:
        # A reader without an account has no zone of their own, so theirs is named.
        pattern = "HH:mm" if letter.person else "HH:mm z"
        return f"{day(moment)}, {format_time(moment, pattern, tzinfo=zone, locale=locale)}"

    return facts | {
        "day": day,
        "moment": moment,
        "number": lambda value: format_decimal(value, locale=locale),
        "site": _site(settings),
        "written_at": letter.created_at,
        "written": format_date(written.date(), _("EEEE, d MMMM y"), locale=locale),
        "group": _fact("group", letter.group.name) if letter.group else "",
        "invented": bool(letter.group and letter.group.invented),
        "language": str(locale).replace("_", "-"),
        "direction": locale.text_direction,
    }


def _fact(key: str, value: Any) -> Any:
    """A moment is known by its key only: a member may well write something that looks like one."""
    if not isinstance(value, str):
        return value
    if key == "until" or key.endswith("_at"):
        return datetime.fromisoformat(value)
    return value if key in SEVERAL_LINES else " ".join(value.split())


def _site(settings: Settings) -> Callable[[str], str]:
    return lambda path: f"{settings.base_url}/{path.lstrip('/')}"


def _filled(kind: str, part: str, facts: dict[str, Any]) -> str:
    return _environment().get_template(f"mail/{kind}/{part}").render(facts)


def _environment() -> Environment:
    """The application's templates, in which whatever is missing is an error and no gap."""
    kept: dict[str, Any] = current_app.extensions
    if "letters" not in kept:
        own = current_app.jinja_env.overlay(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
        own.filters = own.filters | {"paragraphs": _paragraphs}
        kept["letters"] = own
    found: Environment = kept["letters"]
    return found


def _paragraphs(text: str) -> str:
    """Lines of at most `WIDTH` and one blank line between paragraphs; an address stays whole."""
    lines: list[str] = []
    for line in text.strip("\n").splitlines():
        margin = line[: len(line) - len(line.lstrip(" "))]
        lines += textwrap.wrap(line, WIDTH, subsequent_indent=margin, break_long_words=False, break_on_hyphens=False)
        if not line.strip() and lines and lines[-1]:
            lines.append("")
    return "\n".join(lines).strip("\n")
