"""Two verifiers that share no code agree about every log, honest or not."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from exchange.log import leaf
from exchange.log.verify import verify
from tests.log.verify import plain
from tests.log.verify.book import DAY, Book

ROUNDS = 150


def honest(chance):
    """A log of everything that happens."""
    book = Book()
    book.add(leaf.role_leaf(member=1, role="organiser", by="", at=DAY))
    for _ in range(chance.randrange(2, 30)):
        giver, receiver = chance.sample(range(1, 7), 2)
        index = book.favor(giver, receiver, withheld=chance.random() < 0.2, counts=chance.random() < 0.9)
        withheld = b"withheld" in book.leaves[index]
        what = chance.random()
        if what < 0.1:
            book.correct(index, by=f"m{giver},m{receiver}", withheld=withheld)
        elif what < 0.2 and not withheld:
            book.redact((index, "what"), decision=book.decide(withheld=chance.choice([(), ("target", "why")])))
        elif what < 0.25:
            book.forget(chance.randrange(1, 7))
    return book


def tampered(book, chance):
    """Something that an honest server does not do, or only by chance."""
    places = sorted(book.openings)
    of = chance.randrange(len(book.leaves))
    place = chance.choice(places)
    other = leaf.favor_leaf(
        giver=1, receiver=chance.randrange(1, 4), category="x", title="x", how="time", tie=False, counts=True, at=DAY
    )
    chance.choice(
        [
            lambda: book.lose(place),
            lambda: book.openings.update({place: leaf.disclosure(place[1], "m1")}),
            lambda: book.openings.update({(of, "why"): leaf.disclosure("why", "m1")}),
            lambda: book.rewrite(of, other),
            lambda: book.add(other),
            lambda: book.correct(of, by="m1", withheld=chance.random() < 0.3),
            lambda: book.redact(place, decision=of),
            lambda: book.erase(place, keep=chance.random() < 0.5),
            lambda: book.erase(place, same_as=of),
            lambda: book.add(leaf.genesis_leaf()),
        ]
    )()


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_both_come_to_the_same_verdict_and_the_same_balances(tmp_path, seed):
    chance = random.Random(seed)  # noqa: S311 (the same logs every time)
    book = honest(chance)
    for _ in range(seed % 3):
        tampered(book, chance)
    folder = book.write(tmp_path / "export")

    report = verify(folder)
    wrong, balances = plain.plainly(folder)

    assert report.holds == (not wrong), (report.sentences, wrong)
    assert report.holds or seed % 3
    if report.holds:
        assert balances == {
            row.member: (row.given, row.received, row.people_helped, row.people_helped_by, row.people)
            for row in report.balances
        }


def test_it_runs_by_itself_without_exchange(tmp_path):
    folder = honest(random.Random(3)).write(tmp_path / "export")  # noqa: S311 (the same log every time)

    done = subprocess.run(
        [sys.executable, "-I", "-S", str(Path(plain.__file__)), str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("m1 (")
