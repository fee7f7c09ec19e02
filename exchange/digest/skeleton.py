"""Skeletons of letters, each rendered once for all letters of one shape; what a letter says is then put in.

Two letters have the same shape when they say as many things in the same places, whatever these are. A skeleton is
rendered with marks for them, from the private use area of Unicode, which no style sheet, filter or parser touches.
"""

import re
from collections.abc import Callable, Hashable
from typing import Any

from markupsafe import Markup, escape

from exchange.digest.voice import Said
from exchange.mail.render import paragraphs

FIRST, LAST = "\ue000", "\ue001"
MARK = re.compile(f"{FIRST}([0-9]+){LAST}")
MOST = 1_000

Facts = dict[str, Any]
Render = Callable[[Facts], str]


class Piece(Said):
    """A part of a letter that is written already and stands in it as it is."""

    __slots__ = ()


class Skeletons:
    """Rendered skeletons, cut at their marks. `key` tells apart what their template, language and fixed facts are."""

    def __init__(self) -> None:
        self._known: dict[Hashable, Any] = {}

    def page(self, key: Hashable, facts: Facts, render: Render) -> str:
        """The page that `render` makes of these facts. Those that are no markup are text."""
        words: list[str] = []
        cut = self._cut(key, facts, words, render, _cut_page)
        words.append("")
        return "".join([part for before, mark, inside in cut for part in (before, _word(words[mark], inside))])

    def text(self, key: Hashable, facts: Facts, render: Render) -> str:
        """The text that `render` makes of these facts, wrapped line by line; pieces stand in it as they are."""
        words: list[str] = []
        cut = self._cut(key, facts, words, render, _cut_text)
        return "".join([part if isinstance(part, str) else _line(part, words) for part in cut])

    def _cut(self, key: Hashable, facts: Facts, words: list[str], render: Render, how: Callable[[str], Any]) -> Any:
        shape = key, _shape(facts, words)
        if shape not in self._known:
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[shape] = how(render(_marked(facts, iter(range(len(words))).__next__)))
        return self._known[shape]


def _shape(fact: Any, words: list[str]) -> Hashable:
    """Where there is something to say; `words` gets what it is."""
    if isinstance(fact, str):
        if fact:
            words.append(fact)
        return bool(fact)
    if isinstance(fact, dict):
        return tuple([_shape(one, words) for one in fact.values()])
    if isinstance(fact, list):
        return (None, *[_shape(one, words) for one in fact])
    found: Hashable = fact
    return found


def _marked(fact: Any, number: Callable[[], int]) -> Any:
    """The same facts with marks instead of words, in the same order."""
    if isinstance(fact, str):
        return Markup(f"{FIRST}{number()}{LAST}") if fact else fact  # noqa: S704 (a number)
    if isinstance(fact, dict):
        return {name: _marked(one, number) for name, one in fact.items()}
    return [_marked(one, number) for one in fact] if isinstance(fact, list) else fact


def _cut_page(rendered: str) -> list[tuple[str, int, bool]]:
    """What stands before each mark, its number, and whether it stands inside a tag."""
    found, at = [], 0
    for mark in MARK.finditer(rendered):
        inside = rendered.rfind("<", 0, mark.start()) > rendered.rfind(">", 0, mark.start())
        found.append((rendered[at : mark.start()], int(mark[1]), inside))
        at = mark.end()
    return [*found, (rendered[at:], -1, False)]


def _cut_text(rendered: str) -> list[str | list[str | int]]:
    """Lines without marks as they are, together; each line with marks as its parts, mark numbers between texts."""
    found: list[str | list[str | int]] = []
    for line in rendered.splitlines(keepends=True):
        if FIRST not in line:
            found.append(line)
            continue
        parts = MARK.split(line.removesuffix("\n"))
        found.append([int(part) if place % 2 else part for place, part in enumerate(parts)])
        found.append("\n" if line.endswith("\n") else "")
    return found


def _line(parts: list[str | int], words: list[str]) -> str:
    said = [words[part] if isinstance(part, int) else part for part in parts]
    if len(said) == 3 and isinstance(said[1], Piece):
        return said[1]
    return paragraphs("".join(said))


def _word(word: str, inside: bool) -> str:
    """A word in a page, written as the parser that a skeleton has gone through writes it."""
    if isinstance(word, Piece):
        return word
    plain = str(escape(word))
    if "&#" in plain:
        plain = plain.replace("&#34;", "&quot;" if inside else '"').replace("&#39;", "'")
    return plain.replace("\u00a0", "&nbsp;") if "\u00a0" in plain else plain
