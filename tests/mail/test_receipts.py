"""Whoever has a part in a favor that enters the log gets a letter with a receipt, once, that proves it for ever."""

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from exchange.config import Settings
from exchange.domain import clocks, disputes, favors, leaving, proofs, unasked
from exchange.log import signing
from exchange.log.receipt import CheckedReceipt, checked
from exchange.mail import deliver
from exchange.storage.favor import Favor
from exchange.storage.letter import Letter
from exchange.storage.membership import Membership
from tests.builders import answered, favors_of, offered
from tests.log.refusing import put_right, set_back
from tests.mail.bag import Bag
from tests.mail.reading import receipts as attached
from tests.mail.reading import words_of
from tests.people import NOON

LATER = NOON + timedelta(minutes=11)
TITLE = "An hour on the escrow clause"
Read = Callable[[EmailMessage], CheckedReceipt]


@pytest.fixture
def receipts() -> None:
    """Here they are those of the log."""


@pytest.fixture
def sent(session: Session, settings: Settings) -> Callable[..., dict[str, EmailMessage]]:
    """Send what is due; the last letter to each reader, by the first part of the address."""

    def send(at=LATER) -> dict[str, EmailMessage]:
        session.commit()
        bag = Bag()
        deliver(at=at, settings=settings, transport=bag)
        return {reader.partition("@")[0]: letter for reader, letter in zip(bag.readers, bag.letters, strict=True)}

    return send


@pytest.fixture
def read(session: Session, settings: Settings, group) -> Read:
    """The one receipt in a letter, checked with nothing but the log's key."""

    def opened(letter: EmailMessage) -> CheckedReceipt:
        (text,) = attached(letter).values()
        return checked(text, signing.vkey(session, group.id, key=settings.log_key))

    return opened


def told(receipt: CheckedReceipt) -> tuple[object, ...]:
    return tuple(receipt.told[name] for name in ("from", "to", "what"))


def test_when_the_receiver_confirms_both_get_it(sent, read, favor: Favor, ada: Membership, ben: Membership):
    favors.confirm(favor.id, by=ben, at=NOON, thanks="You found the gap.")
    letters = sent()

    for name in ("ada", "ben"):
        assert list(attached(letters[name])) == [f"bar-{favor.entry}.tlog-proof"]
        assert read(letters[name]).index == favor.entry
        assert told(read(letters[name])) == ("m2", "m3", TITLE)
        assert f"Your receipt is attached: bar-{favor.entry}.tlog-proof." in words_of(letters[name])
    assert "You found the gap." in words_of(letters["ada"])
    assert "You said that it happened, and so it is entry" in words_of(letters["ben"])
    assert "You found the gap." not in words_of(letters["ben"])


def test_when_somebody_writes_down_that_they_were_helped_both_get_it(sent, read, ada: Membership, ben: Membership):
    favor = unasked.helped_by(ada.number, by=ben, category="advice", title=TITLE, at=NOON)
    letters = sent()

    assert {str(letter["X-Exchange-Letter"]) for letter in letters.values()} == {"helped_by", "confirmed"}
    assert [read(letters[name]).index for name in ("ada", "ben")] == [favor.entry] * 2


def test_when_silence_confirms_both_get_it(session: Session, sent, read, ada: Membership, ben: Membership):
    post = offered(ada)
    answered(post, ben)
    (favor,) = favors_of(session, post)
    favors.deliver(favor.id, by=ada, at=NOON)
    sent()
    at = NOON + timedelta(days=15)
    clocks.due(at=at)
    letters = sent(at + timedelta(hours=1))

    assert [read(letters[name]).told["how"] for name in ("ada", "ben")] == ["time"] * 2


@pytest.mark.parametrize("happened", [True, False])
def test_when_a_dispute_is_settled_both_get_it_if_it_happened(
    sent, read, favor: Favor, ada: Membership, ben: Membership, olga: Membership, happened: bool
):
    favors.deliver(favor.id, by=ada, at=NOON)
    disputes.dispute(favor.id, by=ben, why="We never spoke.", at=NOON)
    sent()
    disputes.settle(favor.id, by=olga, happened=happened, why="There is a note of it.", at=LATER)
    letters = sent(LATER + timedelta(hours=1))

    assert {name: len(attached(letters[name])) for name in ("ada", "ben")} == dict.fromkeys(
        ("ada", "ben"), int(happened)
    )
    if happened:
        assert [read(letters[name]).told["how"] for name in ("ada", "ben")] == ["settled"] * 2


def test_nobody_else_gets_a_letter_and_nobody_gets_two(session: Session, sent, favor: Favor, ben: Membership):
    favors.confirm(favor.id, by=ben, at=NOON)

    assert sorted(sent()) == ["ada", "ben"]
    assert sent(LATER + timedelta(days=1)) == {}
    assert len(session.scalars(select(Letter.id).filter_by(kind="confirmed")).all()) == 2


def test_of_a_withheld_favor_the_two_can_open_everything(sent, read, ada: Membership, ben: Membership):
    unasked.helped_by(ada.number, by=ben, category="advice", title=TITLE, at=NOON, withheld=True)
    letters = sent()

    assert told(read(letters["ada"])) == told(read(letters["ben"])) == ("m2", "m3", TITLE)


def test_several_small_letters_in_one_bring_all_their_receipts(sent, favor: Favor, ada: Membership, ben: Membership):
    favors.confirm(favor.id, by=ben, at=NOON)
    second = unasked.helped_by(ben.number, by=ada, category="advice", title="A brief", at=NOON)
    letters = sent()

    assert letters["ada"]["X-Exchange-Letter"] == "several"
    assert set(attached(letters["ada"])) == {f"bar-{entry}.tlog-proof" for entry in (favor.entry, second.entry)}


def test_while_the_server_does_not_sign_the_letter_goes_without_it_and_says_so(
    session: Session, sent, settings: Settings, favor: Favor, ben: Membership
):
    favors.confirm(favor.id, by=ben, at=NOON)
    set_back(session, favor.group_id, settings)
    letters = sent()

    for name in ("ada", "ben"):
        assert attached(letters[name]) == {}
        assert f"Your receipt for entry {favor.entry} could not be made now." in words_of(letters[name])
    put_right(session, favor.group_id, settings)
    name, text = proofs.receipt(favor.id, seen_by=ben, settings=settings, at=LATER)
    assert name == f"bar-{favor.entry}.tlog-proof"
    assert checked(text, signing.vkey(session, favor.group_id, key=settings.log_key)).index == favor.entry


def test_what_was_forgotten_before_it_went_is_not_in_it(sent, read, favor: Favor, ada: Membership, ben: Membership):
    favors.confirm(favor.id, by=ben, at=NOON)
    leaving.erase(ada.id, at=NOON)
    letters = sent()

    assert list(letters) == ["ben"]
    assert set(read(letters["ben"]).told) == {"how", "kind", "tie", "to"}


def test_it_is_bytes_that_no_mail_program_wraps(sent, favor: Favor, ben: Membership):
    favors.confirm(favor.id, by=ben, at=NOON)
    (part,) = sent()["ben"].iter_attachments()

    assert part.get_content_type() == "application/octet-stream"
    assert part["Content-Transfer-Encoding"] == "base64"
    assert part.get_content_disposition() == "attachment"
