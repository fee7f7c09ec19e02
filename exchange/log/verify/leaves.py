"""Parsing leaves: every one is canonical JSON of a known kind (docs/log-format.md, "Leaves")."""

import json
import re
from datetime import date
from typing import Any, NamedTuple

from exchange.log.verify.kinds import KINDS, OPTIONAL, WITHOUT_DAY, Kind

# Any letters will do here, since every digest is compared, or its letters are looked at; so this is the fastest form.
_DIGEST = rb'"((?s:.{43}))"'
_SD = b",".join(b'"%s":%s' % (name, _DIGEST) for name in (b"from", b"how", b"kind", b"tie", b"to", b"what"))
_FAVOR = (
    rb'\{"counts":([01]),"day":"((?s:.{10}))","k":"favor","sd":\{' + _SD + rb'\},"v":1'
    rb'(,"withheld":\["from",(?:"tie",)?"to","what"\])?\}'
)
# Most entries of a log are favors: they are taken apart in one go, one line each, and anything else is the last group.
LINES = re.compile(rb"^(?:" + _FAVOR + rb"|(.*))$", re.MULTILINE)
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

# counts, day, six digests in the order of FAVOR_FIELDS, the list of what is withheld, or the bytes of another kind
FavorParts = tuple[bytes, ...]
COUNTS, DAY, FIRST_DIGEST, WITHHELD, OTHER = 0, 1, 2, 8, 9
DIGESTS = slice(FIRST_DIGEST, WITHHELD)


_WITHHELD = {
    b"": frozenset[str](),
    b',"withheld":["from","to","what"]': frozenset({"from", "to", "what"}),
    b',"withheld":["from","tie","to","what"]': frozenset({"from", "tie", "to", "what"}),
}


class BadLeaf(ValueError):  # noqa: N818 (the leaf is bad, not the program)
    """A leaf that no honest server writes; the message says what is wrong, as the end of a sentence."""


class Leaf(NamedTuple):
    """A leaf's kind, everything that it says, the digests by field, and the fields that it withholds."""

    kind: str
    said: dict[str, Any]
    digests: dict[str, str]
    withheld: frozenset[str]


def in_parts(entries: list[bytes]) -> list[FavorParts]:
    """Each entry taken apart as a favor, or its bytes at OTHER. The parts are not checked any further."""
    lines = b"\n".join(entries)
    if lines.count(b"\n") == len(entries) - 1:
        return LINES.findall(lines)
    # An entry with a line break inside cannot be canonical; parsing it will say so.
    found = [LINES.fullmatch(entry) for entry in entries]
    return [
        match.groups(b"") if match else (b"",) * OTHER + (entry,) for match, entry in zip(found, entries, strict=True)
    ]


def withheld_fields(favor: FavorParts) -> frozenset[str]:
    """The fields that a favor, taken apart, withholds."""
    return _WITHHELD[favor[WITHHELD]]


def are_digests(digests: bytes) -> bool:
    """Whether digests that were joined consist of base64url letters only."""
    return not digests.translate(None, _ALPHABET)


def parsed(data: bytes) -> Leaf:
    """What a leaf says.

    Raises:
        BadLeaf: it is not canonical JSON, of an unknown kind, or has other parts than its kind.
    """
    try:
        said = json.loads(data, parse_float=_refused)
        same = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError) as error:
        raise BadLeaf("is not canonical JSON") from error
    if same != data:
        raise BadLeaf("is not canonical JSON")
    if not isinstance(said, dict) or said.get("v") != 1 or type(said["v"]) is not int:
        raise BadLeaf("is not of version 1 of the format, so a newer program is needed to check it")
    kind = KINDS.get(said["k"]) if isinstance(said.get("k"), str) else None
    if kind is None:
        raise BadLeaf(f"is of the kind {json.dumps(said.get('k'))[:40]}, so a newer program is needed to check it")
    _check_clear(said, kind)
    return Leaf(said["k"], said, _digests(said, kind), _withheld(said, kind))


def is_day(text: str) -> bool:
    """Whether it is a day as in 2026-11-22."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _refused(number: str) -> float:
    raise ValueError(f"{number} is a float.")


def _check_clear(said: dict[str, Any], kind: Kind) -> None:
    name = said["k"]
    shapes = dict(kind.clear) | {key: shape for key, shape in OPTIONAL.get(name, {}).items() if key in said}
    expected = {"k", "v", *shapes}
    if name not in WITHOUT_DAY:
        expected.add("day")
        if not isinstance(said.get("day"), str) or not is_day(said["day"]):
            raise BadLeaf("does not say a day that exists")
    if kind.fields:
        expected.add("sd")
    if kind.withheld or kind.at_choice:
        expected |= said.keys() & {"withheld"}
    if said.keys() != expected:
        raise BadLeaf(f"has other parts than an entry of the kind “{name}”")
    for key, shape in shapes.items():
        if not shape.fits(said[key]):
            raise BadLeaf(f"does not say under “{key}” {shape.words}")


def _digests(said: dict[str, Any], kind: Kind) -> dict[str, str]:
    digests = said.get("sd", {})
    if not isinstance(digests, dict) or digests.keys() != kind.fields.keys():
        raise BadLeaf(f"has other fields than an entry of the kind “{said['k']}”")
    if not all(isinstance(one, str) and len(one) == 43 and are_digests(one.encode()) for one in digests.values()):
        raise BadLeaf("has a field that is no digest")
    return digests


def _withheld(said: dict[str, Any], kind: Kind) -> frozenset[str]:
    if "withheld" not in said:
        return frozenset()
    fields = said["withheld"]
    if not isinstance(fields, list) or not fields or not all(isinstance(one, str) for one in fields):
        raise BadLeaf("does not say which fields it withholds")
    at_choice = fields == sorted(set(fields)) and set(fields) <= set(kind.at_choice)
    if tuple(fields) not in kind.withheld and not at_choice:
        raise BadLeaf(f"withholds what an entry of the kind “{said['k']}” may not withhold: {', '.join(fields)[:80]}")
    return frozenset(fields)
