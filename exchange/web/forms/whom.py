"""Choosing a member: from a list where there are few, and among many by typing a name.

Nobody chooses from a list of thousands, and it would weigh more than the page. So the form asks for a name and comes
back with the few that fit, without losing what else was typed; where one alone fits, that one is meant.
"""

from typing import Any

from flask import g, request
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from exchange.domain import members
from exchange.web.forms import choices
from exchange.web.guards import me

LISTED = 150  # of more members nobody chooses one from a list
FEW = 12


def offer(form: FlaskForm, name: str, *, organisers: bool = True) -> bool:
    """Give the field `name` its choices: the other members, or those who fit what stands in its field `find`.

    Whether the form can go on; otherwise it has to come back, and says why.
    """
    field, find = form[name], form.find
    usual = [] if field.type == "SelectMultipleField" else [("", _("Choose a member"))]
    some: Any = {"seen_by": me(), "organisers": organisers}
    if (people := members.others(most=LISTED, **some)) is not None:
        del form.find
        field.choices = choices(*usual, *((str(number), said) for number, said in people))
        return True
    typed, chosen = (find.data or "").strip(), _numbers(field)
    fitting = members.called(typed, most=FEW + 1, **some)
    every = dict(members.numbered(chosen, **some)) | dict(fitting[:FEW])
    field.choices = choices(*(usual if every else ()), *((str(number), said) for number, said in every.items()))
    if not form.is_submitted() or not typed:
        return "look" not in request.form
    return _settled(field, find, [number for number, _said in fitting], chosen)


def _settled(field: Any, find: Any, fitting: list[int], chosen: list[int]) -> bool:
    """Whether it is clear who is meant by what was typed. Just looking for somebody never is."""
    looking = "look" in request.form
    several = isinstance(field.data, list)
    if not fitting:
        find.errors = [_("Nobody else here is called so. Try a part of the name, or the firm.")]
    elif len(fitting) == 1 and not looking:
        field.data = sorted({*chosen, fitting[0]}) if several else fitting[0]
        return True
    elif len(fitting) == 1 and not several:
        field.data = fitting[0]
    elif set(chosen) & set(fitting) and not looking:
        return True
    elif len(fitting) > FEW:
        many = _("More than %(count)s are called so. These are the first; type more of the name.", count=FEW)
        find.description, find.errors = many, [] if looking else [many]
    elif not looking:
        find.errors = [_("Several are called so. Choose among them.")]
    if not looking:
        g.status = 422
    return False


def _numbers(field: Any) -> list[int]:
    said = field.data if isinstance(field.data, list) else [field.data]
    return [number for number in said if number]
