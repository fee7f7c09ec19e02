"""The forms around a favor."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import TextAreaField


class ThanksForm(FlaskForm):  # type: ignore[misc]
    """It happened, and perhaps a word of thanks."""

    thanks = TextAreaField(_("A word of thanks"))


class CancelForm(FlaskForm):  # type: ignore[misc]
    """Calling off what was agreed."""

    why = TextAreaField(_("What shall the other side know?"))
