"""What templates call most, with less in between: macros, sentences and addresses.

A page of thirty posts calls a macro or a sentence a thousand times. Jinja, Flask-Babel and Flask look each time at
what cannot change; what is kept here is the same for everybody, or a pure function of what it is asked.
"""

from collections.abc import Callable
from functools import lru_cache, partial
from types import FunctionType
from typing import Any

import flask
from flask import Flask, g, has_request_context, request
from jinja2 import pass_eval_context
from jinja2.compiler import CodeGenerator, Frame
from jinja2.nodes import EvalContext, Expr
from jinja2.runtime import Context, Macro
from jinja2.utils import internalcode, missing
from markupsafe import Markup, escape

from exchange.sentences import said_in
from exchange.web.language import spoken

A_NUMBER = 987_654_321
# Of a text that is escaped by now, without asking what it is.
as_it_is: Callable[[str], Markup] = partial(str.__new__, Markup)


class Quick(Context):
    """Calls a macro or a plain function as one, without asking it what it is."""

    @internalcode
    def call(self, called: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call what a template names."""
        a_macro = type(called) is Macro
        if not a_macro and called is not sentence and not _plain(called):
            return super().call(called, *args, **kwargs)
        if kwargs:
            kwargs.pop("_block_vars", None)
            kwargs.pop("_loop_vars", None)
        if a_macro and not kwargs:
            return self._macro(called, args)
        return called(self.eval_ctx, *args, **kwargs) if a_macro or called is sentence else called(*args, **kwargs)

    def _macro(self, macro: Macro, args: tuple[Any, ...]) -> Any:
        left = macro._argument_count - len(args)
        if left < 0 or macro.caller or macro.catch_kwargs or macro.catch_varargs:
            return macro(self.eval_ctx, *args)
        said = macro._func(*args, *((missing,) * left))
        return as_it_is(said) if self.eval_ctx.autoescape else said


def _plain(called: Any) -> bool:
    return type(called) is FunctionType and not hasattr(called, "jinja_pass_arg")


class Lean(CodeGenerator):
    """Compiles templates so that what is escaped by now, as macros and sentences are, is written as it is."""

    def _output_child_pre(self, node: Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.written(")


def written(value: Any) -> str:
    """What stands in a page."""
    return value if type(value) is Markup else escape(value)


def init_app(app: Flask) -> None:
    """Put them in the place of what the libraries have brought."""
    app.jinja_env.context_class = Quick
    app.jinja_env.code_generator_class = Lean
    vars(app.jinja_env)["written"] = written
    app.jinja_env.globals |= {"_": sentence, "gettext": sentence, "url_for": address}


@pass_eval_context
def sentence(context: EvalContext, said: str, /, **words: Any) -> str:
    """A sentence in the language of whoever reads."""
    found = _sentence(spoken(), said)
    if not words and "%" not in found:
        return found if context.autoescape else str(found)
    if not context.autoescape:
        return str(found) % words
    if all(type(word) is Markup for word in words.values()):
        return as_it_is(str(found) % words)
    return found % words


def gettext(said: str, /, **words: Any) -> str:
    """The same for Python that writes what templates show."""
    found = str(_sentence(spoken(), said))
    return found % words if words else found


def pgettext(context: str, said: str) -> str:
    """The same where a sentence is another one in another place."""
    return _in_place(spoken(), context, said)


@lru_cache(maxsize=1024)
def _in_place(language: str, context: str, said: str) -> str:
    return said_in(language).pgettext(context, said)


@lru_cache(maxsize=8192)
def _sentence(language: str, said: str) -> Markup:
    return Markup(said_in(language).gettext(said))  # noqa: S704 (what templates say, and translators)


def address(endpoint: str, /, **values: Any) -> str:
    """As `url_for`. With a slug and at most one number it is written from what was built once."""
    name, number = "", A_NUMBER
    for one, value in values.items():
        if one == "slug":
            continue
        if name or type(value) is not int or value < 0 or one.startswith("_"):
            return flask.url_for(endpoint, **values)
        name, number = one, value
    if endpoint == "static" or endpoint.startswith(".") or not has_request_context():
        return flask.url_for(endpoint, **values)
    before, after = _around(*_where(), endpoint, values.get("slug"), name)
    return f"{before}{number}{after}" if name else before


def _where() -> tuple[str, str | None]:
    """Where the site stands, kept for the request since a page asks hundreds of times, and the group of the page."""
    kept = vars(g._get_current_object())
    if "stands_at" not in kept:
        kept["stands_at"] = request.script_root
    return kept["stands_at"], kept.get("slug")


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
