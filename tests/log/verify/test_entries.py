"""What one entry says, and what its openings tell."""

import base64
import json

import pytest

from exchange.log import leaf
from exchange.log.verify.columns import Columns
from exchange.log.verify.favors import Favors
from tests.log.verify.book import DAY


def only(report):
    """The one failure of a report."""
    (failure,) = report.findings.kept
    return failure


def altered(book, index, **changes):
    """Write other things into a leaf, still as canonical JSON."""
    said = json.loads(book.leaves[index]) | changes
    book.leaves[index] = leaf.canonical({key: value for key, value in said.items() if value is not None})


def opened_as(book, index, field, value, *, tells=None, salt="A" * 22):
    """Give an opening another value, with the leaf's digest to go with it."""
    text = json.dumps([salt, tells or field, value], separators=(",", ":")).encode()
    opening = base64.urlsafe_b64encode(text).rstrip(b"=").decode()
    book.openings[index, field] = opening
    altered(book, index, sd=json.loads(book.leaves[index])["sd"] | {field: leaf.digest(opening)})


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "is not canonical JSON"),
        (b"\xff", "is not canonical JSON"),
        (b'{"k":"genesis","v":1,"prev":""}', "is not canonical JSON"),
        (b'{"day":"2026-11-20","k":"erase","v":1,"what":[]}\n', "is not canonical JSON"),
        (b'{"day":"2026-11-20","k":"erase","v":1.0,"what":[]}', "is not canonical JSON"),
        (b'{"day":"2026-11-20","k":"erase","v":1,"what":[],"what":[]}', "is not canonical JSON"),
        (b'{"k":"genesis","prev":"","v":2}', "a newer program is needed"),
        (b'{"day":"2026-11-20","k":"spell","v":1}', 'of the kind "spell", so a newer program'),
        (b'["k"]', "a newer program is needed"),
        (b'{"day":"2026-02-30","k":"erase","v":1,"what":[]}', "does not say a day that exists"),
        (b'{"day":"20261120","k":"erase","v":1,"what":[]}', "does not say a day that exists"),
        (b'{"day":"2026-11-20","k":"erase","v":1,"what":[[1,"from"],[true,"x"]]}', "under “what” a list of entries"),
        (b'{"as":-1,"day":"2026-11-20","k":"erase","v":1,"what":[]}', "under “as” the number of an entry"),
        (b'{"day":"2026-11-20","k":"erase","more":1,"v":1,"what":[]}', "other parts than an entry of the kind “erase”"),
        (b'{"day":"2026-11-20","k":"correction","of":1,"sd":{},"v":1}', "has other fields than an entry"),
    ],
)
def test_a_leaf_that_no_server_writes_is_named(book, verified, data, what):
    book.leaves.append(data)

    failure = only(verified(book))

    assert failure.entry == 7
    assert f"Entry 7 {what}" in failure.sentence or what in failure.sentence
    assert "ask the organisers" in failure.sentence


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"day": "2026-13-01"}, "does not say a day that exists"),
        ({"counts": 2}, "does not say under “counts” 0 or 1"),
        ({"withheld": ["kind"]}, "withholds what an entry of the kind “favor” may not withhold: kind"),
        ({"withheld": []}, "does not say which fields it withholds"),
        ({"note": "x"}, "has other parts than an entry of the kind “favor”"),
        ({"sd": None}, "has other parts"),
        ({"counts": None}, "has other parts"),
    ],
)
def test_a_favor_that_no_server_writes_is_named(book, verified, changes, what):
    altered(book, 2, **changes)

    report = verified(book)

    assert what in report.sentences[0]
    assert report.findings.kept[0].entry == 2


def test_a_favor_whose_digest_is_none_is_named(book, verified):
    altered(book, 2, sd=json.loads(book.leaves[2])["sd"] | {"what": "!" * 43})
    book.lose((2, "what"))

    assert "Entry 2 has a field that is no digest" in verified(book).sentences[0]


@pytest.mark.parametrize("digest", [b"\n" * 43, b'"' * 43, b'A","how":"' + b"A" * 33])
def test_a_favor_whose_digest_breaks_out_of_its_quotes_is_named(book, verified, digest):
    true = json.loads(book.leaves[2])["sd"]["what"].encode()
    book.leaves[2] = book.leaves[2].replace(true, digest)

    report = verified(book)

    assert {failure.entry for failure in report.findings.kept} == {2}


@pytest.mark.parametrize(
    ("field", "value", "what"),
    [
        ("from", "Ada", "a member's number such as m17"),
        ("from", "m01", "a member's number such as m17"),
        ("from", 1, "a member's number such as m17"),
        ("to", "m4,m17", "a member's number such as m17"),
        ("kind", "An Hour", "short name of a category"),
        ("how", "magic", "receiver, time, settled or imported"),
        ("tie", True, "0 or 1"),
        ("tie", 2, "0 or 1"),
        ("what", 7, "text"),
        ("what", ["x"], "text"),
    ],
)
def test_an_opening_of_another_shape_is_named(book, verified, field, value, what):
    opened_as(book, 3, field, value)

    failure = only(verified(book))

    assert failure.entry == 3
    assert f"The opening “{field}” of entry 3 tells no" in failure.sentence
    assert what.removeprefix("a ") in failure.sentence


def test_an_opening_that_tells_another_field_is_named(book, verified):
    opened_as(book, 3, "to", "m1", tells="from")

    assert "The opening “to” of entry 3 tells something else than its field" in only(verified(book)).sentence


@pytest.mark.parametrize("salt", ["", "A" * 21, "A" * 23, 'x","from","m9', "A" * 21 + "!"])
def test_an_opening_without_its_salt_is_named(book, verified, salt):
    opened_as(book, 3, "from", "m2", salt=salt)

    assert "The opening “from” of entry 3 has no salt of 16 bytes" in only(verified(book)).sentence


@pytest.mark.parametrize(
    "text", ['["{salt}", "from","m2"]', '["{salt}","from", "m2"]', ' ["{salt}","from","m2"]', '["{salt}","from","m2" ]']
)
def test_an_opening_with_blanks_is_named(book, verified, text):
    opening = base64.urlsafe_b64encode(text.format(salt="A" * 22).encode()).rstrip(b"=").decode()
    book.openings[3, "from"] = opening
    altered(book, 3, sd=json.loads(book.leaves[3])["sd"] | {"from": leaf.digest(opening)})

    assert "The opening “from” of entry 3 is not written without blanks" in only(verified(book)).sentence


def test_an_opening_that_was_exchanged_is_named(book, verified):
    book.openings[3, "from"] = leaf.disclosure("from", "m3")

    failure = only(verified(book))

    assert failure.entry == 3
    assert "Entry 3 does not contain its opening “from”" in failure.sentence
    assert "receipts" in failure.sentence


def test_an_opening_of_a_field_that_the_entry_lacks_is_named(book, verified):
    book.openings[3, "why"] = leaf.disclosure("why", "Because.")
    book.openings[0, "from"] = leaf.disclosure("from", "m3")

    assert [failure.entry for failure in verified(book).findings.kept] == [0, 3]


def test_nobody_is_both_sides_of_a_favor(book, verified):
    index = book.favor(3, 3)

    failure = only(verified(book))

    assert failure.entry == index
    assert "m3 helped m3" in failure.sentence


def test_a_withheld_favor_of_oneself_is_found_by_whoever_can_open_it(book, tmp_path):
    from exchange.log.verify import verify

    index = book.favor(3, 3, withheld=True)

    assert verify(book.write(tmp_path / "others")).holds
    assert "m3 helped m3" in verify(book.write(tmp_path / "mine", opening=[index])).sentences[0]


@pytest.mark.parametrize(
    "title", ['“Golf” \\ and "more"', "tab\tand\nline", "Ĝis revido 🙂", "]\u2028[", "", "\x7f\x00"]
)
def test_titles_of_every_sort_hold(book, verified, title):
    book.favor(2, 4, title=title)

    assert verified(book).sentences == []


def test_a_favor_from_before_ties_were_withheld_holds(book, verified):
    """Leaves that withhold the two and the title, but tell whether a tie was declared."""
    one = leaf.favor_leaf(
        giver=1, receiver=2, category="advice", title="x", how="time", tie=True, counts=True, at=DAY, withheld=True
    )
    said = json.loads(one.data) | {"withheld": ["from", "to", "what"]}
    book.add(leaf.Leaf(leaf.canonical(said), one.openings))

    assert verified(book).sentences == []


def test_honest_favors_are_never_looked_at_one_by_one(book, verified, monkeypatch):
    """Or a big log would take five times as long."""
    alone = []
    together = Favors.check

    def noting(*given):
        alone.append(list(together(*given)))
        return iter(alone[-1])

    monkeypatch.setattr(Favors, "check", noting)
    book.erase((2, "from"), (2, "what"))

    assert verified(book).holds
    assert alone == [[]]


def test_columns_refuse_what_they_cannot_read():
    assert Columns().read((0,), [b"x" * 43], [b"y"]) is None
