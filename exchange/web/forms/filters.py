"""Forms that narrow a list: sent by GET, so the address keeps what was asked for."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from flask_wtf import FlaskForm
from markupsafe import Markup, escape
from wtforms import SelectField, StringField
from wtforms.meta import DefaultMeta

if TYPE_CHECKING:
    from _typeshed import SupportsItems


class Filter(FlaskForm):  # type: ignore[misc]
    """What of a list to show. Such forms stand on nearly every page that is read, and are written with few steps."""

    class Meta(DefaultMeta):
        """Nothing is changed by them, so there is no token."""

        csrf = False

        def render_field(self, field: Any, render_kw: "SupportsItems[str, Any]") -> Markup:
            """A select of plain choices or a line of text as WTForms writes it, which asks of each what it may be."""
            said = {"id": field.id, "name": field.name} | dict(render_kw.items())
            kind = type(field)
            if kind is SelectField:
                return Markup(f"<select {_attributes(said)}>{_options(field)}</select>")  # noqa: S704 (escaped)
            if kind is StringField:
                said = {"type": field.widget.input_type, "value": field._value()} | said
                return Markup(f"<input {_attributes(said)}>")  # noqa: S704 (escaped)
            return super().render_field(field, render_kw)


def _options(field: Any) -> str:
    return "".join(
        f'<option {"selected " if str(choice.value) == field.data else ""}value="{escape(choice.value)}">'
        f"{escape(str(choice.label) or choice.value)}</option>"
        for choice in field.choices
    )


def _attributes(said: dict[str, Any]) -> str:
    there = ((name, value) for name, value in sorted(said.items()) if value is not False)
    return " ".join(_named(name) if value is True else f'{_named(name)}="{escape(value)}"' for name, value in there)


@lru_cache(maxsize=64)
def _named(attribute: str) -> str:
    name = attribute.rstrip("_")
    return name.replace("_", "-") if name.startswith(("aria_", "data_")) else name
