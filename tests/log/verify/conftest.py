"""A book in which Ada (m1), Ben (m2), Cleo (m3) and Dan (m4) help each other, and what the verifier says of it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from exchange.log.verify import Report, verify
from tests.log.verify.book import Book

Verified = Callable[..., Report]


@pytest.fixture
def book() -> Book:
    """Entries 1 to 4 count; entry 5 is neutral and 6 withheld."""
    book = Book()
    for giver, receiver in ((1, 2), (1, 2), (2, 1), (3, 1)):
        book.favor(giver, receiver)
    book.favor(1, 4, category="referral", counts=False)
    book.favor(4, 3, withheld=True)
    book.names = {1: "Ada Farouk", 2: "Ben Castellanos", 3: "Cleo Marchetti", 4: "Dan Okafor"}
    return book


@pytest.fixture
def verified(tmp_path: Path) -> Verified:
    """Write a book out and verify it; `against` are texts, which become files by their names."""

    def run(book: Book, *, against: dict[str, str] | None = None, mine: set[int] | None = None) -> Report:
        files = []
        for name, text in (against or {}).items():
            path = tmp_path / name
            path.write_bytes(text.encode())
            files.append(path)
        return verify(book.write(tmp_path / "export"), files, mine=mine or set())

    return run
