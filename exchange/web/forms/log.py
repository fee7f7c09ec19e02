"""What of the log to show; sent by GET."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import SelectField

from exchange.web.forms import choices

SORTS = (
    ("favor", _("Favors")),
    ("decision", _("Decisions")),
    ("correction", _("Corrections")),
    ("role", _("Roles and rules")),
    ("erase", _("Forgotten members")),
)


class LogFilter(FlaskForm):  # type: ignore[misc]
    """Entries of one member, of one sort, or of one category."""

    class Meta:
        csrf = False

    member = SelectField(_("Person"), validate_choice=False)
    kind = SelectField(_("What"), choices=choices(("", _("Everything")), *SORTS), validate_choice=False)
    category = SelectField(_("Category"), validate_choice=False)
