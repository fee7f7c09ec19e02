"""The pieces of a letter, each written once and used in the letters of all who read the same."""

from collections.abc import Callable, Hashable
from itertools import islice
from typing import Any, TypeVar

import css_inline
from flask import current_app
from flask_babel import force_locale, get_translations

from exchange.digest.facts import Reader
from exchange.digest.lines import Block
from exchange.digest.skeleton import Facts, Skeletons
from exchange.digest.voice import Voice, voice
from exchange.mail.render import environment

MOST = 10_000
VOICES = 100
FOLDER = "mail/digest"
_inliner = css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=False)

Found = TypeVar("Found")


class Fragments:
    """What was written already, by language and whatever else decides what it says.

    The style sheet is written into the elements of each finished skeleton, never into a template.
    """

    def __init__(self) -> None:
        self.skeletons = Skeletons()
        self._voices: dict[Hashable, Voice] = {}
        self._kept: dict[Hashable, tuple[object, Any]] = {}
        self._style: str | None = None

    def voice(self, reader: Reader, *, html: bool) -> Voice:
        """How this reader is spoken to, the same for all of one language, zone and moment."""
        key = reader.language, reader.zone, reader.window_until, html
        found = self._voices.get(key)
        if found is None:
            if len(self._voices) >= VOICES:
                self._voices.clear()
            found = self._voices[key] = voice(reader, self._said, html=html)
        return found

    def piece(self, name: str, voice: Voice, facts: Facts) -> Block:
        """The piece that a template makes of these facts, in that voice.

        Raises:
            jinja2.TemplateError: the template lacks a fact.
        """
        key = name, voice.html, voice.locale_name
        if voice.html:
            return self.skeletons.page(key, facts, lambda some: self.page(name, voice, some))
        return self.skeletons.text(key, facts, lambda some: self._filled(f"{name}.txt", voice, some))

    def kept(self, key: Hashable, write: Callable[[], Found], *, of: object = None) -> Found:
        """What `write` makes, once for each key; with `of`, once for each key and this very object."""
        key = id(of), key
        found = self._kept.get(key)
        if found is None or found[0] is not of:
            if len(self._kept) >= MOST:
                for old in [*islice(self._kept, MOST // 4)]:
                    del self._kept[old]
            found = self._kept[key] = of, write()
        said: Found = found[1]
        return said

    def page(self, name: str, voice: Voice, facts: Facts) -> str:
        """The same of the page's template, as it is rendered for these facts alone."""
        return _inliner.inline_fragment(self._filled(f"{name}.html", voice, facts), self._sheet())

    def _filled(self, name: str, voice: Voice, facts: Facts) -> str:
        with force_locale(voice.locale_name):
            return environment().get_template(f"{FOLDER}/{name}").render(facts).strip("\n")

    def _sheet(self) -> str:
        if self._style is None:
            self._style = environment().get_template(f"{FOLDER}/style.css").render()
        return self._style

    @staticmethod
    def _said(locale: str) -> Any:
        with force_locale(locale):
            return get_translations()


def shared() -> Fragments:
    """The application's own. A key holds all that a piece says, so that none is ever out of date."""
    kept: dict[str, Any] = current_app.extensions
    found: Fragments = kept.setdefault("fragments", Fragments())
    return found


def inlined(skeleton: str) -> str:
    """A whole page with its style sheet written into its elements."""
    return str(_inliner.inline(skeleton))
