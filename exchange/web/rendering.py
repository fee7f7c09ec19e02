"""What templates call most, with less in between: macros, sentences and addresses.

A page of thirty posts calls a macro or a sentence a thousand times. Jinja, Flask-Babel and Flask look each time at
what cannot change; what is kept here is the same for everybody, or a pure function of what it is asked.
"""

from functools import lru_cache
from types import FunctionType
from typing import Any

import flask
from flask import Flask, g, has_request_context, request
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from jinja2.runtime import Context, Macro
from jinja2.utils import internalcode
from markupsafe import Markup

from exchange.sentences import said_in
from exchange.web.language import spoken

A_NUMBER = 987_654_321


class Quick(Context):
    """Calls a macro or a plain function as one, without asking it what it is."""

    @internalcode
    def call(self, called: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call what a template names."""
        if type(called) is Macro:
            kwargs.pop("_block_vars", None)
            kwargs.pop("_loop_vars", None)
            return called(self.eval_ctx, *args, **kwargs)
        if type(called) is FunctionType and not hasattr(called, "jinja_pass_arg"):
            kwargs.pop("_block_vars", None)
            kwargs.pop("_loop_vars", None)
            return called(*args, **kwargs)
        return super().call(called, *args, **kwargs)


def init_app(app: Flask) -> None:
    """Put them in the place of what the libraries have brought."""
    app.jinja_env.context_class = Quick
    app.jinja_env.globals |= {"_": sentence, "gettext": sentence, "url_for": address}


@pass_eval_context
def sentence(context: EvalContext, said: str, /, **words: Any) -> str:
    """A sentence in the language of whoever reads."""
    found = _sentence(spoken(), said)
    if not words and "%" not in found:
        return found if context.autoescape else str(found)
    return (found if context.autoescape else str(found)) % words


def gettext(said: str, /, **words: Any) -> str:
    """The same for Python that writes what templates show."""
    found = str(_sentence(spoken(), said))
    return found % words if words else found


@lru_cache(maxsize=8192)
def _sentence(language: str, said: str) -> Markup:
    return Markup(said_in(language).gettext(said))  # noqa: S704 (what templates say, and translators)


def address(endpoint: str, /, **values: Any) -> str:
    """As `url_for`. With a slug and at most one number it is written from what was built once."""
    others = [name for name in values if name != "slug"]
    if len(others) > 1 or endpoint == "static" or endpoint.startswith(".") or not has_request_context():
        return flask.url_for(endpoint, **values)
    name = others[0] if others else ""
    number = values[name] if name else A_NUMBER
    if type(number) is not int or number < 0 or name.startswith("_"):
        return flask.url_for(endpoint, **values)
    slug = values.get("slug")
    before, after = _around(request.script_root, g.get("slug"), endpoint, slug, name)
    return f"{before}{number}{after}" if name else before


@lru_cache(maxsize=4096)
def _around(_root: str, _here: str | None, endpoint: str, slug: str | None, name: str) -> tuple[str, str]:
    """What stands before and after the number in an address."""
    values: dict[str, Any] = ({"slug": slug} if slug is not None else {}) | ({name: A_NUMBER} if name else {})
    built = flask.url_for(endpoint, **values)
    if not name:
        return built, ""
    # The last one: the number stands after the slug, which may hold any other.
    before, _number, after = built.rpartition(str(A_NUMBER))
    return before, after
