"""Letters are sent once, bad ones fail alone, and nothing that was told stays behind."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from exchange.config import Settings
from exchange.mail import Delivered, count_waiting, deliver
from exchange.mail.leases import ATTEMPTS, LEASE, PAUSES, take_back
from exchange.mail.outbox import BATCH
from exchange.storage.letter import Letter, LetterState
from exchange.storage.membership import Membership
from tests.mail.bag import BUSY, SILENT, UNKNOWN, Bag
from tests.mail.facts import FACTS
from tests.mail.postbox import Postbox
from tests.mail.samples import due
from tests.people import NOON

Write = Callable[..., Letter]


def written(session: Session, number: int, **said: Any) -> Letter:
    letter = due(number, **said)
    session.add(letter)
    session.commit()
    return letter


@pytest.fixture
def write(session: Session) -> Write:
    """Writes letters that are due at noon; numbered, to reader1@bar.example and so on."""
    numbers = iter(range(1, 1000))
    return lambda **said: written(session, next(numbers), **said)


def test_what_is_due_is_sent_in_order_and_once(write: Write, settings: Settings) -> None:
    for _ in range(3):
        write()
    bag = Bag()

    assert deliver(at=NOON, settings=settings, transport=bag) == Delivered(sent=3)
    assert deliver(at=NOON, settings=settings, transport=bag) == Delivered()
    assert bag.readers == ["reader1@bar.example", "reader2@bar.example", "reader3@bar.example"]


def test_a_sent_letter_says_when_and_keeps_nothing(write: Write, settings: Settings) -> None:
    letter = write()

    deliver(at=NOON, settings=settings, transport=Bag())

    assert letter.state is LetterState.SENT
    assert letter.sent_at is not None
    assert letter.sent_at - NOON < timedelta(minutes=1)
    assert (letter.facts, letter.leased_until, letter.why_failed) == ({}, None, "")


def test_what_is_not_due_yet_waits(write: Write, settings: Settings) -> None:
    write(due_at=NOON + timedelta(hours=1))

    assert deliver(at=NOON, settings=settings, transport=Bag()) == Delivered()
    assert count_waiting(NOON) == 0
    assert count_waiting(NOON + timedelta(hours=1)) == 1


def test_no_more_than_the_limit_is_sent(write: Write, settings: Settings) -> None:
    for _ in range(BATCH + 3):
        write()

    assert deliver(at=NOON, settings=settings, transport=Bag(), limit=BATCH + 1) == Delivered(sent=BATCH + 1)
    assert count_waiting(NOON) == 2


def test_a_letter_to_a_member_comes_from_the_group(session: Session, ben: Membership, settings: Settings) -> None:
    written(session, 1, kind="agreed", facts=FACTS["agreed"], person_id=ben.person_id, group_id=ben.group_id)
    bag = Bag()

    deliver(at=NOON, settings=settings, transport=bag)

    assert bag.letters[0]["From"].addresses[0].display_name == "Harbor County Bar, Business Law"
    assert bag.letters[0]["To"].addresses[0].display_name == "Ben Castellanos"


def test_a_busy_server_gets_it_again_later_and_later(write: Write, settings: Settings) -> None:
    letter, at = write(), NOON

    for attempt, pause in enumerate(PAUSES, 1):
        assert deliver(at=at, settings=settings, transport=Bag(BUSY)) == Delivered(later=1)
        assert (letter.state, letter.attempts) == (LetterState.DUE, attempt)
        assert letter.why_failed == "450 Try again later"
        assert pause * 0.8 <= letter.due_at - at <= pause * 1.2 + timedelta(minutes=1)
        assert deliver(at=at, settings=settings, transport=Bag()) == Delivered()
        at = letter.due_at

    assert deliver(at=at, settings=settings, transport=Bag(BUSY)) == Delivered(failed=1)
    assert (letter.state, letter.attempts, letter.facts) == (LetterState.FAILED, ATTEMPTS, {})


def test_a_letter_that_waited_is_sent_when_its_time_comes(write: Write, settings: Settings) -> None:
    letter, bag = write(), Bag(BUSY)
    deliver(at=NOON, settings=settings, transport=bag)

    assert deliver(at=letter.due_at, settings=settings, transport=bag) == Delivered(sent=1)
    assert letter.why_failed == ""


def test_what_the_server_will_never_take_fails_at_once_and_alone(write: Write, settings: Settings) -> None:
    unknown, other = write(), write()

    assert deliver(at=NOON, settings=settings, transport=Bag(UNKNOWN)) == Delivered(sent=1, failed=1)
    assert (unknown.state, unknown.why_failed) == (LetterState.FAILED, "550 5.1.1 No such user")
    assert unknown.facts == {}
    assert other.state is LetterState.SENT


def test_a_letter_that_cannot_be_written_fails_alone(write: Write, settings: Settings) -> None:
    lacks, unknown, nobody, good = write(facts={}), write(kind="no_such_kind"), write(email="bén@bar.example"), write()

    assert deliver(at=NOON, settings=settings, transport=Bag()) == Delivered(sent=1, failed=3)
    assert lacks.why_failed == "It could not be written: UndefinedError."
    assert unknown.why_failed == "It could not be written: TemplateNotFound."
    assert nobody.why_failed == "It could not be written: CannotBeAddressed."
    assert good.state is LetterState.SENT


def test_a_silent_server_is_asked_once_and_counts_for_one(write: Write, settings: Settings) -> None:
    first, second, third = write(), write(), write()

    assert deliver(at=NOON, settings=settings, transport=Bag(None, SILENT)) == Delivered(sent=1, later=2)
    assert (first.attempts, second.attempts, third.attempts) == (1, 1, 0)
    assert third.state is LetterState.DUE
    assert third.due_at > NOON
    assert third.facts


def test_nothing_goes_to_an_account_that_has_ended(session: Session, ben: Membership, settings: Settings) -> None:
    letter = written(session, 1, person_id=ben.person_id)
    ben.person.active = False
    session.commit()
    bag = Bag()

    assert deliver(at=NOON, settings=settings, transport=bag) == Delivered(failed=1)
    assert bag.letters == []
    assert (letter.why_failed, letter.facts) == ("The account is not active any more.", {})


def test_a_worker_that_did_not_come_back_is_replaced(write: Write, settings: Settings) -> None:
    letter = write(state=LetterState.LEASED, leased_until=NOON + LEASE, attempts=1)

    assert deliver(at=NOON, settings=settings, transport=Bag()) == Delivered()
    assert count_waiting(NOON) == 1
    assert deliver(at=NOON + LEASE, settings=settings, transport=Bag()) == Delivered(sent=1)
    assert letter.attempts == 2


def test_a_letter_that_ended_every_worker_is_given_up(write: Write) -> None:
    letter = write(state=LetterState.LEASED, leased_until=NOON, attempts=ATTEMPTS)

    assert take_back(at=NOON) == 1
    assert (letter.state, letter.facts, letter.leased_until) == (LetterState.FAILED, {}, None)


def test_whose_lease_was_taken_over_changes_nothing(write: Write, session: Session, settings: Settings) -> None:
    letter = write()
    later = NOON + timedelta(hours=1)

    class Slow(Bag):
        def send(self, _message: Any) -> None:
            """Take so long that another worker has the letter by now."""
            letter.leased_until = later
            session.commit()

    assert deliver(at=NOON, settings=settings, transport=Slow()) == Delivered()
    assert (letter.state, letter.leased_until) == (LetterState.LEASED, later)


def test_a_worker_stops_before_its_leases_end(
    write: Write, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = write(), write()
    seconds = iter([0.0, 0.0, 0.0, 60.0, *[240.0] * 9])
    monkeypatch.setattr("exchange.mail.outbox.time.monotonic", lambda: next(seconds))

    assert deliver(at=NOON, settings=settings, transport=Bag()) == Delivered(sent=1)
    assert (first.state, second.state) == (LetterState.SENT, LetterState.LEASED)


def test_a_worker_that_shall_stop_finishes_its_letter_and_gives_the_rest_back(write: Write, settings: Settings) -> None:
    first, second = write(), write()
    bag = Bag()

    done = deliver(at=NOON, settings=settings, transport=bag, stop=lambda: len(bag.letters) == 1)
    assert done == Delivered(sent=1, later=1)
    assert (first.state, second.state) == (LetterState.SENT, LetterState.DUE)


def test_from_the_outbox_to_a_real_server(write: Write, settings: Settings, server: Controller, box: Postbox) -> None:
    write()
    write()
    smtp_url = f"smtp://127.0.0.1:{server.port}"

    assert deliver(at=NOON, settings=replace(settings, smtp_url=smtp_url)) == Delivered(sent=2)

    assert [envelope.rcpt_tos for envelope in box.taken] == [["reader1@bar.example"], ["reader2@bar.example"]]
    assert box.connections == 1


def test_logs_hold_no_address_and_no_content(write: Write, settings: Settings) -> None:
    write()
    write()

    with capture_logs() as lines:
        deliver(at=NOON, settings=settings, transport=Bag(UNKNOWN))

    assert [(line["kind"], line["state"]) for line in lines] == [("reset", "failed"), ("reset", "sent")]
    assert {key for line in lines for key in line} == {"event", "log_level", "id", "kind", "state"}
