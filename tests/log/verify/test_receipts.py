"""Receipts: the entry that they prove is still the same, and an erasure cannot hide single entries."""

import pytest

from exchange.log import leaf
from tests.log.verify.book import DAY, SEED, Book


def only(report):
    """The one failure of a report."""
    (failure,) = report.findings.kept
    return failure


def test_a_receipt_of_an_entry_that_stands(book, verified):
    report = verified(book, against={"r.tlog-proof": book.receipt(2)})

    assert report.sentences == []
    assert report.compared == [
        "r.tlog-proof: the first 7 entries, as they were then",
        "r.tlog-proof: entry 2 is still the one that it proves",
    ]


def test_a_receipt_of_an_entry_that_was_changed(book, verified):
    kept = book.receipt(2)
    book.rewrite(2, leaf.favor_leaf(
        giver=3, receiver=2, category="advice", title="An hour", how="receiver", tie=False, counts=True, at=DAY
    ))  # fmt: skip

    report = verified(book, against={"r.tlog-proof": kept})

    assert [failure.entry for failure in report.findings.kept] == [0, 2]
    assert "Entry 2 is not the entry that r.tlog-proof proves, that m1 helped m2" in report.sentences[1]


def test_a_receipt_whose_proof_or_opening_was_changed(book, verified):
    kept = book.receipt(2)
    lines = kept.split("\n")
    lines[3], lines[4] = lines[4], lines[3]

    failure = only(verified(book, against={"r.tlog-proof": "\n".join(lines)}))

    assert "The receipt in r.tlog-proof does not hold" in failure.sentence


def test_a_receipt_of_another_key_is_said_once(book, verified):
    stranger = Book(seed=SEED[::-1])
    stranger.favor(1, 2)

    assert "cannot be believed" in only(verified(book, against={"r.tlog-proof": stranger.receipt(1)})).sentence


def test_what_was_taken_out_by_a_decision_is_no_failure(book, verified):
    kept = book.receipt(1)
    book.redact((1, "what"), decision=book.decide())

    report = verified(book, against={"r.tlog-proof": kept})

    assert report.sentences == []
    assert report.notes == ["r.tlog-proof still opens “what” of entry 1, which entry 8 took out by a decision."]


def test_a_receipt_still_opens_what_an_export_hides(book, verified):
    kept = book.receipt(1)
    book.lose((1, "from"))

    report = verified(book, against={"r.tlog-proof": kept})

    assert only(report).entry == 1
    assert report.notes == ["r.tlog-proof still opens “from” of entry 1, which the export hides."]


def test_somebody_who_was_forgotten_everywhere_is_no_failure(book, verified):
    kept = book.receipt(1)
    book.forget(1)
    del book.names[1]

    report = verified(book, against={"r.tlog-proof": kept})

    assert report.sentences == []
    assert report.notes[0] == (
        "r.tlog-proof still opens “from” of entry 1, which entry 7 took out because somebody was forgotten."
    )


def test_an_erasure_that_hides_one_entry_is_found_by_another_that_names_the_same_member(book, verified):
    kept = book.receipt(3)
    book.erase((3, "from"), (3, "what"))

    assert verified(book).holds
    failure = only(verified(book, against={"r.tlog-proof": kept}))

    assert failure.entry == 7
    assert "Entry 7 took “from” out of entry 3 as if somebody was forgotten" in failure.sentence
    assert "r.tlog-proof proves that it was m2, whom entry 1 still names" in failure.sentence


@pytest.mark.parametrize("also", ["correction", "role", "decision"])
def test_a_member_may_be_named_by_other_kinds_of_entry_too(book, verified, also):
    index = book.favor(9, 1)
    kept = book.receipt(index)
    words = {
        "correction": leaf.correction_leaf(of=1, by="m4,m9", why="x", at=DAY),
        "role": leaf.role_leaf(member=9, role="organiser", by="m1", at=DAY),
        "decision": leaf.decision_leaf(act="hide", by="m1", rule="x", target="m9", why="x", at=DAY),
    }
    named = book.add(words[also])
    book.erase((index, "from"), (index, "what"))

    assert f"m9, whom entry {named} still names" in only(verified(book, against={"r": kept})).sentence


def test_an_erasure_of_somebody_whom_the_export_still_lists(book, verified):
    book.names[9] = "Noor Haddad"
    index = book.favor(9, 1)
    kept = book.receipt(index)
    book.forget(9)

    assert "m9, whom members.jsonl still lists" in only(verified(book, against={"r.tlog-proof": kept})).sentence


def test_an_erasure_of_whoever_asks(book, verified):
    index = book.favor(9, 1)
    kept = book.receipt(index)
    entry = book.forget(9)

    assert verified(book, against={"r.tlog-proof": kept}).holds
    failure = only(verified(book, against={"r.tlog-proof": kept}, mine={9}))

    assert failure.entry == entry
    assert "it was you, m9" in failure.sentence


def test_receipts_of_the_log_that_this_one_continues(book, verified):
    new = Book(origin="exchange.example/g/new", prev=book.checkpoint())
    new.leaves += book.leaves[1:]
    new.openings = dict(book.openings)
    against = {"r.tlog-proof": book.receipt(2)}

    assert (
        verified(new, against=against).notes[1].startswith("r.tlog-proof is a receipt of a log that this one continues")
    )
    assert "entry 2 is still the one" in verified(new, against=against | {"old.vkey": book.vkey}).compared[1]

    new.rewrite(2, leaf.erase_leaf(what=[], at=DAY))
    assert "Entry 2 is not the entry that r.tlog-proof proves" in " ".join(
        verified(new, against=against | {"old.vkey": book.vkey}).sentences
    )


def test_whoever_asks_is_told_which_of_their_favors_no_receipt_proves(book, verified):
    against = {f"{index}.tlog-proof": book.receipt(index) for index in (1, 3)}

    (note,) = verified(book, against=against, mine={2}).notes
    assert note == (
        "Favors here that are yours, m2: 3. No receipt that you gave proves these entries: 2. Look at them: one that "
        "you know nothing of was invented."
    )
    (note,) = verified(book, against=against | {"2.tlog-proof": book.receipt(2)}, mine={2}).notes
    assert note == "Favors here that are yours, m2: 3. Your receipts prove all of them."
    assert verified(book, mine={99}).notes == ["Favors here that are yours, m99: 0."]
