"""Balances recomputed from an export: counts of favors and people."""

from collections import defaultdict

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings

from exchange.log.verify import verify
from tests.log.verify.book import Book


def counts(report):
    """By member: given, received, people helped, people who helped, people in all."""
    return {
        row.member: (row.given, row.received, row.people_helped, row.people_helped_by, row.people)
        for row in report.balances
    }


def test_favors_and_people_are_counted(book, verified):
    report = verified(book)

    assert counts(report) == {"m1": (2, 2, 1, 2, 2), "m2": (1, 2, 1, 1, 1), "m3": (1, 0, 1, 0, 1)}
    assert [row.name for row in report.balances] == ["Ada Farouk", "Ben Castellanos", "Cleo Marchetti"]
    assert report.favors == {"counted": 4, "neutral": 1, "withheld": 1}


def test_what_is_void_counts_for_nobody(book, verified):
    book.correct(4)

    assert counts(verified(book)) == {"m1": (2, 1, 1, 1, 1), "m2": (1, 2, 1, 1, 1)}


def test_whoever_was_forgotten_goes_on_counting_as_one_person(book, verified):
    before = counts(verified(book))
    book.forget(1)

    after = counts(verified(book))

    assert after == {member: before[member] for member in ("m2", "m3")}


def test_two_who_were_forgotten_are_two_people(book, verified):
    for member in (1, 3):
        book.favor(member, 2)
    book.forget(1)
    book.forget(3)

    report = verified(book)

    assert report.sentences == []
    assert counts(report) == {"m2": (1, 4, 1, 2, 2)}


def test_one_who_was_forgotten_in_several_entries_is_one_person(book, verified):
    first = book.erase((1, "from"), (1, "what"))
    book.erase((2, "from"), (2, "what"), (3, "to"), (3, "what"), same_as=first)
    book.erase((4, "to"), (4, "what"), same_as=first)

    assert counts(verified(book)) == {"m2": (1, 2, 1, 1, 1), "m3": (1, 0, 1, 0, 1)}


people = st.integers(1, 6)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    favors=st.lists(st.tuples(people, people, st.booleans(), st.booleans()), max_size=40),
    voided=st.sets(st.integers(0, 39)),
    forgotten=st.lists(people, unique=True, max_size=3),
)
def test_any_log_gives_the_counts_that_anybody_would_count(tmp_path_factory, favors, voided, forgotten):
    book, counted, void = Book(), [], []
    for number, (giver, receiver, counts_, withheld) in enumerate(favors):
        if giver == receiver:
            continue
        index = book.favor(giver, receiver, counts=counts_, withheld=withheld)
        if number in voided:
            void.append((index, withheld))
        elif counts_ and not withheld:
            counted.append((giver, receiver))
    for index, withheld in void:
        book.correct(index, by="m7", withheld=withheld)
    for member in forgotten:
        book.forget(member)
    helped, helped_by = defaultdict(list), defaultdict(list)
    for giver, receiver in counted:
        helped[giver].append(receiver)
        helped_by[receiver].append(giver)

    report = verify(book.write(tmp_path_factory.mktemp("export")))

    assert report.sentences == []
    assert counts(report) == {
        f"m{member}": (
            len(helped[member]),
            len(helped_by[member]),
            len(set(helped[member])),
            len(set(helped_by[member])),
            len({*helped[member], *helped_by[member]}),
        )
        for member in sorted(helped.keys() | helped_by.keys())
        if member not in forgotten
    }
