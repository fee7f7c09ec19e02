"""The forms around what a group settles: its settings, rules and categories, and who organises."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    EmailField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.widgets import CheckboxInput

from exchange.domain.desk.categories import Kind
from exchange.domain.desk.settings import Holding, Joining, Rule, Settled
from exchange.web.forms import choices, number, zones
from exchange.web.forms.digest import hours, whole

KINDS = {
    Kind.EVENT_PLACE: _("Places at events"),
    Kind.INTRODUCTION: _("Introductions"),
    Kind.ADVICE: _("Advice"),
    Kind.REVIEW: _("Reading something over"),
    Kind.MENTORING: _("Mentoring"),
    Kind.REFERRAL: _("Referrals of clients"),
    Kind.OTHER: _("Something else"),
}


class Checks(SelectMultipleField):
    """Several of a few, as boxes to tick."""

    option_widget = CheckboxInput()


class SettingsForm(FlaskForm):  # type: ignore[misc]
    """Everything that a group settles but for its rules and categories."""

    name = StringField(_("Name of the group"))
    purpose = TextAreaField(_("What it is for"))
    welcome = TextAreaField(_("A welcome"))
    joining = RadioField(_("How one comes in"), choices=choices(*((one.value, one.value) for one in Joining)))
    question = StringField(_("What is asked of those who want to join"))
    holding = RadioField(_("Before a post stands on the board"), choices=choices(*((one.value, "") for one in Holding)))
    allocation = Checks(_("How places may go"), choices=choices(*((one.value, "") for one in Rule)))
    withholding = BooleanField(_("Names may be withheld"))
    second_factor = BooleanField(_("Organisers need a second factor"))
    digest_hour = SelectField(_("The weekly letter comes at"), choices=hours, coerce=whole, validate_choice=False)

    def said(self) -> Settled:
        """What was chosen."""
        return Settled(
            name=self.name.data or "",
            purpose=self.purpose.data or "",
            welcome=self.welcome.data or "",
            joining=Joining(self.joining.data),
            holding=Holding(self.holding.data),
            digest_hour=self.digest_hour.data,
            allocation=tuple(Rule(one) for one in self.allocation.data or ()),
            withholding=bool(self.withholding.data),
            question=self.question.data or "",
            second_factor=bool(self.second_factor.data),
        )


class RuleForm(FlaskForm):  # type: ignore[misc]
    """One rule in one sentence."""

    text = StringField(_("The rule"))


class CategoryForm(FlaskForm):  # type: ignore[misc]
    """A category: what it is called, what it is about, and whether its favors count."""

    name = StringField(_("Name"))
    kind = SelectField(_("What it is about"), choices=choices(*KINDS.items()), default=Kind.OTHER)
    neutral = BooleanField(_("Its favors are logged and counted for nobody"))
    enabled = BooleanField(_("It can be posted in"), default=True)


class OrganiserForm(FlaskForm):  # type: ignore[misc]
    """Who organises from now on, and the password once more."""

    find = StringField(_("Member"))
    member = SelectField(_("Member"), coerce=number, validate_choice=False)
    password = PasswordField(_("Your password"))


class StepDownForm(FlaskForm):  # type: ignore[misc]
    """Going back to being a member takes the password once more."""

    password = PasswordField(_("Your password"))


class VoteForm(FlaskForm):  # type: ignore[misc]
    """For whom one is. The people are radio buttons of the page itself."""

    member = RadioField(_("For whom"), choices=[], coerce=number, validate_choice=False)


class AddressForm(FlaskForm):  # type: ignore[misc]
    """Where a letter shall go to somebody who has no account."""

    email = EmailField(_("Your e-mail address"))


class AskForm(FlaskForm):  # type: ignore[misc]
    """What somebody who wants to join answers."""

    answer = TextAreaField(_("A few words about you"))


class ComeForm(AskForm):
    """What somebody who wants to join and has no account gives."""

    name = StringField(_("Your name"))
    password = PasswordField(_("A password"))
    zone = SelectField(_("Your time zone"), choices=zones, validate_choice=False)
