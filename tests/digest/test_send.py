"""Sending: once to everybody, looked at again at the last moment, tried again where it helps."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select, update
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from exchange.digest import batch, breaker, deliver, holder, leases, prepare
from exchange.digest.facts import Digest
from exchange.digest.issue import due
from exchange.digest.send import Silent, send, send_all
from exchange.digest.skips import Skip
from exchange.digest.write import letter
from exchange.domain import favors, posts
from exchange.log import signing
from exchange.log.checkpoint import read
from exchange.log.kept import NotSigned
from exchange.mail.pace import Turn, wall
from exchange.mail.parcel import Parcel
from exchange.mail.smtp import Refused
from exchange.mail.wire import Envelope
from exchange.storage.digest import DigestIssue, DigestTimes, IssueState, Rhythm
from exchange.storage.membership import Membership, MembershipState
from exchange.storage.post import Post, PostState
from exchange.storage.suppression import Suppression
from tests.builders import needed, offered
from tests.digest.bag import BROKE, BUSY, SILENT, UNKNOWN, Bag
from tests.digest.issues import (
    DAY,
    HOUR,
    MINUTE,
    MONDAY,
    WEEK,
    issue,
    issues,
    leaves_out,
    nobody_else,
    runs,
    wishes,
)
from tests.domain.desk.casework import made, reported
from tests.people import joined

pytestmark = pytest.mark.usefixtures("alone")
CARGO = "Somebody at Harborline Freight who decides on cargo insurance"


@pytest.fixture
def cargo(session, ben) -> Post:
    """Ben needs something, and nobody has answered: news for everybody but Ben."""
    wishes(session, ben, rhythm=Rhythm.NEVER)
    return needed(ben, at=MONDAY - 2 * DAY, closes_at=MONDAY + 5 * DAY)


@pytest.fixture
def at_once(monkeypatch):
    """Everything is looked at again before each letter."""
    monkeypatch.setattr(batch, "LOOK_EVERY", 0.0)


@pytest.fixture
def unhurried(monkeypatch):
    """Retries of a command need not be waited for."""
    monkeypatch.setattr("exchange.digest.send.HURRIED", (timedelta(milliseconds=20),) * 3)
    monkeypatch.setattr(deliver, "SOON", timedelta(milliseconds=20))
    monkeypatch.setattr(breaker, "FIRST_REST", timedelta(milliseconds=20))
    monkeypatch.setattr(breaker, "LONGEST_REST", timedelta(milliseconds=40))


def test_everybody_gets_one_and_a_second_run_sends_none(session, settings, cargo, ada, cleo):
    bag = Bag()
    first = send_all(at=MONDAY, settings=settings, way=bag)
    again = send_all(at=MONDAY + HOUR, settings=settings, way=bag)

    assert (first.sent, first.due, again.due) == (2, 2, 0)
    assert sorted(bag.readers) == ["ada", "cleo"]
    assert CARGO in bag.text()


def test_what_was_sent_is_written_down(session, settings, cargo, ada):
    bag = Bag()
    send_all(at=MONDAY, settings=settings, way=bag)

    sent = issue(session, ada)
    assert (sent.state, sent.message_id) == (IssueState.SENT, str(bag.letters[0]["Message-ID"]))
    assert sent.sent_at
    assert MONDAY <= sent.sent_at < MONDAY + MINUTE
    assert sent.shown == [cargo.id]
    (run,) = runs(session)
    assert session.scalar(select(DigestTimes.times).filter_by(run_id=run.id, post_id=cargo.id)) == 1
    assert run.ended_at is not None


def test_the_moment_may_lie_ahead_and_its_letter_does_not_come_again(session, settings, cargo, ada):
    bag = Bag()
    assert send_all(at=MONDAY - 3 * DAY, settings=settings, way=bag).due == 0
    assert send_all(at=MONDAY + WEEK, settings=settings, way=bag).due == 1
    assert send_all(at=MONDAY + WEEK, settings=settings, way=bag).due == 0


def attached(bag: Bag, number: int = 0) -> list[str]:
    """The checkpoints in a letter, each a whole signed note."""
    return [part.get_content().replace("\r\n", "\n") for part in bag.letters[number].iter_attachments()]


def test_each_letter_carries_the_checkpoint_of_the_log_and_the_one_of_the_letter_before(
    session, settings, cargo, ada, ben, favor
):
    bag = Bag()
    send_all(at=MONDAY, settings=settings, way=bag)
    origin, size, *_ = attached(bag)[0].splitlines()
    assert issue(session, ada).carried == {origin: int(size)}

    favors.confirm(favor.id, by=ben, at=MONDAY + DAY)
    needed(ben, title="Half an hour on tax", at=MONDAY + DAY, closes_at=MONDAY + 2 * WEEK)
    send_all(at=MONDAY + WEEK, settings=settings, way=bag)
    assert len(attached(bag, 1)) == 2
    assert attached(bag, 1)[0] == attached(bag)[0]
    assert int(attached(bag, 1)[1].splitlines()[1]) == int(size) + 1
    vkey = signing.vkey(session, ada.group_id, key=settings.log_key)
    assert [read(note, vkey).origin for note in attached(bag, 1)] == [origin, origin]


def test_a_log_that_cannot_be_signed_holds_no_letter_up(session, settings, cargo, ada, monkeypatch):
    def refuses(*_: object, **__: object) -> str:
        raise NotSigned("bar: it was set back to an older state.")

    monkeypatch.setattr(signing, "checkpoint", refuses)
    bag = Bag()
    with capture_logs() as said:
        send_all(at=MONDAY, settings=settings, way=bag)

    assert attached(bag) == []
    assert [line["why"] for line in said if "not signed" in line["event"]] == [
        "bar: it was set back to an older state."
    ]


def test_empty_means_no_letter_and_a_row_that_says_why(session, settings, ada):
    bag = Bag()
    done = send_all(at=MONDAY, settings=settings, way=bag)

    assert (bag.letters, done.skipped[Skip.EMPTY]) == ([], 1)
    assert (issue(session, ada).state, issue(session, ada).reason) == (IssueState.SKIPPED, "empty")


def test_due_is_sent_and_skipped_and_failed(session, settings, cargo, ada, cleo, olga):
    wishes(session, olga, rhythm=Rhythm.WEEKLY, changed_at=None)
    wishes(session, cleo, paused_until=MONDAY + WEEK)
    done = send_all(at=MONDAY, settings=settings, way=Bag(ada=[UNKNOWN]))

    states = session.execute(select(DigestIssue.state, func.count()).group_by(DigestIssue.state)).all()
    assert dict(states) == {IssueState.SENT: 1, IssueState.SKIPPED: 1, IssueState.FAILED: 1}
    assert (done.sent, done.failed) == (1, 1)


# What may change while a batch is on its way, and what the row of the second reader then says.


def stops(session: Session, member: Membership) -> None:
    wishes(session, member, rhythm=Rhythm.NEVER)


def pauses(session: Session, member: Membership) -> None:
    wishes(session, member, paused_until=MONDAY + WEEK)


def is_suppressed(session: Session, member: Membership) -> None:
    session.add(Suppression(email=member.person.email, since=MONDAY, why="5.1.1", score=1.0, scored_at=MONDAY))
    session.commit()


def is_suspended(session: Session, member: Membership) -> None:
    member.state = MembershipState.SUSPENDED
    session.commit()


def leaves(session: Session, member: Membership) -> None:
    member.state = MembershipState.LEFT
    session.commit()


def goes(session: Session, member: Membership) -> None:
    member.person.active = False
    session.commit()


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (stops, "unsubscribed"),
        (pauses, "paused"),
        (is_suppressed, "suppressed"),
        (is_suspended, "suspended"),
        (leaves, "left"),
        (leaves_out, "off"),
        (goes, "gone"),
    ],
)
def test_it_is_looked_at_again_before_each_letter(session, settings, cargo, ada, cleo, at_once, happens, reason):
    bag = Bag(then=lambda: happens(session, cleo))
    send_all(at=MONDAY, settings=settings, way=bag)

    assert bag.readers == ["ada"]
    assert (issue(session, cleo).state, issue(session, cleo).reason) == (IssueState.SKIPPED, reason)


@pytest.mark.parametrize("happens", [stops, is_suppressed, leaves])
def test_it_is_looked_at_when_a_batch_begins(session, settings, cargo, ada, happens):
    due(at=MONDAY)
    happens(session, ada)
    bag = Bag()

    assert send_all(at=MONDAY + HOUR, settings=settings, way=bag).skipped.total() == 1
    assert bag.tried == []


def test_a_post_that_is_withdrawn_between_composing_and_sending_is_absent(session, settings, cargo, ada, cleo, at_once):
    offered(ada, at=MONDAY - DAY, title="Two seats at the breakfast", closes_at=MONDAY + DAY, event_at=MONDAY + 2 * DAY)
    dora = joined(session, ada.group, "Dora Lindt")
    bag = Bag(then=lambda: posts.withdraw(cargo.id, by=cargo.author, at=MONDAY) if len(bag.letters) == 1 else None)
    send_all(at=MONDAY, settings=settings, way=bag)

    assert bag.readers == ["ada", "cleo", "dora"]
    assert CARGO in bag.text(0)
    assert CARGO not in bag.text(1) + bag.text(2)
    assert "Two seats at the breakfast" in bag.text(1)
    assert issue(session, dora).state is IssueState.SENT


def test_where_that_was_all_there_is_no_letter(session, settings, cargo, ada, cleo, at_once):
    bag = Bag(then=lambda: posts.withdraw(cargo.id, by=cargo.author, at=MONDAY))
    send_all(at=MONDAY, settings=settings, way=bag)

    assert bag.readers == ["ada"]
    assert issue(session, cleo).reason == "empty"


@pytest.mark.parametrize("state", [PostState.HIDDEN, PostState.HELD])
def test_nor_is_there_one_about_a_post_that_an_organiser_hid_between_two_batches(
    session, settings, cargo, ada, cleo, monkeypatch, state
):
    """What batches share was read before; the next one looks at it again before its first letter."""
    monkeypatch.setattr("exchange.digest.send.BATCH", 1)

    def hide() -> None:
        session.execute(update(Post).where(Post.id == cargo.id).values(state=state))
        session.commit()

    bag = Bag(then=hide)
    send_all(at=MONDAY, settings=settings, way=bag)

    assert bag.readers == ["ada"]
    assert issue(session, cleo).reason == "empty"


def test_nor_about_one_that_is_hidden_by_a_decision_while_letters_go_out(
    session, settings, cargo, ada, cleo, olga, at_once
):
    """The letters of a batch are composed; one has gone, and then an organiser decides."""
    case = reported(cargo, cleo, at=MONDAY - DAY)
    bag = Bag(then=lambda: made(case, olga, at=MONDAY))
    send_all(at=MONDAY, settings=settings, way=bag)

    assert bag.readers == ["ada"]
    assert issue(session, cleo).reason == "empty"


def test_nothing_of_a_group_reaches_who_left_it_mid_run(session, settings, cargo, ada, sam, at_once):
    """Sam is in two groups and leaves one while Ada's letter is handed over."""
    nobody_else(session, sam.group)
    here = Membership(group_id=ada.group_id, person=sam.person, number=77, joined_at=MONDAY - WEEK)
    session.add(here)
    otto = joined(session, sam.group, "Otto Lindqvist", email="otto@med.example")
    needed(otto, at=MONDAY - DAY, title="A second opinion on a knee", closes_at=MONDAY + DAY)
    bag = Bag(then=lambda: leaves(session, here))
    send_all(at=MONDAY, settings=settings, way=bag)

    assert bag.readers == ["ada", "sam"]
    assert CARGO not in bag.text(1)
    assert "A second opinion on a knee" in bag.text(1)
    assert "Harbor County Bar" not in bag.text(1)


def test_the_number_of_statements_is_the_same_for_5_readers_and_for_40(session, settings, cargo, ada, monkeypatch):
    monkeypatch.setattr(batch, "LOOK_EVERY", 60.0)
    said: list[str] = []

    def note(_connection, _cursor, statement, *_: object) -> None:
        said.append(statement)

    send(at=MONDAY, settings=settings, way=Bag())  # signs the log, which does not grow here
    event.listen(session.get_bind(), "before_cursor_execute", note)
    counts = []
    for week, more in enumerate((4, 35), start=1):
        for number in range(more):
            joined(session, ada.group, f"Reader{week}x{number} Ray")
        needed(cargo.author, title=f"Need {week}", at=MONDAY + week * WEEK - DAY, closes_at=MONDAY + week * WEEK + DAY)
        due(at=MONDAY + week * WEEK)
        said.clear()
        assert send(at=MONDAY + week * WEEK, settings=settings, way=Bag()).sent == (5, 40)[week - 1]
        ticks = [one for one in said if "UPDATE digest_issue SET state" in one]
        read = [one for one in said if one.startswith(("SELECT", "WITH")) and one not in ticks]
        counts.append((len(read), len(ticks)))
    event.remove(session.get_bind(), "before_cursor_execute", note)

    (few, _), (many, ticked) = counts
    assert few == many < 60
    assert ticked >= 40  # each letter is ticked off by itself


def test_one_that_is_refused_for_now_is_tried_again_and_holds_nobody_up(session, settings, cargo, ada, cleo):
    bag = Bag(ada=[BUSY])
    done = send(at=MONDAY, settings=settings, way=bag)

    assert (bag.tried, bag.readers, done.later) == (["ada", "cleo"], ["cleo"], 1)
    waiting = issue(session, ada)
    assert (waiting.state, waiting.attempts, waiting.reason) == (IssueState.DUE, 1, "450 4.2.1 Try again later")
    assert 48 <= (waiting.next_try_at - MONDAY).total_seconds() <= 73
    assert send(at=MONDAY + 30 * timedelta(seconds=1), settings=settings, way=bag).sent == 0
    assert send(at=MONDAY + 2 * MINUTE, settings=settings, way=bag).sent == 1


def test_the_pauses_differ_so_that_not_all_come_back_at_once(session, settings, cargo, ada):
    others = [joined(session, ada.group, f"Reader{number} Ray") for number in range(8)]
    send(at=MONDAY, settings=settings, way=Bag(anybody=[BUSY] * 9))

    moments = {issue(session, one).next_try_at for one in (ada, *others)}
    assert len(moments) == 9


def test_after_the_last_attempt_it_has_failed_with_the_servers_words(session, settings, cargo, ada, unhurried):
    bag = Bag(ada=[BUSY] * 9)
    done = send_all(at=MONDAY, settings=settings, way=bag)

    assert (len(bag.tried), done.failed) == (4, 1)
    assert issue(session, ada).reason == "450 4.2.1 Try again later"


def test_one_that_is_refused_for_good_fails_at_once_and_its_reason_names_no_address(session, settings, cargo, ada):
    bag = Bag(ada=[UNKNOWN])
    send_all(at=MONDAY, settings=settings, way=bag)

    assert bag.tried == ["ada"]
    assert (issue(session, ada).state, issue(session, ada).reason) == (IssueState.FAILED, "550 5.1.1 … no such user")
    assert session.get(Suppression, "ada@bar.example").since is not None


def test_one_that_is_refused_once_it_was_read_says_nothing_about_the_address(session, settings, cargo, ada):
    send_all(at=MONDAY, settings=settings, way=Bag(ada=[Refused(550, "No letters like this", read=True)]))

    assert issue(session, ada).state is IssueState.FAILED
    assert session.get(Suppression, "ada@bar.example") is None


def test_what_may_have_arrived_goes_out_once_more_under_the_same_id_and_no_more(
    session, settings, cargo, ada, cleo, unhurried
):
    bag = Bag(ada=[BROKE], cleo=[BROKE, BROKE])
    done = send_all(at=MONDAY, settings=settings, way=bag)

    assert (bag.tried.count("ada"), bag.tried.count("cleo")) == (2, 2)
    assert (done.sent, done.failed) == (1, 1)
    assert "may have arrived" in issue(session, cleo).reason


def test_a_silent_server_is_left_alone_and_no_letter_is_blamed(session, settings, cargo, ada, cleo):
    bag = Bag(anybody=[SILENT])
    assert send(at=MONDAY, settings=settings, way=bag).sent == 0
    assert bag.tried == ["ada"]  # nobody else was tried
    assert send(at=MONDAY, settings=settings, way=bag).sent == 0
    assert bag.tried == ["ada"]  # nor a second later

    assert {one.attempts for one in (issue(session, ada), issue(session, cleo))} == {0}
    breaker.answered()
    assert send(at=MONDAY + MINUTE, settings=settings, way=bag).sent == 2


def test_it_rests_longer_each_time_and_forgets_when_the_server_answers(session, app):
    moment, rests = MONDAY, []
    for _ in range(12):
        until = breaker.silent(moment, "421 closing")
        assert breaker.silent(moment, "421 closing") == until  # another worker met the same silence
        rests.append((until - moment).total_seconds())
        moment = until
    assert breaker.failures() == (12, "421 closing")
    assert breaker.rests_until(moment - timedelta(seconds=1)) == moment

    assert 1.6 <= rests[0] <= 2.4
    assert 240 <= rests[-1] <= 360
    breaker.answered()
    assert (breaker.rests_until(MONDAY), breaker.failures()[0]) == (None, 0)


def test_a_command_gives_up_on_a_silent_server_and_what_is_due_waits(session, settings, cargo, ada, unhurried):
    bag = Bag(anybody=[SILENT] * 6)
    with pytest.raises(Silent, match="Connection refused"):
        send_all(at=MONDAY, settings=settings, way=bag)

    assert issue(session, ada).state is IssueState.DUE
    breaker.answered()
    assert send_all(at=MONDAY, settings=settings, way=bag).sent == 1


def test_a_server_that_comes_back_is_noticed(session, settings, cargo, ada, cleo, unhurried):
    done = send_all(at=MONDAY, settings=settings, way=Bag(anybody=[SILENT] * 3))

    assert (done.sent, breaker.failures()[0]) == (2, 0)


def test_a_letter_that_silences_the_server_holds_nobody_else_up(session, settings, cargo, ada, cleo, unhurried):
    """Some servers hang up because of one recipient: next time somebody else is tried first."""
    bag = Bag(ada=[SILENT] * 3)
    send_all(at=MONDAY, settings=settings, way=bag)

    assert bag.readers == ["cleo", "ada"]
    assert (bag.tried[:2], issue(session, ada).attempts) == (["ada", "cleo"], 0)


@pytest.fixture
def was_silent(app):
    """Yesterday the server was silent all day."""
    moment = wall() - 2 * DAY
    for _ in range(9):
        moment = breaker.silent(moment, "Connection refused")


@pytest.mark.usefixtures("was_silent")
def test_a_server_that_says_no_is_not_silent_any_more(session, settings, cargo, ada, unhurried):
    assert send_all(at=MONDAY, settings=settings, way=Bag(ada=[BUSY])).sent == 1


@pytest.mark.usefixtures("was_silent")
def test_one_that_takes_letters_slowly_is_not_silent_either(session, settings, cargo, ada, cleo, monkeypatch):
    monkeypatch.setattr("exchange.digest.send.AT_ONCE_SECONDS", 0.0)
    assert send(at=MONDAY, settings=settings, way=Bag()).more

    assert breaker.failures()[0] == 0


def test_a_clock_that_was_wrong_leaves_no_server_alone_for_long(session, app):
    breaker.silent(MONDAY + 365 * DAY, "Connection refused")
    assert breaker.rests_until(MONDAY) is None

    assert breaker.silent(MONDAY, "Connection refused") < MONDAY + HOUR
    assert breaker.rests_until(MONDAY) is not None


def test_a_letter_that_cannot_be_written_holds_nobody_up(session, settings, cargo, ada, cleo, monkeypatch):
    def broken(digest: Digest, **more: Any) -> Parcel:
        if digest.reader.name.startswith("Ada"):
            raise KeyError("what Ada wrote")
        return letter(digest, **more)

    monkeypatch.setattr("exchange.digest.deliver.letter", broken)
    send_all(at=MONDAY, settings=settings, way=Bag())

    assert issue(session, ada).reason == "It could not be written: KeyError."
    assert issue(session, cleo).state is IssueState.SENT


@pytest.mark.parametrize("step", ["gather", "compose"])
def test_nor_does_one_that_cannot_be_composed(session, settings, cargo, ada, cleo, monkeypatch, step):
    whole: Callable[..., Any] = getattr(prepare, step)

    def broken(first: Any, second: Any, **more: Any) -> Any:
        readers = [issue.person_id for issue in second] if step == "gather" else [first.person_id]
        if ada.person_id in readers:
            raise ValueError("what Ada wrote")
        return whole(first, second, **more)

    monkeypatch.setattr(prepare, step, broken)
    send_all(at=MONDAY, settings=settings, way=Bag())

    assert issue(session, ada).reason == "It could not be written: ValueError."
    assert issue(session, cleo).state is IssueState.SENT


def test_a_worker_that_is_to_end_hands_back_what_it_has(session, settings, cargo, ada, cleo):
    bag = Bag()
    done = send(at=MONDAY, settings=settings, way=bag, stop=lambda: bool(bag.letters))

    assert (done.sent, done.later) == (1, 1)
    states = {one.state for one in (issue(session, ada), issue(session, cleo))}
    assert states == {IssueState.SENT, IssueState.DUE}


def test_the_server_is_told_whom_the_next_letter_is_for(session, settings, cargo, ada, cleo):
    joined(session, ada.group, "Dora Lindt")
    bag = Bag()
    send_all(at=MONDAY, settings=replace(settings, bounces_to="bounces@exchange.example"), way=bag)

    readers = [message["To"].addresses[0].addr_spec for message in bag.letters]
    told = zip(bag.senders, readers, strict=True)
    assert bag.following == [*(Envelope(*one) for one in list(told)[1:]), None]


def test_but_not_where_a_limit_may_put_the_next_one_off(session, settings, cargo, ada, cleo, monkeypatch):
    monkeypatch.setattr(deliver, "turn", lambda *_, at, **__: Turn(at, taken=True))
    bag = Bag()
    send_all(at=MONDAY, settings=replace(settings, mail_per_domain=1), way=bag)

    assert bag.following == [None, None]


def test_nor_where_the_worker_is_about_to_end(session, settings, cargo, ada, cleo, monkeypatch):
    joined(session, ada.group, "Dora Lindt")
    monkeypatch.setattr("exchange.digest.send.SOON_SECONDS", 3_600)
    bag = Bag()
    send(at=MONDAY, settings=settings, way=bag)

    assert [one is not None for one in bag.following] == [True, False, False], "one goes in any case"


def test_a_worker_sends_for_a_few_seconds_and_says_that_there_is_more(session, settings, cargo, ada, cleo, monkeypatch):
    monkeypatch.setattr("exchange.digest.send.AT_ONCE_SECONDS", 0.3)
    slow = Bag(then=lambda: time.sleep(0.3))

    assert send(at=MONDAY, settings=settings, way=slow).more
    assert len(slow.letters) == 1
    send(at=MONDAY, settings=settings, way=slow)
    assert len(slow.letters) == 2


def test_a_lease_that_is_over_is_taken_back(session, settings, cargo, ada):
    due(at=MONDAY)
    leases.claim(MONDAY, 10)
    session.execute(update(DigestIssue).values(holder="elsewhere/1/2"))
    session.commit()

    assert leases.take_back(at=MONDAY + leases.LEASE - MINUTE) == 0
    assert leases.take_back(at=MONDAY + leases.LEASE) == 1
    assert send(at=MONDAY + HOUR, settings=settings, way=Bag()).sent == 1


def test_what_a_process_held_that_does_not_live_any_more_is_taken_back_at_once(session, cargo, ada):
    due(at=MONDAY)
    leases.claim(MONDAY, 10)
    assert leases.take_back(at=MONDAY + MINUTE) == 0  # we live

    session.execute(update(DigestIssue).values(holder=holder.me().rpartition("/")[0] + "/1"))
    session.commit()
    assert leases.take_back(at=MONDAY + MINUTE) == 1


def test_what_waited_for_too_long_is_skipped_and_joins_the_next(session, settings, cargo, ada):
    due(at=MONDAY)
    bag = Bag()
    send(at=MONDAY + 37 * HOUR, settings=settings, way=bag)

    assert (bag.tried, issue(session, ada).reason) == ([], "expired")
    due(at=MONDAY + WEEK)
    assert issues(session, ada)[-1].window_from == issues(session, ada)[0].window_from


def test_a_worker_that_slept_sends_no_more_under_a_lease_that_is_over(session, settings, cargo, ada, cleo, monkeypatch):
    """A machine that is put to sleep stops the clock by which processes wait, and not the one on the wall."""
    begun = wall()
    bag = Bag(then=lambda: monkeypatch.setattr("exchange.digest.send.wall", lambda: begun + 10 * MINUTE))
    done = send(at=MONDAY, settings=settings, way=bag)

    assert (bag.tried, done.sent, done.later) == (["ada"], 1, 1)


def test_a_letter_that_somebody_else_has_taken_over_is_not_ticked_off_twice(session, settings, cargo, ada):
    def taken_over() -> None:
        session.execute(update(DigestIssue).values(holder="elsewhere/1/2"))
        session.commit()

    done = send(at=MONDAY, settings=settings, way=Bag(then=taken_over))

    assert (done.sent, issue(session, ada).state) == (0, IssueState.LEASED)


def test_whoever_was_taken_over_sends_nothing_more_of_what_they_had(session, settings, cargo, ada, cleo):
    """Another worker takes everything back while one letter of ours is on its way: nobody gets two of the others."""

    def taken_back() -> None:
        leases.take_back(at=MONDAY + HOUR)

    bag = Bag(then=taken_back)
    send(at=MONDAY, settings=settings, way=bag)

    assert bag.tried == ["ada"]
    assert {one.state for one in (issue(session, ada), issue(session, cleo))} == {IssueState.DUE}
