"""The forms around people: profile, account, invitations, joining, a new group."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, FileField, PasswordField, SelectField, StringField, TextAreaField

from exchange.sentences import LANGUAGES
from exchange.web.forms import choices, number, zones
from exchange.web.forms.filters import Filter


class ProfileForm(FlaskForm):  # type: ignore[misc]
    """What the group sees of a member."""

    firm = StringField(_("Firm"))
    practice = StringField(_("Practice"))
    office = StringField(_("Office"))
    contact = StringField(_("Contact line"))
    can_help_with = TextAreaField(_("I can help with"))
    would_love = TextAreaField(_("I would love"))
    accepts_gifts = BooleanField(_("I accept gifts such as places at events"))


class DirectoryFilter(Filter):
    """Which members to show; sent by GET."""

    q = StringField(_("Name or anything"))
    help = StringField(_("Can help with"))
    love = StringField(_("Would love"))
    firm = StringField(_("Firm"))
    practice = StringField(_("Practice"))
    office = StringField(_("Office"))


class AccountForm(FlaskForm):  # type: ignore[misc]
    """A person's name, zone and language."""

    name = StringField(_("Name"))
    zone = SelectField(_("Time zone"), choices=zones, validate_choice=False)
    language = SelectField(_("Language"), choices=choices(*LANGUAGES.items()), validate_choice=False)


class AddressForm(FlaskForm):  # type: ignore[misc]
    """Another address, and the password once more."""

    email = EmailField(_("New e-mail address"))
    password = PasswordField(_("Your password"))


class InviteForm(FlaskForm):  # type: ignore[misc]
    """One address to invite."""

    email = EmailField(_("E-mail address"))


class ListForm(FlaskForm):  # type: ignore[misc]
    """Many addresses, pasted or in a file."""

    text = TextAreaField(_("The list"))
    file = FileField(_("A file"))


class JoinForm(FlaskForm):  # type: ignore[misc]
    """What a newcomer without an account gives."""

    name = StringField(_("Your name, as the others know you"))
    password = PasswordField(_("A password of your choice"))
    zone = SelectField(_("Time zone"), choices=zones, validate_choice=False)


class GroupForm(FlaskForm):  # type: ignore[misc]
    """A new group."""

    name = StringField(_("Name of the group"))
    slug = StringField(_("Its address"))
    organiser = EmailField(_("E-mail address of the first organiser"))
    zone = SelectField(_("Time zone"), choices=zones, default="UTC", validate_choice=False)


class OutsideForm(FlaskForm):  # type: ignore[misc]
    """Who shall organise a group in which nobody does."""

    email = EmailField(_("E-mail address of a member"))
    password = PasswordField(_("Your password"))


class TokenForm(FlaskForm):  # type: ignore[misc]
    """What a read token is for."""

    name = StringField(_("What it is for"))


class ErasureForm(FlaskForm):  # type: ignore[misc]
    """Being forgotten takes the password again."""

    password = PasswordField(_("Your password"))


class DeletionForm(FlaskForm):  # type: ignore[misc]
    """Deleting a group takes its name, typed, and the password again."""

    name = StringField(_("The name of the group"))
    password = PasswordField(_("Your password"))


class TieForm(FlaskForm):  # type: ignore[misc]
    """With whom, and what connects the two."""

    find = StringField(_("With whom"))
    member = SelectField(_("With whom"), coerce=number, validate_choice=False)
    kind = SelectField(
        _("What connects you"),
        choices=choices(
            ("same_firm", _("The same firm")),
            ("family", _("Family")),
            ("client", _("One is the other’s client")),
            ("business_partner", _("Business partners")),
            ("other", _("Something else")),
        ),
    )
