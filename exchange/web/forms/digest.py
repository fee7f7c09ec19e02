"""The forms around the weekly letter: what somebody wishes of it, and an organiser's note."""

from datetime import datetime, time
from typing import Any

from babel.dates import get_day_names
from flask_babel import format_time, get_locale, ngettext
from flask_babel import gettext as _now
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older

from exchange.sentences import LANGUAGES
from exchange.web.filters import day
from exchange.web.forms import LONGEST_NUMBER, choices, zones

PAUSES = (1, 2, 3, 4, 6, 8, 12)
AS_IT_IS = ""


def days() -> list[SelectChoice]:
    """The days of the week, from Monday, in the reader's language."""
    names = get_day_names("wide", locale=get_locale())
    return choices(*((str(number), names[number]) for number in range(7)))


def hours() -> list[SelectChoice]:
    """The hours of a day."""
    return choices(*((str(hour), format_time(time(hour), "HH:mm", rebase=False)) for hour in range(24)))


def whole(value: Any) -> int:
    """A number as a select holds it; -1 for anything else, which no rule takes."""
    said = str(value)
    return int(said) if said.isdecimal() and len(said) <= LONGEST_NUMBER else -1


class WishesForm(FlaskForm):  # type: ignore[misc]
    """How often, when, in which zone and language, and a pause. The groups are checkboxes of the page itself."""

    rhythm = RadioField(
        _("How often"),
        choices=choices(("weekly", _("Once a week")), ("daily", _("Every day")), ("never", _("Never"))),
        validate_choice=False,
    )
    weekday = SelectField(_("On"), choices=days, coerce=whole, validate_choice=False)
    hour = SelectField(_("At"), choices=hours, coerce=whole, validate_choice=False)
    zone = SelectField(_("Time zone"), choices=zones, validate_choice=False)
    language = SelectField(_("Language"), choices=choices(*LANGUAGES.items()), validate_choice=False)
    pause = SelectField(_("Pause"), validate_choice=False)

    def offer_pauses(self, paused_until: datetime | None) -> None:
        """What can be chosen about a pause, which depends on whether there is one."""
        now = _now("Paused until %(day)s", day=day(paused_until)) if paused_until else _now("No pause")
        end = [("0", _now("End the pause"))] if paused_until else []
        spans = ((str(weeks), ngettext("For %(num)s week", "For %(num)s weeks", weeks)) for weeks in PAUSES)
        self.pause.choices = choices((AS_IT_IS, now), *end, *spans)


class NoteForm(FlaskForm):  # type: ignore[misc]
    """What stands at the top of the next letter to the group."""

    text = TextAreaField(_("The note"))
