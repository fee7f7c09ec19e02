"""The reader's language and zone."""

from zoneinfo import ZoneInfo

from flask import Flask
from flask_babel import Babel

from exchange.web.guards import person


def init_app(app: Flask) -> None:
    """Let Flask-Babel ask us for the reader's language and zone."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    Babel(app, locale_selector=language, timezone_selector=lambda: zone().key)
    app.context_processor(lambda: {"language": language(), "zone": zone().key})


def language() -> str:
    """The language of the reader."""
    reader = person()
    return reader.language if reader else "en"


def zone() -> ZoneInfo:
    """The zone of the reader; UTC for somebody who is not signed in."""
    reader = person()
    return ZoneInfo(reader.zone if reader else "UTC")
