"""Skeletons of letters, each rendered once for all letters of one shape; what a letter says is then put in.

Two letters have the same shape when they say as many things in the same places, whatever these are. A skeleton is
rendered with marks for them, from the private use area of Unicode, which no style sheet, filter or parser touches.
Lines without marks are encoded once; a mark that has a line of its own may stand for a block, encoded already, too.
"""

import re
from collections.abc import Callable, Hashable, Sequence, Set
from functools import lru_cache
from itertools import groupby
from typing import Any

from markupsafe import Markup, escape

from exchange.digest.lines import Block, Lines
from exchange.mail.render import WIDTH, paragraphs

FIRST, LAST = "\ue000", "\ue001"
MARK = re.compile(f"{FIRST}([0-9]+){LAST}")
MOST = 1_000
MOST_SAID = 500

Facts = dict[str, Any]
Render = Callable[[Facts], str]
Written = Callable[[str, bool], str]
# What stands before each mark, its number, and whether it stands inside a tag; and the end of the line.
Line = tuple[list[tuple[str, int, bool]], str]


class Shaped(dict[str, Any]):
    """Facts that stand in many letters: their shape and their words are looked for once."""

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self.words: list[Any] = []
        self.shape = _shape(facts, self.words)


class Run:
    """Lines with marks that stand one after another; `marks` are the numbers of all of them."""

    __slots__ = ("lines", "marks")

    def __init__(self, lines: list[Line]) -> None:
        self.lines = lines
        self.marks = [mark for parts, _end in lines for _before, mark, _inside in parts]

    def said(self, words: Sequence[Any], written: Written, wrapped: Callable[[str], str]) -> Lines:
        """The lines with the words at their marks."""
        said = [
            wrapped("".join([before + written(words[mark], inside) for before, mark, inside in parts]) + end)
            for parts, end in self.lines
        ]
        return Lines("\n".join(said) + "\n")


# Lines without marks; the mark of a block; or lines with marks.
Cut = Lines | int | Run


class Skeletons:
    """Rendered skeletons, cut at their marks. `key` tells apart what their template, language and fixed facts are.

    Many letters say the same at a place: the last runs are kept by their words.
    """

    def __init__(self) -> None:
        self._known: dict[Hashable, list[Cut]] = {}
        self._said: dict[tuple[Run, tuple[Any, ...]], Lines] = {}

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
        written: Written,
        wrapped: Callable[[str], str],
    ) -> Block:
        words: list[Any] = []
        shape = key, _shape(facts, words)
        cut = self._known.get(shape)
        if cut is None:
            if len(self._known) >= MOST:
                self._known.clear()
            rendered = render(_marked(facts, iter(range(len(words))).__next__))
            cut = self._known[shape] = _cut(rendered, {mark for mark, word in enumerate(words) if type(word) is Block})
        found: list[Lines] = []
        for part in cut:
            if isinstance(part, Lines):
                found.append(part)
            elif isinstance(part, Run):
                said = part, tuple([words[mark] for mark in part.marks])
                lines = self._said.get(said)
                if lines is None:
                    if len(self._said) >= MOST_SAID:
                        self._said.clear()
                    lines = self._said[said] = part.said(words, written, wrapped)
                found.append(lines)
            else:
                found += words[part]
        return Block(found)


def _shape(fact: Any, words: list[Any]) -> Hashable:
    """Where there is something to say, and of which kind: text and markup are not written alike. `words` gets what it
    is.
    """
    kind: Any = type(fact)
    if kind is Shaped:
        words += fact.words
        shape: Hashable = fact.shape
        return shape
    if kind is Block or isinstance(fact, str):
        if fact:
            words.append(fact)
            said: Hashable = kind
            return said
        return False
    if kind is dict:
        return tuple([_shape(one, words) for one in fact.values()])
    if kind is list:
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


def _cut(rendered: str, blocks: Set[int]) -> list[Cut]:
    """`blocks` are the marks of blocks, each alone on its line."""
    found: list[Cut] = []
    at = 0
    for alike, lines in groupby(rendered.split("\n"), lambda line: FIRST in line):
        some = list(lines)
        if not alike:
            at += sum(len(line) + 1 for line in some)
            if any(some) or at <= len(rendered):
                found.append(Lines("\n".join(some) + "\n"))
            continue
        cut = list[Line]()
        for line in some:
            cut.append(_cut_line(line, at, rendered))
            at += len(line) + 1
        for block, run in groupby(cut, lambda line: _alone(line) if _alone(line) in blocks else None):
            found.append(Run(list(run)) if block is None else block)
    return found


def _alone(line: Line) -> int:
    """The mark that stands alone on a line; -1 where there is more, or less."""
    parts, end = line
    return parts[0][1] if len(parts) == 1 and not parts[0][0] and not end else -1


def _cut_line(line: str, start: int, rendered: str) -> Line:
    """A line with marks, which begins at `start`."""
    parts, at = list[tuple[str, int, bool]](), 0
    for mark in MARK.finditer(line):
        here = start + mark.start()
        inside = rendered.rfind("<", 0, here) > rendered.rfind(">", 0, here)
        parts.append((line[at : mark.start()], int(mark[1]), inside))
        at = mark.end()
    return parts, line[at:]


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
