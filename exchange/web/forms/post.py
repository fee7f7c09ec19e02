"""The forms around a post."""

from collections.abc import Collection
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import DateInput

from exchange.domain.errors import BadInput
from exchange.domain.posts import Rule
from exchange.web.forms import choices
from exchange.web.forms.filters import Filter

LOCAL = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
_moment = _("This is not a day and an hour.")


WAYS = choices(("usual", _("As usual.")), ("choice", _("I choose.")), ("first_come", _("Whoever answers first.")))


class MomentField(DateTimeLocalField):
    """A day and an hour in the reader's zone, with a sentence for what is neither."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the field. Raises ValueError with a sentence."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_moment) from None


class PlacesField(IntegerField):
    """How many places there are, with a sentence for what is no number."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the field. Raises ValueError with a sentence."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("Places are counted in whole numbers.")) from None


class PostForm(FlaskForm):  # type: ignore[misc]
    """Posting on one screen."""

    kind = RadioField(
        _("Need or offer"),
        choices=choices(("need", _("Need")), ("offer", _("Offer"))),
        default="offer",
        validators=[InputRequired(_("Say whether this is a need or an offer."))],
    )
    title = StringField(_("In one line"))
    text = TextAreaField(_("A few words more"))
    category = SelectField(_("Category"), validate_choice=False)
    slots = PlacesField(_("Places"), default=1, validators=[InputRequired(_("There can be 1 to 99 places."))])
    event_at = MomentField(_("When it takes place"), format=LOCAL, validators=[Optional()])
    place = StringField(_("Where"))
    closes_at = MomentField(
        _("Answers until"), format=LOCAL, validators=[InputRequired(_("Say until when answers are welcome."))]
    )
    hidden_from_firm = BooleanField(_("From everybody at my own firm"))
    find = StringField(_("From these members"))
    hidden_from = SelectMultipleField(_("From these members"), coerce=int, validate_choice=False)
    rule = RadioField(
        _("If more would love it than there are places"),
        choices=WAYS,
        validate_choice=False,
    )

    def offer_ways(self, ways: Collection[Rule]) -> None:
        """Offer only the ways of giving places that the group allows, and choose one of them to begin with."""
        usual = {"usual"} if {Rule.CHOICE, Rule.FIRST_COME} <= set(ways) else set()
        offered = [one for one in WAYS if one.value in {way.value for way in ways} | usual]
        self.rule.choices = offered
        if self.rule.data is None:
            self.rule.data = offered[0].value

    def way(self) -> Rule | None:
        """How places go; None for the usual way. Raises BadInput for what is no way at all."""
        said = self.rule.data or "usual"
        if said != "usual" and said not in set(Rule):
            raise BadInput(_("Choose how the places go."), field="rule")
        return None if said == "usual" else Rule(said)


class AnswerForm(FlaskForm):  # type: ignore[misc]
    """A member's answer to a post."""

    text = TextAreaField(_("Your answer"))


class ChooseForm(FlaskForm):  # type: ignore[misc]
    """The author's choice among the answers."""

    response = IntegerField(_("Answer"))
    others = RadioField(
        _("And the others?"),
        choices=choices(
            ("standby", _("They stand by, in this order")), ("decline", _("They are told today that the place is gone"))
        ),
        default="standby",
        validate_choice=False,
    )


class BoardFilter(Filter):
    """What of the board to show; sent by GET."""

    kind = SelectField(
        _("Kind"),
        choices=choices(("", _("Needs and offers")), ("need", _("Needs")), ("offer", _("Offers"))),
        validate_choice=False,
    )
    category = SelectField(_("Category"), validate_choice=False)
    state = SelectField(
        _("Open or closed"),
        choices=choices(("open", _("Open")), ("closed", _("Closed")), ("all", _("Open and closed"))),
        validate_choice=False,
    )
    since = StringField(_("Takes place from"), widget=DateInput())
    until = StringField(_("Takes place until"), widget=DateInput())
    place = StringField(_("Place"))
    sort = SelectField(
        _("Order"),
        choices=choices(("closing", _("Closing soon")), ("newest", _("Newest")), ("event", _("Day of the event"))),
        validate_choice=False,
    )
