"""What of the log to show; sent by GET."""

from flask_babel import lazy_gettext as _
from wtforms import SelectField

from exchange.web.forms import choices
from exchange.web.forms.filters import Filter

SORTS = (
    ("favor", _("Favors")),
    ("decision", _("Decisions")),
    ("correction", _("Corrections")),
    ("role", _("Roles and rules")),
    ("erase", _("Forgotten members")),
)


class LogFilter(Filter):
    """Entries of one member, of one sort, or of one category."""

    member = SelectField(_("Person"), validate_choice=False)
    kind = SelectField(_("What"), choices=choices(("", _("Everything")), *SORTS), validate_choice=False)
    category = SelectField(_("Category"), validate_choice=False)
