"""An honest export holds, whatever its size and whatever is in it; and the verifier needs nothing but the folder."""

import subprocess
import sys

import pytest

from exchange.log import leaf
from exchange.log.verify import verify
from tests.log.verify.book import DAY, SEED, Book

SIZES = (1, 2, 3, 255, 256, 257, 511, 512, 513, 700)


def grown(size):
    book = Book()
    for number in range(1, size):
        book.favor(number % 5 + 1, number % 7 + 10)
    return book


@pytest.mark.parametrize("size", SIZES)
def test_an_honest_export_holds_at_every_edge_of_a_bundle(tmp_path, size):
    report = verify(grown(size).write(tmp_path / "export"))

    assert report.sentences == []
    assert (report.holds, report.size, report.entries["favor"]) == (True, size, size - 1)


@pytest.mark.parametrize("processes", [1, 2])
def test_stretches_side_by_side_give_the_same_report_as_one(tmp_path, processes):
    book = grown(1100)
    book.correct(300)
    book.erase((700, "from"), (700, "what"))
    book.lose((1030, "what"), (20, "to"))
    folder = book.write(tmp_path / "export")
    earlier = tmp_path / "earlier"
    earlier.write_text(book.checkpoint(600))

    whole = verify(folder, [earlier], at_once=100, processes=1)
    cut = verify(folder, [earlier], at_once=1, processes=processes)

    assert cut.as_json() == whole.as_json()
    assert [failure.entry for failure in cut.findings.kept] == [20, 1030]


def test_entries_of_every_kind_hold_together(book, verified):
    voided, redacted = book.favor(2, 3), book.favor(3, 2)
    book.correct(voided)
    book.correct(6, withheld=True)
    book.add(leaf.role_leaf(member=2, role="organiser", by="", at=DAY))
    book.add(leaf.setting_leaf(setting="neutral", old=0, new=1, by="m1", category="advice", at=DAY))
    decision = book.decide(withheld=["target", "why"])
    book.redact((redacted, "what"), decision=decision)
    first = book.forget(4)
    book.favor(1, 4)
    book.erase((book.size - 1, "to"), (book.size - 1, "what"), same_as=first)

    report = verified(book)

    assert report.sentences == []
    assert report.entries == {
        "genesis": 1,
        "favor": 9,
        "correction": 2,
        "role": 1,
        "setting": 1,
        "decision": 1,
        "redact": 1,
        "erase": 2,
    }
    assert report.favors == {"counted": 6, "neutral": 1, "void": 2}


def test_it_says_how_many_openings_are_missing_for_which_cause(book, verified):
    book.redact((1, "what"), decision=book.decide())
    book.erase((2, "from"), (2, "what"))

    # Eight favors' fields and a decision's; 6 withholds four, and three were taken out.
    assert verified(book).openings == {"here": 34, "withheld": 4, "redact": 1, "erase": 2}


def test_a_party_may_have_what_the_leaf_withholds(book, tmp_path):
    report = verify(book.write(tmp_path / "mine", opening=[6]))

    assert (report.holds, report.openings["withheld"], report.openings["here"]) == (True, 0, 36)


def test_the_short_code_is_that_of_the_checkpoint(book, verified):
    report = verified(book)

    assert report.origin == book.origin
    assert len(report.code) == 19


def test_nobody_needs_the_database_or_the_web_to_verify(book, tmp_path):
    folder = book.write(tmp_path / "export")
    program = (
        "import sys; from pathlib import Path; from exchange.log.verify import verify;"
        f"assert verify(Path({str(folder)!r})).holds;"
        "print([name for name in ('sqlalchemy', 'flask', 'exchange.storage', 'numpy') if name in sys.modules])"
    )

    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert said.stdout.strip() == "[]"


def test_progress_comes_to_the_whole_log(tmp_path):
    seen = []

    verify(grown(600).write(tmp_path / "export"), progress=lambda done, of: seen.append((done, of)), at_once=1)

    assert seen == [(256, 600), (512, 600), (600, 600)]


def test_another_key_signs_another_log(tmp_path):
    assert Book(seed=SEED[::-1]).vkey != Book().vkey
