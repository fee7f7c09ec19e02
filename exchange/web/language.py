"""The reader's language and zone."""

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from babel import negotiate_locale
from flask import Flask, g, has_request_context, request
from flask_babel import get_locale

from exchange.sentences import LANGUAGES, Languages
from exchange.web.guards import person

if TYPE_CHECKING:
    from exchange.storage.person import Person


def init_app(app: Flask) -> None:
    """Let Flask-Babel ask us for the reader's language and zone."""
    Languages(app, locale_selector=language, timezone_selector=lambda: zone().key)
    app.context_processor(lambda: {"language": language(), "zone": zone().key})


def _reader() -> "Person | None":
    """The signed-in person, or the one whom a signed link was sent to."""
    return person() or (g.get("reader") if has_request_context() else None)


def language() -> str:
    """What the reader has chosen; for a stranger what the browser asks for; English outside a request."""
    reader = _reader()
    if reader:
        return reader.language if reader.language in LANGUAGES else "en"
    asked = list(request.accept_languages.values()) if has_request_context() else []
    return negotiate_locale(asked, LANGUAGES, sep="-") or "en"


def spoken() -> str:
    """The language of this page, as Flask-Babel has found it. It is asked for each sentence, so with few steps."""
    kept = vars(g._get_current_object()).get("_flask_babel")
    locale = getattr(kept, "babel_locale", None) or get_locale()
    return str(locale.language) if locale else "en"


def zone() -> ZoneInfo:
    """The zone of the reader; UTC for somebody who is not signed in."""
    reader = _reader()
    return ZoneInfo(reader.zone if reader else "UTC")
