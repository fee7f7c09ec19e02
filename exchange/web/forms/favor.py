"""The forms around a favor."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField

from exchange.web.forms import choices, number


class ThanksForm(FlaskForm):  # type: ignore[misc]
    """It happened, and perhaps a word of thanks."""

    thanks = TextAreaField(_("A word of thanks"))


class CancelForm(FlaskForm):  # type: ignore[misc]
    """Calling off what was agreed."""

    why = TextAreaField(_("What shall the other side know?"))


class WhyForm(FlaskForm):  # type: ignore[misc]
    """A reason: for a dispute, a correction, a decision."""

    why = TextAreaField(_("Why"))


class UnaskedForm(FlaskForm):  # type: ignore[misc]
    """A favor that happened without a post."""

    how = RadioField(
        _("Who helped whom"),
        choices=choices(("helped_by", _("I was helped")), ("helped", _("I helped somebody"))),
        default="helped_by",
    )
    find = StringField(_("The other one"))
    member = SelectField(_("Who was it"), coerce=number, validate_choice=False)
    category = SelectField(_("Category"), validate_choice=False)
    title = StringField(_("What it was"))
    thanks = TextAreaField(_("A word of thanks"))
    withheld = BooleanField(_("Keep both names out of what others read"))
