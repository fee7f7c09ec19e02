"""What the templates of a letter may say: its facts, and how its reader writes moments and numbers."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.numbers import format_decimal
from flask_babel import gettext as _

from exchange.config import Settings
from exchange.mail.kinds import MUST
from exchange.mail.links import address_link, link
from exchange.storage.letter import Letter

SEVERAL_LINES = {"text", "thanks", "why"}
# A moment is known by its key only: a member may well write something that looks like one.
MOMENTS = {"until", "by_itself"}
NO_FACTS = {"acts", "member"}


def locale_of(letter: Letter) -> Locale:
    """The reader's language; for who has no account yet, that of whoever has the letter written; or English."""
    language = letter.person.language if letter.person else letter.facts.get("language")
    try:
        return Locale.parse(language or "en", sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def own(letter: Letter, settings: Settings) -> dict[str, Any]:
    """What this letter tells, with the addresses that it leads to.

    Raises:
        KeyError: it asks for an act and does not say whose.
    """
    facts = {key: _fact(key, value) for key, value in letter.facts.items() if key not in NO_FACTS}
    if facts.get("title") == "":
        facts["title"] = _("(the text is gone)")
    if "path" in facts:
        facts["link"] = _site(settings)(facts["path"])
    facts["acts"] = {
        verb: link(settings, verb=verb, row=row, member=letter.facts["member"], at=letter.created_at)
        for verb, row in letter.facts.get("acts", [])
    }
    if "asks" in facts:
        facts["come"] = address_link(settings, row=facts["asks"], email=letter.email, at=letter.created_at)
    return facts


def common(letter: Letter, locale: Locale, settings: Settings) -> dict[str, Any]:
    """What every letter to this reader may say."""
    zone = _zone(letter)
    written = letter.created_at.astimezone(zone)

    def day(moment: datetime) -> str:
        local = moment.astimezone(zone)
        pattern = _("EEEE, d MMMM") if local.year == written.year else _("EEEE, d MMMM y")
        return format_date(local.date(), pattern, locale=locale)

    def moment(moment: datetime) -> str:
        # A reader without an account has no zone of their own, so theirs is named.
        pattern = "HH:mm" if letter.person else "HH:mm z"
        return f"{day(moment)}, {format_time(moment, pattern, tzinfo=zone, locale=locale)}"

    chooses = letter.group is not None and letter.person is not None and letter.kind not in MUST
    return {
        "layout": "mail/layout",
        "day": day,
        "moment": moment,
        "number": lambda value: format_decimal(value, locale=locale),
        "site": _site(settings),
        "written_at": letter.created_at,
        "written": format_date(written.date(), _("EEEE, d MMMM y"), locale=locale),
        "group": _fact("group", letter.group.name) if letter.group else "",
        "choice": _site(settings)(f"/g/{letter.group.slug}/me/letters") if letter.group and chooses else "",
        "invented": bool(letter.group and letter.group.invented),
        "language": str(locale).replace("_", "-"),
        "direction": locale.text_direction,
    }


def _zone(letter: Letter) -> ZoneInfo:
    for row in (letter.person, letter.group):
        try:
            if row is not None and row.zone:
                return ZoneInfo(row.zone)
        except (ZoneInfoNotFoundError, ValueError):
            continue
    return ZoneInfo("UTC")


def _fact(key: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if key in MOMENTS or key.endswith("_at"):
        return datetime.fromisoformat(value)
    return value if key in SEVERAL_LINES else " ".join(value.split())


def _site(settings: Settings) -> Callable[[str], str]:
    return lambda path: f"{settings.base_url}/{path.lstrip('/')}"
