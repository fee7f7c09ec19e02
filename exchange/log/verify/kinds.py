"""The kinds of entry: what each says in clear, what its openings tell, and what it may withhold."""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

MEMBER = re.compile(r"m([1-9][0-9]{0,17})")
MEMBERS = re.compile(r"m[1-9][0-9]{0,17}(?:,m[1-9][0-9]{0,17})*")
SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
ENTRY = re.compile(r"e(?:0|[1-9][0-9]{0,17})")
HOW = frozenset({"receiver", "time", "settled", "imported"})


class Shape(NamedTuple):
    """What a value has to look like, and how to say so."""

    fits: Callable[[Any], bool]
    words: str


def _is(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def is_whole(value: Any) -> bool:
    """Whether a value is a number from 0 up; JSON's true and false are none."""
    return type(value) is int and value >= 0


def are_places(value: Any) -> bool:
    """Whether a value is a list of [index, field]."""
    return isinstance(value, list) and all(
        isinstance(pair, list) and len(pair) == 2 and is_whole(pair[0]) and isinstance(pair[1], str) for pair in value
    )


TEXT = Shape(_is_text, "a text")
WORD = Shape(lambda value: isinstance(value, str) or type(value) is int, "a text or a number")
ONE_MEMBER = Shape(_is(MEMBER), "a member's number such as m17")
SOME_MEMBERS = Shape(_is(MEMBERS), "members' numbers such as m17 or m4,m17")
NOBODY_OR_SOME = Shape(lambda value: value == "" or _is(MEMBERS)(value), "members' numbers such as m17, or nothing")
TARGET = Shape(lambda value: value == "" or _is(MEMBERS)(value) or _is(ENTRY)(value), "an entry, members, or nothing")
KIND = Shape(_is(SLUG), "the short name of a category")
KIND_OR_NONE = Shape(lambda value: value == "" or _is(SLUG)(value), "the short name of a category, or nothing")
WAY = Shape(lambda value: isinstance(value, str) and value in HOW, "receiver, time, settled or imported")
YES_OR_NO = Shape(lambda value: type(value) is int and value in {0, 1}, "0 or 1")
INDEX = Shape(is_whole, "the number of an entry")
PLACES = Shape(are_places, "a list of entries and fields")


class Kind(NamedTuple):
    """What stands in clear beside `k` and `v`, by field what the openings tell, and the fields that may be withheld.

    `withheld` holds every list that may stand in the leaf; a kind without any cannot withhold.
    """

    clear: Mapping[str, Shape]
    fields: Mapping[str, Shape] = {}
    withheld: tuple[tuple[str, ...], ...] = ()
    at_choice: tuple[str, ...] = ()


FAVOR_FIELDS = ("from", "how", "kind", "tie", "to", "what")

KINDS = {
    "genesis": Kind({"prev": TEXT}),
    "favor": Kind(
        {"counts": YES_OR_NO},
        {"from": ONE_MEMBER, "how": WAY, "kind": KIND, "tie": YES_OR_NO, "to": ONE_MEMBER, "what": TEXT},
        (("from", "to", "what"), ("from", "tie", "to", "what")),
    ),
    "correction": Kind({"of": INDEX}, {"by": SOME_MEMBERS, "why": TEXT}, (("by", "why"),)),
    "role": Kind({}, {"by": NOBODY_OR_SOME, "member": ONE_MEMBER, "role": KIND}),
    "setting": Kind(
        {},
        {"by": NOBODY_OR_SOME, "kind": KIND_OR_NONE, "new": WORD, "old": WORD, "setting": KIND},
    ),
    "decision": Kind(
        {},
        {"act": KIND, "by": NOBODY_OR_SOME, "rule": TEXT, "target": TARGET, "why": TEXT},
        at_choice=("by", "target", "why"),
    ),
    "redact": Kind({"by_decision": INDEX, "what": PLACES}),
    "erase": Kind({"what": PLACES}),
}
OPTIONAL = {"erase": {"as": INDEX}}
WITHOUT_DAY = frozenset({"genesis"})

# Fields that name members; when somebody is forgotten, none of them may go on naming that member.
NAMING = frozenset({"from", "to", "by", "member", "target"})
# Fields that tell nobody but what somebody wrote: all that a `redact` entry may take out.
TEXTS = frozenset({"what", "why"})


def members_in(value: Any) -> list[int]:
    """The numbers of the members that a naming field tells, such as [4, 17] for `m4,m17`."""
    if not isinstance(value, str) or MEMBERS.fullmatch(value) is None:
        return []
    return [int(one[1:]) for one in value.split(",")]
