"""Small things that wait for one member become one e-mail, and stay one when it is tried again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from exchange.config import Settings
from exchange.mail import Delivered, count_waiting, deliver
from exchange.mail.leases import ATTEMPTS, LEASE
from exchange.mail.outbox import BATCH
from exchange.mail.render import render
from exchange.storage.letter import Letter, LetterState
from exchange.storage.membership import Membership
from tests.mail.bag import BUSY, SILENT, UNKNOWN, Bag
from tests.mail.facts import FACTS, GOLF
from tests.mail.reading import words_of
from tests.mail.samples import due, letter, several
from tests.people import NOON

Write = Callable[..., Letter]
SOON = NOON + timedelta(minutes=10)


@pytest.fixture
def write(session: Session) -> Write:
    """Writes letters of a kind to a member, due at noon."""
    numbers = iter(range(1, 1000))

    def written(kind: str, to: Membership, **said: Any) -> Letter:
        whose = {"email": to.person.email, "person_id": to.person_id, "group_id": to.group_id}
        found = due(next(numbers), kind=kind, **whose | said)
        session.add(found)
        session.commit()
        return found

    return written


def kinds(bag: Bag) -> list[str]:
    return [str(message["X-Exchange-Letter"]) for message in bag.letters]


def test_what_is_due_takes_along_what_waits_for_the_same_member(
    write: Write, ben: Membership, settings: Settings
) -> None:
    first, second, third = write("answer", ben), write("dropped_out", ben, due_at=SOON), write("settled", ben)
    bag = Bag()

    assert deliver(at=NOON, settings=settings, transport=bag) == Delivered(sent=3)
    assert kinds(bag) == ["several"]
    assert str(bag.letters[0]["Message-ID"]).startswith(f"<letter-{first.id}-")
    assert {first.state, second.state, third.state} == {LetterState.SENT}
    assert len({first.sent_at, second.sent_at, third.sent_at}) == 1
    assert first.facts == second.facts == third.facts == {}
    assert deliver(at=SOON, settings=settings, transport=bag) == Delivered()


def test_they_stand_in_the_order_in_which_they_were_written(write: Write, ben: Membership, settings: Settings) -> None:
    write("dropped_out", ben, due_at=NOON)
    write("answer", ben, due_at=NOON - timedelta(minutes=1))
    bag = Bag()

    deliver(at=NOON, settings=settings, transport=bag)

    said = words_of(bag.letters[0])
    assert said.index("Ada Farouk cannot make it") < said.index("Ada Farouk can help")


def test_before_the_first_is_due_all_wait(write: Write, ben: Membership, settings: Settings) -> None:
    write("answer", ben, due_at=SOON)
    write("settled", ben, due_at=SOON)

    assert deliver(at=NOON, settings=settings, transport=Bag()) == Delivered()
    assert deliver(at=SOON, settings=settings, transport=Bag()) == Delivered(sent=2)


def test_one_alone_is_itself(write: Write, ben: Membership, settings: Settings) -> None:
    write("answer", ben)
    bag = Bag()

    deliver(at=NOON, settings=settings, transport=bag)

    assert kinds(bag) == ["answer"]


def test_a_letter_that_is_not_small_goes_alone_and_at_once(write: Write, ben: Membership, settings: Settings) -> None:
    small = write("answer", ben, due_at=SOON)
    write("agreed", ben)
    bag = Bag()

    assert deliver(at=NOON, settings=settings, transport=bag) == Delivered(sent=1)
    assert kinds(bag) == ["agreed"]
    assert small.state is LetterState.DUE


def test_each_member_and_each_group_has_its_own(
    write: Write, ben: Membership, ada: Membership, sam: Membership, settings: Settings
) -> None:
    for kind in ("answer", "settled"):
        for to in (ben, ada, sam):
            write(kind, to)
    write("lapsed", ben, email="former@bar.example")
    bag = Bag()

    assert deliver(at=NOON, settings=settings, transport=bag) == Delivered(sent=7)
    assert sorted(zip(bag.readers, kinds(bag), strict=True)) == [
        ("ada@bar.example", "several"),
        ("ben@bar.example", "several"),
        ("former@bar.example", "lapsed"),
        ("sam@med.example", "several"),
    ]


def test_a_long_row_of_them_is_one_letter(write: Write, ben: Membership, settings: Settings) -> None:
    for _ in range(BATCH + 5):
        write("offer_over", ben)
    bag = Bag()

    assert deliver(at=NOON, settings=settings, transport=bag, limit=3) == Delivered(sent=BATCH + 5)
    assert kinds(bag) == ["several"]


def test_tried_again_it_is_the_same_letter(write: Write, ben: Membership, settings: Settings) -> None:
    rows = [write("answer", ben), write("settled", ben)]

    class Lost(Bag):
        def send(self, message: Any) -> None:
            """Keep the letter, and lose the connection before it is said so."""
            self.letters.append(message)
            raise SILENT

    lost, bag = Lost(), Bag()
    assert deliver(at=NOON, settings=settings, transport=lost) == Delivered(later=2)
    assert rows[0].due_at == rows[1].due_at > NOON
    assert deliver(at=rows[0].due_at, settings=settings, transport=bag) == Delivered(sent=2)
    [once], [again] = lost.letters, bag.letters
    assert once["Message-ID"] == again["Message-ID"]
    assert (once["Subject"], words_of(once)) == (again["Subject"], words_of(again))


def test_after_a_worker_that_did_not_come_back_it_is_the_same_letter(
    write: Write, ben: Membership, settings: Settings
) -> None:
    leased = {"state": LetterState.LEASED, "leased_until": NOON + LEASE, "attempts": 1}
    rows = [write("answer", ben, **leased), write("settled", ben, **leased)]
    bag = Bag()

    assert deliver(at=NOON + LEASE, settings=settings, transport=bag) == Delivered(sent=2)
    assert bag.letters[0]["Message-ID"] == render(*[_as_written(row) for row in rows], settings=settings)["Message-ID"]


def _as_written(row: Letter) -> Letter:
    given = {key: getattr(row, key) for key in ("id", "kind", "email", "once", "created_at", "person", "group")}
    return Letter(facts=FACTS[row.kind], **given)


def test_with_another_thing_in_it_it_is_another_letter(settings: Settings, app: object) -> None:
    """A mail program that knows the first Message-ID would drop the second letter, and what is new in it."""
    two, three = several("answer", "settled"), several("answer", "settled", "lapsed")

    assert (
        render(*two, settings=settings)["Message-ID"]
        != render(*three, settings=settings)["Message-ID"]
        != render(two[0], settings=settings)["Message-ID"]
    )


def test_what_the_server_never_takes_fails_whole(write: Write, ben: Membership, settings: Settings) -> None:
    rows = [write("answer", ben), write("settled", ben)]

    assert deliver(at=NOON, settings=settings, transport=Bag(UNKNOWN)) == Delivered(failed=2)
    assert {row.why_failed for row in rows} == {"550 5.1.1 No such user"}


def test_the_last_attempt_of_one_is_not_that_of_the_other(write: Write, ben: Membership, settings: Settings) -> None:
    old, new = write("answer", ben, attempts=ATTEMPTS - 1), write("settled", ben)

    assert deliver(at=NOON, settings=settings, transport=Bag(BUSY)) == Delivered(failed=1, later=1)
    assert (old.state, new.state, new.attempts) == (LetterState.FAILED, LetterState.DUE, 1)


def test_what_was_not_tried_is_handed_back_together(
    write: Write, ben: Membership, ada: Membership, settings: Settings
) -> None:
    write("agreed", ada)
    rows = [write("answer", ben), write("settled", ben)]

    assert deliver(at=NOON, settings=settings, transport=Bag(SILENT)) == Delivered(later=3)
    assert [row.attempts for row in rows] == [0, 0]
    assert rows[0].due_at == rows[1].due_at
    assert count_waiting(NOON) == 0


def test_one_that_cannot_be_written_holds_up_none_beside_it(write: Write, ben: Membership, settings: Settings) -> None:
    bad, bag = write("answer", ben, facts={}), Bag()
    write("settled", ben)
    write("lapsed", ben)

    assert deliver(at=NOON, settings=settings, transport=bag) == Delivered(sent=2, failed=1)
    assert bad.why_failed == "It could not be written: UndefinedError."
    assert kinds(bag) == ["several"]


@pytest.mark.usefixtures("app")
def test_the_subject_names_the_first_and_counts_the_rest(settings: Settings) -> None:
    two, four = several("no_longer", "lapsed"), several("no_longer", "lapsed", "settled", "answer")

    assert render(*two, settings=settings)["Subject"] == f"It will not take place: {GOLF}, and one more"
    assert render(*four, settings=settings)["Subject"] == f"It will not take place: {GOLF}, and 3 more"


@pytest.mark.usefixtures("app")
def test_a_long_title_leaves_room_for_the_count(settings: Settings) -> None:
    first = letter("answer", title="word " * 24, name="Ada Farouk " * 10)

    assert str(render(first, letter("lapsed"), settings=settings)["Subject"]).endswith("…, and one more")
