"""The bytes of an entry, against the public vectors and the letter of docs/log-format.md."""

import hashlib
import json
import re
from collections.abc import Mapping

import pytest

from exchange.log.leaf import (
    Leaf,
    canonical,
    correction_leaf,
    decision_leaf,
    digest,
    disclosure,
    erase_leaf,
    favor_leaf,
    genesis_leaf,
    leaf_hash,
    opened,
    redact_leaf,
    role_leaf,
    setting_leaf,
)
from tests.people import NOON


def leaf():
    return favor_leaf(
        giver=17, receiver=4, category="advice", title="Señas “y más”", how="receiver", tie=False, counts=True, at=NOON
    )


def test_the_digest_of_a_disclosure_is_that_of_rfc_9901():
    example = "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"

    assert digest(example) == "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"


def test_the_leaf_hash_is_that_of_rfc_6962():
    assert leaf_hash(b"L123456").hex() == "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"


def test_a_favor_says_in_clear_only_its_kind_its_day_and_whether_it_counts():
    said = json.loads(leaf().data)

    assert {key: value for key, value in said.items() if key != "sd"} == {
        "counts": 1,
        "day": "2026-10-15",
        "k": "favor",
        "v": 1,
    }
    assert sorted(said["sd"]) == ["from", "how", "kind", "tie", "to", "what"]
    assert b"m17" not in leaf().data
    assert "Señas".encode() not in leaf().data


def test_its_openings_tell_the_rest_and_belong_to_it():
    one = leaf()
    said = json.loads(one.data)

    assert {field: opened(text)[1] for field, text in one.openings.items()} == {
        "from": "m17",
        "to": "m4",
        "kind": "advice",
        "what": "Señas “y más”",
        "how": "receiver",
        "tie": 0,
    }
    assert said["sd"] == {field: digest(text) for field, text in one.openings.items()}


def test_the_same_value_never_gives_the_same_digest_twice():
    assert len({digest(disclosure("from", "m17")) for _ in range(100)}) == 100


def test_a_disclosure_is_base64url_without_padding_and_salted_with_16_bytes():
    text = disclosure("what", "x")

    assert re.fullmatch(r"[A-Za-z0-9_-]+", text)
    assert digest(text) == (
        __import__("base64").urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
    )


def test_canonical_bytes_are_sorted_without_blanks_and_in_utf_8():
    assert canonical({"b": "ü", "a": 1}) == '{"a":1,"b":"ü"}'.encode()
    with pytest.raises(ValueError, match="JSON"):
        canonical({"a": float("nan")})


def test_a_log_begins_with_a_genesis_leaf():
    assert genesis_leaf().data == b'{"k":"genesis","prev":"","v":1}'


DECIDED = {"act": "settled", "by": "m1", "rule": "dispute", "target": "m4,m17", "why": "You were seen there."}
TOLD: dict[str, tuple[Leaf, Mapping[str, object]]] = {
    "role": (
        role_leaf(member=3, role="organiser", by="m1", at=NOON),
        {"member": "m3", "role": "organiser", "by": "m1"},
    ),
    "setting": (
        setting_leaf(setting="enabled", old=0, new=1, by="m1", at=NOON, category="referral"),
        {"setting": "enabled", "kind": "referral", "old": 0, "new": 1, "by": "m1"},
    ),
    "decision": (decision_leaf(**DECIDED, at=NOON), DECIDED),
    "correction": (correction_leaf(of=12, by="m4,m17", why="Twice.", at=NOON), {"by": "m4,m17", "why": "Twice."}),
}


@pytest.mark.parametrize("kind", TOLD)
def test_each_kind_says_in_clear_only_its_day_and_what_it_voids(kind):
    leaf, told = TOLD[kind]
    said = json.loads(leaf.data)

    assert said.pop("sd") == {field: digest(text) for field, text in leaf.openings.items()}
    assert {field: opened(text)[1] for field, text in leaf.openings.items()} == told
    assert said == {"day": "2026-10-15", "k": kind, "v": 1} | ({"of": 12} if kind == "correction" else {})


def test_a_decision_says_in_clear_what_it_withholds():
    leaf = decision_leaf(**DECIDED, at=NOON, withheld={"why", "by", "target"})

    assert json.loads(leaf.data)["withheld"] == ["by", "target", "why"]
    assert set(leaf.openings) == {"act", "by", "rule", "target", "why"}


def test_what_is_gone_stands_in_clear():
    assert redact_leaf(decision=40, what=[(12, "what")], at=NOON).data == (
        b'{"by_decision":40,"day":"2026-10-15","k":"redact","v":1,"what":[[12,"what"]]}'
    )
    assert erase_leaf(what=[(12, "from")], at=NOON).data == (
        b'{"day":"2026-10-15","k":"erase","v":1,"what":[[12,"from"]]}'
    )
    assert erase_leaf(what=[], at=NOON, same_as=9).data == b'{"as":9,"day":"2026-10-15","k":"erase","v":1,"what":[]}'


def test_an_opening_that_is_never_kept_leaves_the_leaf_as_it_is():
    kept = leaf().without({"from", "what"})

    assert kept.data.count(b'"from":') == 1
    assert sorted(kept.openings) == ["how", "kind", "tie", "to"]


def test_a_withheld_favor_does_not_tell_that_its_two_are_close():
    said = favor_leaf(
        giver=17, receiver=4, category="advice", title="", how="time", tie=True, counts=True, at=NOON, withheld=True
    )

    assert json.loads(said.data)["withheld"] == ["from", "tie", "to", "what"]
