"""The forms around people: profile, account, invitations, joining, a new group."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField, SelectField, StringField, TextAreaField

from exchange.web.forms import zones


class ProfileForm(FlaskForm):  # type: ignore[misc]
    """What the group sees of a member."""

    firm = StringField(_("Firm"))
    practice = StringField(_("Practice"))
    office = StringField(_("Office"))
    contact = StringField(_("Contact line"))
    can_help_with = TextAreaField(_("I can help with"))
    would_love = TextAreaField(_("I would love"))


class AccountForm(FlaskForm):  # type: ignore[misc]
    """A person's name and zone."""

    name = StringField(_("Name"))
    zone = SelectField(_("Time zone"), choices=zones, validate_choice=False)


class InviteForm(FlaskForm):  # type: ignore[misc]
    """One address to invite."""

    email = EmailField(_("E-mail address"))


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
