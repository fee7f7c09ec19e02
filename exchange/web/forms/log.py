"""What of the log to show; sent by GET."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import SelectField


class LogFilter(FlaskForm):  # type: ignore[misc]
    """Entries of one member, or of one category."""

    class Meta:
        csrf = False

    member = SelectField(_("Person"), validate_choice=False)
    category = SelectField(_("Category"), validate_choice=False)
