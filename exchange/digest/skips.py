"""Why an issue is not sent. Each skip is a row that says it."""

from enum import StrEnum

from flask_babel import lazy_gettext as _


class Skip(StrEnum):
    """The reasons, as they stand in the table."""

    EMPTY = "empty"
    EXPIRED = "expired"
    PAUSED = "paused"
    STOPPED = "unsubscribed"
    OFF = "off"
    SUPPRESSED = "suppressed"
    SUSPENDED = "suspended"
    LEFT = "left"
    GONE = "gone"


SENTENCES = {
    Skip.EMPTY: _("Nothing was new for them"),
    Skip.EXPIRED: _("It was late, and the next letter tells what was in it"),
    Skip.PAUSED: _("They pause the letter"),
    Skip.STOPPED: _("They have stopped the letter"),
    Skip.OFF: _("They have left their groups out of the letter"),
    Skip.SUPPRESSED: _("Letters to their address come back"),
    Skip.SUSPENDED: _("Their membership is suspended"),
    Skip.LEFT: _("They have left"),
    Skip.GONE: _("Their account is not active any more"),
}
