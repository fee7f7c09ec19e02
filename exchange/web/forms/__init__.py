"""Forms: what a page asks for. The domain decides whether it can be taken; a form only keeps what was typed."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import g
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older

from exchange.domain import accounts
from exchange.domain.errors import Refusal

Done = TypeVar("Done")

LONGEST_NUMBER = 18  # what a database can hold
NO_NAMES = _("No client names and no confidential matters: everybody in the group reads this.")


def attempt(form: FlaskForm, verb: Callable[[], Done]) -> Done | None:
    """Run a verb with what was posted. None when there was nothing, or when it was refused because of a field.

    A refusal that names a field of the form is shown beside it, and everything typed is kept. Others go on to the
    page of refusals.
    """
    if not form.is_submitted():
        return None
    if not form.validate():
        g.status = 422
        return None
    try:
        return verb()
    except Refusal as refusal:
        if refusal.field not in form:
            raise
        field = form[refusal.field]
        field.errors = [*field.errors, refusal.sentence]
        g.status = refusal.status
        return None


def status() -> int:
    """The status of a page with a form: 200, or why what was typed could not be taken."""
    return int(g.get("status", 200))


def choices(*pairs: tuple[str, Any]) -> list[SelectChoice]:
    """(value, label) as a select or a set of radio buttons takes them."""
    return [SelectChoice(value, label) for value, label in pairs]


def number(value: Any) -> int:
    """The number of a member or a row that a form holds; 0 where there is none, and for what can be none."""
    said = str(value or "")
    return int(said) if said.isdecimal() and len(said) <= LONGEST_NUMBER else 0


def zones() -> list[SelectChoice]:
    """Every zone of the world for a select, with its name as people read it."""
    regions = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")
    names = sorted(name for name in accounts.zones() if name.startswith(regions))
    return choices(("UTC", "UTC"), *((name, name.replace("_", " ").replace("/", ", ")) for name in names))


def words_of(form: FlaskForm, *names: str) -> dict[str, Any]:
    """What was typed into the named fields; an empty text where a field was not sent at all."""
    return {name: form[name].data or "" for name in names}
