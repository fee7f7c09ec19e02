"""An export is held against what readers remember."""

import pytest

from exchange.log import leaf
from tests.log.verify.book import DAY, SEED, Book


def only(report):
    """The one failure of a report."""
    (failure,) = report.findings.kept
    return failure


def again(book):
    """The same log once more, to be changed."""
    other = Book(origin=book.origin)
    other.leaves, other.openings = list(book.leaves), dict(book.openings)
    return other


def test_every_older_checkpoint_of_an_honest_log_fits(book, verified):
    older = {f"week-{size}": book.checkpoint(size) for size in range(1, book.size + 1)}

    report = verified(book, against=older)

    assert report.sentences == []
    assert report.compared[:2] == [
        "week-1: the first 1 entry, as they were then",
        "week-2: the first 2 entries, as they were then",
    ]
    assert len(report.compared) == book.size


def test_every_older_checkpoint_of_a_log_of_several_bundles_fits(verified):
    book = Book()
    for number in range(1, 777):
        book.favor(number % 9 + 1, 10)

    report = verified(book, against={str(size): book.checkpoint(size) for size in (1, 255, 256, 257, 512, 600, 777)})

    assert report.sentences == []


@pytest.mark.parametrize("more", [1, 3])
def test_an_export_with_fewer_entries_than_a_checkpoint(book, verified, more):
    later = again(book)
    for _ in range(more):
        later.favor(1, 2)

    failure = only(verified(book, against={"letter.txt": later.checkpoint()}))

    assert failure.entry == 7
    assert f"The export is older than letter.txt: it has 7 entries, and {7 + more} were signed" in failure.sentence
    assert f"entries 7 to {6 + more} were taken back" in failure.sentence


def test_another_log_of_the_same_size_is_a_fork(book, verified):
    other = again(book)
    other.rewrite(3, book_entry())

    failure = only(verified(other, against={"letter.txt": book.checkpoint()}))

    assert "This is not the log that letter.txt remembers: the log's own key signed 7 other entries" in failure.sentence
    assert "compare the code with other members" in failure.sentence


def book_entry():
    """An entry that says something else."""
    return leaf.favor_leaf(
        giver=2, receiver=4, category="advice", title="An hour", how="receiver", tie=False, counts=True, at=DAY
    )


def test_where_the_difference_begins_is_told_by_the_checkpoints_around_it(book, verified):
    other = again(book)
    other.rewrite(4, book_entry())
    against = {"june.txt": book.checkpoint(3), "july.txt": book.checkpoint(6)}

    report = verified(other, against=against)

    assert "The first 3 are still as june.txt remembers them, so the difference lies in entries 3 to 5." in (
        only(report).sentence
    )
    assert report.findings.kept[0].entry == 3
    assert report.compared == ["june.txt: the first 3 entries, as they were then"]


def test_a_checkpoint_under_this_name_that_another_key_signed(book, verified):
    stranger = Book(seed=SEED[::-1])
    stranger.favor(1, 2)

    failure = only(verified(book, against={"letter.txt": stranger.checkpoint()}))

    assert "The checkpoint in letter.txt bears the name of this log and cannot be believed" in failure.sentence


def test_a_checkpoint_that_was_changed_after_it_was_signed(book, verified):
    note = book.checkpoint(5).replace("\n5\n", "\n6\n")

    assert "cannot be believed" in only(verified(book, against={"letter.txt": note})).sentence


def test_another_key_under_this_name(book, verified):
    assert verified(book, against={"key.txt": book.vkey}).sentences == []

    failure = only(verified(book, against={"key.txt": Book(seed=SEED[::-1]).vkey}))

    assert "key.txt holds another key for this log than the export" in failure.sentence


def test_files_of_another_log_are_left_aside_and_are_nothing_to_compare_with(book, verified):
    other = Book(origin="med.example/g/1")

    report = verified(book, against={"letter.txt": other.checkpoint()})

    assert report.notes == ["letter.txt is of another log, med.example/g/1, and was left aside."]
    assert only(report).sentence == (
        "letter.txt holds no checkpoint, receipt or key of this log: nothing was compared with it."
    )


def test_a_file_of_several_logs_is_compared_where_it_can_be(book, verified):
    text = Book(origin="med.example/g/1").checkpoint() + "\n" + book.checkpoint(4)

    report = verified(book, against={"letter.txt": text})

    assert (report.holds, len(report.notes), len(report.compared)) == (True, 1, 1)


@pytest.mark.parametrize("text", ["", "Dear Ada"])
def test_a_file_that_holds_nothing_is_a_failure(book, verified, text):
    assert "nothing was compared with it" in only(verified(book, against={"letter.txt": text})).sentence


def test_a_log_that_was_begun_anew_fits_what_its_predecessor_signed(book, verified):
    against = {"june.txt": book.checkpoint(4), "july.txt": book.checkpoint(), "old.vkey": book.vkey}
    new = renewed(book)
    new.favor(1, 2)

    report = verified(new, against=against)

    assert report.sentences == []
    assert report.notes == [f"This log continues {book.origin}: its 7 entries are all here."]
    assert report.compared == [
        f"june.txt: the first 4 entries, as {book.origin} had them",
        f"july.txt: the first 7 entries, as {book.origin} had them",
    ]


def renewed(book, origin="exchange.example/g/new", prev=None):
    new = Book(origin=origin, prev=prev or book.checkpoint())
    new.leaves += book.leaves[1:]
    new.openings = dict(book.openings)
    new.former = [book.leaves[0], *book.former]
    return new


def test_without_its_key_a_predecessors_checkpoint_is_compared_all_the_same(book, verified):
    report = verified(renewed(book), against={"june.txt": book.checkpoint(4)})

    assert report.sentences == []
    assert "Its signature was not checked, because nobody gave the key of that log." in report.compared[0]


def test_a_chain_of_logs_that_were_begun_anew(book, verified):
    second = renewed(book, "exchange.example/g/two")
    second.favor(2, 1)
    third = renewed(second, "exchange.example/g/three")

    report = verified(third, against={"first.txt": book.checkpoint(5), "second.txt": second.checkpoint(6)})

    assert report.sentences == []
    assert len(report.notes) == 2
    assert len(report.compared) == 2


def test_what_was_lost_when_a_log_was_begun_anew_is_said(book, verified):
    """After a backup: the database had five entries, and seven were signed."""
    short = again(book)
    del short.leaves[5:]
    short.openings = {place: one for place, one in book.openings.items() if place[0] < 5}
    new = renewed(short, prev=book.checkpoint())
    new.favor(3, 2)

    assert verified(new).sentences == []
    assert "7 entries; they are not all here as they were" in verified(new).notes[0]
    assert "The first 6 entries are not those of" in only(verified(new, against={"j.txt": book.checkpoint(6)})).sentence
    assert verified(new, against={"i.txt": book.checkpoint(5)}).holds


def test_entries_that_were_left_out_when_a_log_was_begun_anew(book, verified):
    new = renewed(book, prev=book.checkpoint(5))

    failure = only(verified(new, against={"july.txt": book.checkpoint(7)}))

    assert failure.entry == 5
    assert f"july.txt remembers 7 entries of {book.origin}" in failure.sentence
    assert "says that it had 5: the others were left out" in failure.sentence


def test_a_forged_first_entry_of_the_predecessor_fits_nothing(book, verified):
    new = renewed(book)
    new.former = [leaf.genesis_leaf("x").data]

    report = verified(new, against={"june.txt": book.checkpoint(4)})

    assert "are not all here as they were" in report.notes[0]
    assert not report.holds
