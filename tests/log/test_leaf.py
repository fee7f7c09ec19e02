"""The bytes of an entry, against the public vectors and the letter of docs/log-format.md."""

import hashlib
import json
import re

import pytest

from exchange.log.leaf import canonical, digest, disclosure, favor_leaf, genesis_leaf, leaf_hash, opened
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
