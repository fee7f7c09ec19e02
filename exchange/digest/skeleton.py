"""Skeletons of letters, each rendered once for all letters of one shape; what a letter says is then put in.

Two letters have the same shape when they say as many things in the same places, whatever these are. A skeleton is
rendered with marks for them, from the private use area of Unicode, which no style sheet, filter or parser touches.
Lines without marks are encoded once; a mark that has a line of its own may stand for a block, encoded already, too.
"""

import re
from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache
from typing import Any

from markupsafe import Markup, escape

from exchange.digest.lines import Block, Lines
from exchange.mail.render import WIDTH, paragraphs

FIRST, LAST = "\ue000", "\ue001"
MARK = re.compile(f"{FIRST}([0-9]+){LAST}")
MOST = 1_000

Facts = dict[str, Any]
Render = Callable[[Facts], str]
# Lines without marks; the number of a mark that stands alone; or what stands before each mark, its number, and
# whether it stands inside a tag, and the end of the line.
Cut = Lines | int | tuple[list[tuple[str, int, bool]], str]


class Skeletons:
    """Rendered skeletons, cut at their marks. `key` tells apart what their template, language and fixed facts are."""

    def __init__(self) -> None:
        self._known: dict[Hashable, list[Cut]] = {}

    def page(self, key: Hashable, facts: Facts, render: Render) -> Block:
        """The page that `render` makes of these facts. Those that are no markup are text."""
        return self._filled(key, facts, render, _in_page, str)

    def text(self, key: Hashable, facts: Facts, render: Render) -> Block:
        """The text that `render` makes of these facts, wrapped line by line."""
        return self._filled(key, facts, render, _in_text, _wrapped)

    def _filled(
        self,
        key: Hashable,
        facts: Facts,
        render: Render,
        written: Callable[[str, bool], str],
        wrapped: Callable[[str], str],
    ) -> Block:
        words: list[Any] = []
        shape = key, _shape(facts, words)
        if shape not in self._known:
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[shape] = _cut(render(_marked(facts, iter(range(len(words))).__next__)))
        found: list[Lines] = []
        said: list[str] = []  # lines that are not encoded yet
        for part in self._known[shape]:
            if isinstance(part, Lines):
                _encoded(said, found)
                found.append(part)
            elif isinstance(part, tuple):
                line = "".join([before + written(words[mark], inside) for before, mark, inside in part[0]])
                said.append(wrapped(line + part[1]))
            elif isinstance(words[part], Block):
                _encoded(said, found)
                found += words[part]
            else:
                said.append(wrapped(written(words[part], False)))
        _encoded(said, found)
        return Block(found)


def _encoded(said: list[str], found: list[Lines]) -> None:
    if said:
        found.append(Lines("\n".join(said) + "\n"))
        said.clear()


def _shape(fact: Any, words: list[Any]) -> Hashable:
    """Where there is something to say; `words` gets what it is."""
    if isinstance(fact, str) or type(fact) is Block:
        if fact:
            words.append(fact)
            return True
        return False
    if isinstance(fact, dict):
        return tuple([_shape(one, words) for one in fact.values()])
    if isinstance(fact, list):
        return (None, *[_shape(one, words) for one in fact])
    found: Hashable = fact
    return found


def _marked(fact: Any, number: Callable[[], int]) -> Any:
    """The same facts with marks instead of words, in the same order."""
    if isinstance(fact, str | Block):
        return Markup(f"{FIRST}{number()}{LAST}") if fact else ""  # noqa: S704 (a number)
    if isinstance(fact, dict):
        return {name: _marked(one, number) for name, one in fact.items()}
    return [_marked(one, number) for one in fact] if isinstance(fact, list) else fact


def _cut(rendered: str) -> list[Cut]:
    found: list[Cut] = []
    plain: list[str] = []
    at = 0
    for line in rendered.split("\n"):
        if FIRST in line:
            if plain:
                found.append(Lines("\n".join(plain) + "\n"))
                plain = []
            found.append(_cut_line(line, at, rendered))
        else:
            plain.append(line)
        at += len(line) + 1
    return [*found, Lines("\n".join(plain) + "\n")] if any(plain) else found


def _cut_line(line: str, start: int, rendered: str) -> Cut:
    """A line with marks, which begins at `start`."""
    parts, at = list[tuple[str, int, bool]](), 0
    for mark in MARK.finditer(line):
        here = start + mark.start()
        inside = rendered.rfind("<", 0, here) > rendered.rfind(">", 0, here)
        parts.append((line[at : mark.start()], int(mark[1]), inside))
        at = mark.end()
    alone = len(parts) == 1 and not parts[0][0] and not line[at:]
    return parts[0][1] if alone else (parts, line[at:])


def _in_text(word: str, _inside: bool) -> str:
    return word


def _in_page(word: str, inside: bool) -> str:
    """A word in a page, written as the parser that a skeleton has gone through writes it."""
    plain = str(escape(word))
    if "&#" in plain:
        plain = plain.replace("&#34;", "&quot;" if inside else '"').replace("&#39;", "'")
    return plain.replace("\u00a0", "&nbsp;") if "\u00a0" in plain else plain


def _wrapped(line: str) -> str:
    if len(line) <= WIDTH and line.isprintable() and not line.isspace():
        return line.rstrip(" ")
    return _paragraphs(line)


@lru_cache(maxsize=1_000)
def _paragraphs(line: str) -> str:
    return paragraphs(line)


def written_out(lines: Sequence[Lines]) -> str:
    """What the lines say."""
    return "".join(map(str, lines))
