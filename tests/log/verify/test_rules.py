"""What entries say about earlier ones, and whether every missing opening is accounted for."""

import pytest

from exchange.log import leaf
from exchange.log.verify import verify
from tests.log.verify.book import DAY


def only(report):
    """The one failure of a report."""
    (failure,) = report.findings.kept
    return failure


def test_a_missing_opening_that_nobody_accounts_for_is_hidden(book, verified):
    book.lose((3, "what"))

    report = verified(book)

    assert only(report).entry == 3
    assert "The opening “what” of entry 3 is missing, and no later entry says" in only(report).sentence
    assert "ask the parties, whose receipts still open it" in only(report).sentence
    assert report.openings["hidden"] == 1


def test_only_what_the_leaf_withholds_may_be_missing_from_a_withheld_favor(book, verified):
    book.lose((6, "kind"))

    assert only(verified(book)).entry == 6


def test_a_withheld_favor_whose_party_was_forgotten_needs_no_entry(book, tmp_path):
    book.lose((6, "from"), (6, "what"))
    book.erase()

    assert verify(book.write(tmp_path / "others")).holds
    assert verify(book.write(tmp_path / "mine", opening=[6])).holds


def test_an_opening_that_was_never_kept_is_covered_by_the_entry_behind_it(book, verified):
    """What was delivered before somebody was forgotten confirms by itself afterwards."""
    first = book.forget(4)
    index = book.favor(1, 4)
    book.erase((index, "to"), (index, "what"), same_as=first)

    assert verified(book).sentences == []


def test_what_is_said_to_be_gone_and_is_still_here(book, verified):
    book.erase((3, "from"), (3, "what"), keep=True)

    report = verified(book)

    assert [failure.entry for failure in report.findings.kept] == [3, 3]
    assert "“from” of entry 3 is said to be gone and is still here: entry 7" in report.sentences[0]


def test_a_withheld_opening_that_is_said_to_be_gone_and_is_still_here(book, tmp_path):
    book.erase((6, "from"), (6, "what"), keep=True)

    assert verify(book.write(tmp_path / "others")).holds
    assert len(verify(book.write(tmp_path / "mine", opening=[6])).sentences) == 2


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ([(7, "what")], "takes “what” out of entry 7, which has none"),
        ([(9, "what")], "takes “what” out of entry 9, which has none"),
        ([(10**15, "what")], "out of entry 1000000000000000, which has none"),
        ([(0, "prev")], "takes “prev” out of entry 0, which has none"),
        ([(1, "why")], "takes “why” out of entry 1, which has none"),
        ([(1, "from"), (1, "to"), (1, "what")], "forgets both sides of entry 1 as if they were one"),
        ([(1, "what")], "as if somebody was forgotten, and forgets neither of its two"),
    ],
)
def test_an_erasure_that_no_server_writes(book, verified, what, sentence):
    for place in what:
        book.openings.pop(place, None)
    book.erase(*what, keep=True)

    failure = only(verified(book))

    assert failure.entry == 7
    assert sentence in failure.sentence


def test_an_opening_is_taken_out_once(book, verified):
    book.erase((1, "from"), (1, "what"))
    book.erase((1, "from"), keep=True)

    assert "Entry 8 takes “from” out of entry 1, as entry 7 did already" in only(verified(book)).sentence


@pytest.mark.parametrize("same_as", [0, 1, 7, 99])
def test_an_erasure_goes_on_with_an_erasure(book, verified, same_as):
    book.erase(same_as=same_as)

    assert f"Entry 7 goes on with the erasure of entry {same_as}, which is none" in only(verified(book)).sentence


def test_an_erasure_goes_on_with_the_first_one_of_its_member(book, verified):
    first = book.erase((1, "from"), (1, "what"))
    second = book.erase((2, "from"), (2, "what"), same_as=first)
    book.erase((3, "to"), (3, "what"), same_as=second)

    assert f"Entry 9 goes on with the erasure of entry {second}, which is none" in only(verified(book)).sentence


def test_a_redaction_takes_a_text_out_by_a_decision(book, verified):
    book.redact((1, "what"), (2, "what"), decision=book.decide())

    assert verified(book).sentences == []


@pytest.mark.parametrize("decision", [1, 0, 7, 8, 99])
def test_a_redaction_without_its_decision_is_a_text_that_somebody_hides(book, verified, decision):
    book.redact((1, "what"), decision=decision)

    failure = only(verified(book))

    assert failure.entry == 7
    assert f"by the decision of entry {decision}, which is no earlier decision" in failure.sentence


def test_a_redaction_leaves_the_parties(book, verified):
    book.redact((1, "from"), decision=book.decide())

    failure = only(verified(book))

    assert failure.entry == 8
    assert "only texts may be taken out like that: somebody hides who did what" in failure.sentence


@pytest.mark.parametrize(
    ("of", "what"),
    [(7, "no earlier favor"), (8, "no earlier favor"), (99, "no earlier favor"), (0, "no earlier favor")],
)
def test_a_correction_voids_an_earlier_favor(book, verified, of, what):
    book.correct(of)

    sentence = only(verified(book)).sentence
    assert f"Entry 7 voids entry {of}, which is {what}" in sentence


def test_a_correction_cannot_be_corrected(book, verified):
    book.correct(book.correct(1))

    assert "Entry 8 voids entry 7, which is a correction itself" in only(verified(book)).sentence


def test_an_entry_is_voided_once(book, verified):
    book.correct(1)
    book.correct(1)

    assert "Entry 8 voids entry 1, which entry 7 voids" in only(verified(book)).sentence


def test_a_correction_does_not_hide_who_voided_what_everybody_sees(book, verified):
    book.correct(1, withheld=True)

    assert "withholds by whom and why, and entry 1 withholds nothing" in only(verified(book)).sentence


def test_a_correction_does_not_tell_whose_a_withheld_favor_was(book, verified):
    book.correct(6)

    assert "tells by whom, and entry 6 is withheld" in only(verified(book)).sentence


def test_a_log_begins_once(book, verified):
    book.add(leaf.genesis_leaf())
    assert "Entry 7 begins a log in the middle of another one" in only(verified(book)).sentence


def test_a_log_begins_with_its_genesis(book, verified):
    book.rewrite(0, leaf.erase_leaf(what=[], at=DAY))

    assert "Entry 0 does not begin a log" in only(verified(book)).sentence


def test_failures_beyond_a_hundred_are_counted(book, verified):
    book.openings.clear()
    for _ in range(30):
        index = book.favor(1, 2)
        book.lose(*((index, field) for field in ("from", "how", "kind", "tie", "to", "what")))

    report = verified(book)

    assert len(report.findings.kept) == 100
    assert report.findings.total == 36 * 6 - 4
