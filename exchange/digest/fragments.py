"""The pieces of a letter, each written once and used in the letters of all who read the same."""

from collections.abc import Callable, Hashable
from typing import Any

import css_inline
from flask import current_app
from markupsafe import Markup

from exchange.digest.skeleton import Skeletons
from exchange.mail.render import environment

MOST = 10_000
FOLDER = "mail/digest"
_inliner = css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=False)


class Fragments:
    """Written pieces by template, language and whatever else decides what they say.

    The style sheet is written into the elements of each finished piece, never into a template.
    """

    def __init__(self) -> None:
        self.skeletons = Skeletons()
        self._known: dict[tuple[str, Hashable], str] = {}
        self._once: dict[tuple[int, Hashable], tuple[object, str]] = {}
        self._style: str | None = None

    def piece(self, name: str, key: Hashable, **facts: Any) -> str:
        """The piece that a template makes of these facts; `key` tells it from all that say something else.

        Raises:
            jinja2.TemplateError: the template lacks a fact.
        """
        if (name, key) not in self._known:
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[name, key] = self._written(name, facts)
        return self._known[name, key]

    def once(self, of: object, key: Hashable, write: Callable[[], str]) -> str:
        """What `write` makes of this very object, for all who read it under the same `key`."""
        found = self._once.get((id(of), key))
        if found is None or found[0] is not of:
            if len(self._once) >= MOST:
                self._once.clear()
            found = self._once[id(of), key] = of, write()
        return found[1]

    def _written(self, name: str, facts: dict[str, Any]) -> str:
        text = environment().get_template(f"{FOLDER}/{name}").render(facts).strip("\n")
        if not name.endswith(".html"):
            return text
        return Markup(_inliner.inline_fragment(text, self._sheet()))  # noqa: S704 (a template of ours has escaped it)

    def _sheet(self) -> str:
        if self._style is None:
            self._style = environment().get_template(f"{FOLDER}/style.css").render()
        return self._style


def shared() -> Fragments:
    """The application's own. A key holds all that a piece says, so that none is ever out of date."""
    kept: dict[str, Any] = current_app.extensions
    found: Fragments = kept.setdefault("fragments", Fragments())
    return found


def inlined(skeleton: str) -> str:
    """A whole page with its style sheet written into its elements."""
    return str(_inliner.inline(skeleton))
