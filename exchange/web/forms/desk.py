"""The forms of the desk and of what members say to it. Deciding keeps what was typed, whatever comes between."""

from collections.abc import Iterable
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Optional

from exchange.web.forms import choices, number
from exchange.web.language import zone

if TYPE_CHECKING:
    from exchange.storage.policy import GroupRule


def chosen(value: Any) -> int | None:
    """The row that a radio button stands for; None where nothing is chosen."""
    return number(value) or None


def numbered(rules: Iterable["GroupRule"]) -> list[Any]:
    """The group's rules, to choose one of."""
    return choices(*((str(rule.id), f"{place}. {rule.text}") for place, rule in enumerate(rules, start=1)))


class DecisionForm(FlaskForm):  # type: ignore[misc]
    """What is done, under which rule, and why. `in_round` is the round that was read."""

    in_round = HiddenField()
    act = RadioField(_("Your decision"), validate_choice=False)
    until = DateField(_("Until when"), validators=[Optional()])
    rule = SelectField(_("Which rule"), coerce=chosen, validate_choice=False)
    why = TextAreaField(_("Reason for everybody"))
    note = TextAreaField(_("Note for organisers"))

    def until_when(self) -> datetime | None:
        """The beginning of the chosen day where the reader is."""
        day = self.until.data
        return datetime.combine(day, time(), tzinfo=zone()) if day else None


class AnswerForm(DecisionForm):
    """What becomes of an appeal: it stays, it is taken back, or something else is done."""

    outcome = RadioField(
        _("Your answer"),
        choices=choices(
            ("upheld", _("It stays as it was decided")),
            ("overturned", _("It is taken back")),
            ("changed", _("Something else is done instead")),
        ),
        validate_choice=False,
    )


class BackForm(FlaskForm):  # type: ignore[misc]
    """Taking a decision back. The fields have names of their own on a page that holds several forms."""

    why = TextAreaField(_("Reason for everybody"), id="back-why")
    note = TextAreaField(_("Note for organisers"), id="back-note")


class QuestionForm(FlaskForm):  # type: ignore[misc]
    """A question to whoever made a report."""

    text = TextAreaField(_("Your question"), id="ask-text")


class TellForm(FlaskForm):  # type: ignore[misc]
    """The answer to it."""

    text = TextAreaField(_("Your answer"))


class AsideForm(FlaskForm):  # type: ignore[misc]
    """Standing aside by oneself."""

    why = TextAreaField(_("Why, if you like"), id="aside-why")


class ReportForm(FlaskForm):  # type: ignore[misc]
    """Which rule, and a word about it."""

    rule = RadioField(_("What is wrong"), coerce=chosen, validate_choice=False)
    note = TextAreaField(_("What shall the organisers know?"))


class AppealForm(FlaskForm):  # type: ignore[misc]
    """Asking that somebody else looks again."""

    why = TextAreaField(_("What did the first look miss?"))


class ObjectionForm(FlaskForm):  # type: ignore[misc]
    """Who should not decide, and why."""

    organiser = SelectField(_("Who should not decide"), coerce=number, validate_choice=False)
    why = TextAreaField(_("Why"))


class EditForm(FlaskForm):  # type: ignore[misc]
    """The words that somebody was asked to change."""

    title = StringField(_("The title"))
    text = TextAreaField(_("The text"))
