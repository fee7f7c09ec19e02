"""Looking again at the moment of sending: nobody is written to who has gone, or does not want it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from exchange.config import Settings
from exchange.mail import KINDS, MUST, Delivered, deliver
from exchange.storage.letter import Letter, LetterState
from exchange.storage.membership import Membership, MembershipState
from tests.mail.bag import Bag
from tests.mail.samples import due
from tests.people import NOON

Write = Callable[[str], Letter]
GONE = (MembershipState.LEFT, MembershipState.ENDED, MembershipState.APPLIED)


@pytest.fixture
def write(session: Session, ben: Membership) -> Write:
    """Writes letters of a kind to Ben."""
    numbers = iter(range(1, 1000))

    def written(kind: str) -> Letter:
        letter = due(next(numbers), kind=kind, email=ben.person.email, person_id=ben.person_id, group_id=ben.group_id)
        session.add(letter)
        session.commit()
        return letter

    return written


def become(session: Session, member: Membership, state: MembershipState) -> None:
    member.state = state
    member.ended_at = NOON if state in GONE else None
    member.suspended_at = NOON if state is MembershipState.SUSPENDED else None
    session.commit()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_an_active_member_gets_every_kind(write: Write, settings: Settings, kind: str) -> None:
    letter = write(kind)

    assert deliver(at=NOON, settings=settings, transport=Bag()) == Delivered(sent=1)
    assert letter.state is LetterState.SENT


@pytest.mark.parametrize("state", GONE)
def test_who_has_gone_hears_no_more_of_the_group(
    write: Write, session: Session, ben: Membership, settings: Settings, state: MembershipState
) -> None:
    letter, bag = write("agreed"), Bag()
    become(session, ben, state)

    assert deliver(at=NOON, settings=settings, transport=bag) == Delivered(failed=1)
    assert bag.letters == []
    assert (letter.state, letter.why_failed) == (LetterState.FAILED, "not sent: no longer a member")
    assert (letter.facts, letter.leased_until) == ({}, None)


def test_who_has_gone_still_hears_that_nobody_waits(
    write: Write, session: Session, ben: Membership, settings: Settings
) -> None:
    write("no_longer")
    become(session, ben, MembershipState.LEFT)

    assert deliver(at=NOON, settings=settings, transport=Bag()) == Delivered(sent=1)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_who_is_suspended_gets_only_what_must_go(
    write: Write, session: Session, ben: Membership, settings: Settings, kind: str
) -> None:
    letter = write(kind)
    become(session, ben, MembershipState.SUSPENDED)

    deliver(at=NOON, settings=settings, transport=Bag())

    assert (letter.state is LetterState.SENT) is (kind in MUST)
    assert letter.why_failed == ("" if kind in MUST else "not sent: suspended")


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_what_is_switched_off_stays_here(
    write: Write, session: Session, ben: Membership, settings: Settings, kind: str
) -> None:
    letter = write(kind)
    ben.letters_off = sorted(KINDS)
    session.commit()

    deliver(at=NOON, settings=settings, transport=Bag())

    assert (letter.state is LetterState.SENT) is (kind in MUST)
    assert letter.why_failed == ("" if kind in MUST else "not sent: switched off")


def test_other_kinds_go_on(write: Write, session: Session, ben: Membership, settings: Settings) -> None:
    write("agreed")
    ben.letters_off = ["answer"]
    session.commit()

    assert deliver(at=NOON, settings=settings, transport=Bag()) == Delivered(sent=1)


def test_one_that_is_switched_off_holds_up_none_beside_it(
    write: Write, session: Session, ben: Membership, settings: Settings
) -> None:
    off, wanted, bag = write("answer"), write("declined"), Bag()
    ben.letters_off = ["answer"]
    session.commit()

    assert deliver(at=NOON, settings=settings, transport=bag) == Delivered(sent=1, failed=1)
    assert [message["X-Exchange-Letter"] for message in bag.letters] == ["declined"]
    assert (off.state, wanted.state) == (LetterState.FAILED, LetterState.SENT)


def test_a_letter_that_has_no_group_asks_for_no_membership(
    session: Session, ben: Membership, settings: Settings
) -> None:
    session.add(due(1, kind="reset", email=ben.person.email, person_id=ben.person_id))
    session.commit()
    become(session, ben, MembershipState.SUSPENDED)

    assert deliver(at=NOON + timedelta(minutes=1), settings=settings, transport=Bag()) == Delivered(sent=1)
