"""Leaves and openings: what one entry says in clear, and what only its openings tell.

A leaf is canonical JSON that holds the kind of entry, the day and one salted digest per field. What a digest
stands for is in an opening, a disclosure as in RFC 9901, which can be deleted without touching the leaf.
"""

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from exchange.log.tree import leaf_hash as leaf_hash

SALT_BYTES = 16
MOST_BYTES = 65_535


@dataclass(frozen=True)
class Leaf:
    """The exact bytes of an entry and, by field, the disclosures that open its digests."""

    data: bytes
    openings: dict[str, str]

    @property
    def hash(self) -> bytes:
        """The 32-byte leaf hash."""
        return leaf_hash(self.data)

    def without(self, fields: Collection[str]) -> "Leaf":
        """The same entry, whose openings of these fields nobody ever keeps."""
        return Leaf(self.data, {name: opening for name, opening in self.openings.items() if name not in fields})


def canonical(value: dict[str, Any]) -> bytes:
    """The bytes that stand for a value: sorted ASCII keys, no blanks, UTF-8, no floats."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def disclosure(field: str, value: str | int) -> str:
    """A fresh opening: base64url without padding of the JSON `[salt, field, value]` (RFC 9901 section 4.2)."""
    salt = _base64url(secrets.token_bytes(SALT_BYTES))
    return _base64url(json.dumps([salt, field, value], separators=(",", ":"), ensure_ascii=False).encode())


def digest(opening: str) -> str:
    """What stands in the leaf for an opening: base64url of SHA-256 over its ASCII text (RFC 9901 section 4.2.3)."""
    return _base64url(hashlib.sha256(opening.encode("ascii")).digest())


def opened(opening: str) -> tuple[str, Any]:
    """The field and the value that an opening tells.

    Raises:
        ValueError: it is no base64url JSON array of salt, field and value.
    """
    _salt, field, value = json.loads(urlsafe_b64decode(opening + "=" * (-len(opening) % 4)))
    return field, value


WITHHELD_OF_A_FAVOR = ("from", "tie", "to", "what")
WITHHELD_OF_A_CORRECTION = ("by", "why")


def favor_leaf(
    *,
    giver: int,
    receiver: int,
    category: str,
    title: str,
    how: str,
    tie: bool,
    counts: bool,
    at: datetime,
    withheld: bool = False,
) -> Leaf:
    """The leaf of a confirmed favor; `giver` and `receiver` are the members' numbers in their group.

    A withheld one says in clear which of its fields only the two may open.
    """
    openings = {
        "from": disclosure("from", f"m{giver}"),
        "to": disclosure("to", f"m{receiver}"),
        "kind": disclosure("kind", category),
        "what": disclosure("what", title),
        "how": disclosure("how", how),
        "tie": disclosure("tie", int(tie)),
    }
    said: dict[str, Any] = {"counts": int(counts), "k": "favor"}
    return _leaf(said, openings, at, WITHHELD_OF_A_FAVOR if withheld else ())


def correction_leaf(*, of: int, by: str, why: str, at: datetime, withheld: bool = False) -> Leaf:
    """The leaf that voids entry `of` as a whole; `by` names the members who made it, such as `m17` or `m4,m17`."""
    openings = {"by": disclosure("by", by), "why": disclosure("why", why)}
    return _leaf({"k": "correction", "of": of}, openings, at, WITHHELD_OF_A_CORRECTION if withheld else ())


def erase_leaf(*, what: list[tuple[int, str]], at: datetime, same_as: int | None = None) -> Leaf:
    """The leaf that says which openings are gone because a member was forgotten: (index, field) of each.

    `same_as` is the earlier `erase` entry of the same member, where one entry did not tell everything.
    """
    said: dict[str, Any] = {"day": _day(at), "k": "erase", "v": 1, "what": [list(pair) for pair in what]}
    if same_as is not None:
        said["as"] = same_as
    return Leaf(canonical(said), {})


def role_leaf(*, member: int, role: str, by: str, at: datetime) -> Leaf:
    """The leaf that says that a member, by number, is `organiser` from now on, or only `member` again.

    `by` is who made them so, such as `m17`, or empty for whoever operates the site.
    """
    openings = {
        "by": disclosure("by", by),
        "member": disclosure("member", f"m{member}"),
        "role": disclosure("role", role),
    }
    return _leaf({"k": "role"}, openings, at, ())


def setting_leaf(*, setting: str, old: str | int, new: str | int, by: str, at: datetime, category: str = "") -> Leaf:
    """The leaf that says which setting of the group, or of one of its categories, had which value and has which."""
    values: dict[str, str | int] = {"by": by, "kind": category, "new": new, "old": old, "setting": setting}
    return _leaf({"k": "setting"}, {field: disclosure(field, value) for field, value in values.items()}, at, ())


def decision_leaf(
    *, act: str, by: str, rule: str, target: str, why: str, at: datetime, withheld: Collection[str] = ()
) -> Leaf:
    """The leaf of what organisers decided: what they did, who, under which rule, about what or whom, and why.

    `target` is an entry (`e12`) or members (`m17`, `m4,m17`), or empty. `withheld` names the fields that only those who
    decided and those whom it is about may open.
    """
    values = {"act": act, "by": by, "rule": rule, "target": target, "why": why}
    openings = {field: disclosure(field, value) for field, value in values.items()}
    return _leaf({"k": "decision"}, openings, at, tuple(sorted(withheld)))


def redact_leaf(*, decision: int, what: Sequence[tuple[int, str]], at: datetime) -> Leaf:
    """The leaf that says which openings, (index, field) of each, are gone by which decision."""
    said = {"by_decision": decision, "day": _day(at), "k": "redact", "v": 1, "what": [list(pair) for pair in what]}
    return Leaf(canonical(said), {})


def genesis_leaf(prev: str = "") -> Leaf:
    """The first leaf of a log; `prev` is the last checkpoint of the log that it continues, or empty."""
    return Leaf(canonical({"k": "genesis", "prev": prev, "v": 1}), {})


def _leaf(said: dict[str, Any], openings: dict[str, str], at: datetime, withheld: tuple[str, ...]) -> Leaf:
    said |= {"day": _day(at), "sd": {field: digest(opening) for field, opening in openings.items()}, "v": 1}
    if withheld:
        said["withheld"] = list(withheld)
    return Leaf(canonical(said), openings)


def _day(at: datetime) -> str:
    return at.astimezone(UTC).date().isoformat()


def _base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
