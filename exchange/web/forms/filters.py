"""Forms that narrow a list: sent by GET, so the address keeps what was asked for."""

from typing import TYPE_CHECKING, Any

from flask_wtf import FlaskForm
from markupsafe import Markup, escape
from wtforms import SelectField
from wtforms.meta import DefaultMeta
from wtforms.widgets.core import html_params

if TYPE_CHECKING:
    from _typeshed import SupportsItems


class Filter(FlaskForm):  # type: ignore[misc]
    """What of a list to show. Such forms stand on nearly every page that is read, and are written with few steps."""

    class Meta(DefaultMeta):
        """Nothing is changed by them, so there is no token."""

        csrf = False

        def render_field(self, field: Any, render_kw: "SupportsItems[str, Any]") -> Markup:
            """A select of plain choices as WTForms writes it; it asks each of its options what it is ten times over."""
            if type(field) is SelectField:
                return _select(field, dict(render_kw.items()))
            return super().render_field(field, render_kw)


def _select(field: Any, attributes: dict[str, Any]) -> Markup:
    options = "".join(
        f'<option {"selected " if str(choice.value) == field.data else ""}value="{escape(choice.value)}">'
        f"{escape(str(choice.label) or choice.value)}</option>"
        for choice in field.choices
    )
    written = html_params(name=field.name, **{"id": field.id} | attributes)
    return Markup(f"<select {written}>{options}</select>")  # noqa: S704 (escaped)
