"""What the site's administrator says about a case that was handed over."""

from datetime import datetime, time

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, RadioField, SelectField, TextAreaField
from wtforms.validators import Optional

from exchange.domain.desk.appeals import Outcome
from exchange.domain.desk.decisions import Act
from exchange.domain.desk.effects import ACTS
from exchange.domain.desk.pages import CaseView
from exchange.web.forms import choices, number
from exchange.web.language import zone

ACT_WORDS = {
    Act.DISMISS: _("Let it stand"),
    Act.ASK_EDIT: _("Ask for an edit; it rests until then"),
    Act.HIDE: _("Hide it"),
    Act.REMOVE: _("Remove it"),
    Act.WARN: _("Let it stand, and warn the member"),
    Act.SUSPEND: _("Suspend the member until a day"),
    Act.END: _("End the membership"),
}
OUTCOMES = {
    Outcome.UPHELD: _("It stays as it was decided"),
    Outcome.OVERTURNED: _("It is taken back"),
    Outcome.CHANGED: _("Something else is done instead"),
}


class HandedForm(FlaskForm):  # type: ignore[misc]
    """A decision, or the answer to an appeal: what is done, under which rule, and why. `read` is the round seen."""

    read = HiddenField()
    outcome = RadioField(_("Your answer"), choices=choices(*OUTCOMES.items()), validate_choice=False)
    act = RadioField(_("What shall be done"), validate_choice=False)
    until = DateField(_("Until when"), validators=[Optional()])
    rule = SelectField(_("Which rule"), coerce=number, validate_choice=False)
    why = TextAreaField(_("Reason for everybody"))
    note = TextAreaField(_("Note for those who decide"))

    def fit(self, case: CaseView) -> "HandedForm":
        """Offer what can be done in this case, and its group's rules."""
        again = case.appeal is not None
        every = [act for act in ACTS.get(case.kind, ()) if act is not Act.DISMISS] if again else list(Act)
        self.act.choices = choices(*((act.value, ACT_WORDS[act]) for act in every if again or act in case.may))
        rules = ((str(rule.id), f"{place}. {rule.text}") for place, rule in enumerate(case.rules, start=1))
        self.rule.choices = choices(("", _("Choose a rule")), *rules)
        self.read.data = self.read.data or str(case.round)
        return self

    def chosen(self) -> Act | None:
        """What shall be done, if anything was chosen."""
        return Act(self.act.data) if self.act.data in set(ACT_WORDS) else None

    def until_when(self) -> datetime | None:
        """The beginning of the chosen day where the reader is."""
        return datetime.combine(self.until.data, time(), tzinfo=zone()) if self.until.data else None
