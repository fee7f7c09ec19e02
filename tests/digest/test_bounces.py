"""Letters that come back: what they say about an address, and what they do not."""

from dataclasses import replace
from datetime import timedelta
from imaplib import IMAP4

import pytest

from exchange.config import Misconfigured
from exchange.digest import boxes, suppression, verp
from exchange.digest.bounces import Read, bounce_in, read
from exchange.digest.issue import due
from exchange.digest.send import send_all
from exchange.digest.suppression import came_back, status_in
from exchange.mail import Delivered, deliver
from exchange.storage.suppression import Suppression
from tests.digest.bag import Bag
from tests.digest.imap import Imap
from tests.digest.issues import MONDAY, WEEK, issue
from tests.digest.returned import holiday, receipt, report
from tests.mail.bag import Bag as OtherBag
from tests.mail.samples import due as other_letter
from tests.people import NOON

ADA = "ada@bar.example"
DAY = timedelta(days=1)


@pytest.fixture
def own(settings):
    """The tests' settings with an address for what comes back."""
    return replace(settings, bounces_to="bounces@exchange.example")


@pytest.fixture
def to(session, own, ada, alone) -> str:
    """Where Ada's letter of Monday comes back to."""
    due(at=MONDAY)
    return verp.sender(own, issue(session, ada).id, ADA)


def known(session) -> Suppression | None:
    session.commit()
    found: Suppression | None = session.get(Suppression, ADA)
    return found


def is_suppressed(session) -> bool:
    found = known(session)
    return found is not None and found.since is not None


def test_each_letter_has_a_return_path_of_its_own_that_is_signed(own):
    address = verp.sender(own, 4711, ADA)

    def of(address: str, email: str = ADA) -> int | None:
        return verp.issue_of(own, address, lambda _issue_id: email)

    assert address.startswith("bounces+1267-")
    assert address.endswith("@exchange.example")
    assert len(verp.sender(own, 2**63 - 1, ADA).partition("@")[0]) <= 64
    assert of(address) == of(address.upper()) == 4711
    assert of(address, "ada@farouk.example") is None
    assert of(address.replace("1267", "1268")) is None
    assert of("bounces@exchange.example") is None
    assert of("bounces+1267@exchange.example") is None


def test_it_survives_a_new_key(own):
    after = replace(own, secret_key="a new secret that is long enough, too", secrets_before=(own.secret_key,))

    assert verp.issue_of(after, verp.sender(own, 4711, ADA), lambda _issue_id: ADA) == 4711


def test_without_the_setting_letters_come_back_to_whom_they_are_from(settings):
    assert verp.sender(settings, 4711, ADA) == ""


def test_an_address_that_does_not_exist_gets_no_more_letters(session, own, to, ada):
    assert read([report(to)], settings=own, at=NOON) == Read(read=1, bounces=1, suppressed=1)

    assert is_suppressed(session)
    assert issue(session, ada).bounced == "5.1.1"


def test_what_comes_back_from_an_earlier_address_says_nothing_about_the_new_one(session, own, to, ada):
    ada.person.email = "ada@farouk.example"
    session.commit()

    assert read([report(to)], settings=own, at=NOON) == Read(read=1)
    assert session.query(Suppression).count() == 0


def test_reading_the_same_report_twice_says_it_once(session, own, to):
    full = report(to, status="4.2.2", diagnostic="smtp; 452 4.2.2 Mailbox full")
    read([full, full], settings=own, at=NOON)

    found = known(session)
    assert found
    assert (found.score, found.since) == (1.0, None)


@pytest.mark.parametrize(
    "content",
    [
        holiday,
        receipt,
        lambda to: report(to, action="delivered", status="2.0.0"),
        lambda to: report(to, action="relayed"),
    ],
    ids=["an answer from a holiday", "a receipt", "delivered", "relayed"],
)
def test_what_is_no_bounce_says_nothing(session, own, to, content):
    assert read([content(to)], settings=own, at=NOON) == Read(read=1)
    assert known(session) is None


@pytest.mark.parametrize("said", ['"', "group:;>", "\\,bounces@", "<@[", "=?utf-8?b?x", "\x00", "a@b@c,,;"])
@pytest.mark.parametrize("name", ["To", "Delivered-To"])
def test_no_bent_header_keeps_the_box_from_being_read(session, own, to, name, said):
    bent = report("somebody@exchange.example").replace(b"Return-Path", f"{name}: {said}\r\nReturn-Path".encode(), 1)

    assert read([bent, report(to)], settings=own, at=NOON) == Read(read=2, bounces=1, suppressed=1)


@pytest.mark.parametrize("said", [b"Status: [", b"Status: \xff", b"Status:", b'Diagnostic-Code: "=?'])
def test_nor_does_a_bent_report(session, own, to, said):
    bent = report(to).replace(b"Status: 5.1.1", said)

    assert read([bent, report(to)], settings=own, at=NOON).suppressed == 1


def test_nor_does_one_that_holds_another_a_thousand_times(session, own, to):
    deep = f"To: {to}\r\n".encode() + b"Content-Type: message/rfc822\r\n\r\n" * 3_000

    assert read([deep, report(to)], settings=own, at=NOON) == Read(read=2, bounces=1, suppressed=1)


@pytest.mark.parametrize(
    "bent",
    [
        "bounces@exchange.example",
        "bounces+1267-0123456789abcdef@exchange.example",
        f"bounces+{'f' * 30}-0123456789abcdef@exchange.example",
    ],
)
def test_nobody_can_report_what_was_not_signed_here(session, own, to, bent):
    assert read([report(bent)], settings=own, at=NOON) == Read(read=1)
    assert known(session) is None


def test_a_server_may_write_down_where_it_delivered_elsewhere(own, to):
    for name in ("Delivered-To", "X-Original-To", "Envelope-To"):
        content = report("postmaster@exchange.example").replace(b"Return-Path", f"{name}: {to}\r\nReturn-Path".encode())
        assert bounce_in(content, settings=own) is not None, name


@pytest.mark.parametrize(
    ("status", "diagnostic", "means"),
    [
        ("5.1.1", "smtp; 550 no", "5.1.1"),
        ("5.0.0", "smtp; 550 5.1.1 <ada@bar.example>: user unknown", "5.1.1"),
        ("5.0.0", "smtp; 552 the box is full", "5.2.2"),
        ("5.0.0", "smtp; 554 rejected", "5.5.0"),
        ("4.4.7", "smtp; timed out", "4.4.7"),
        ("5.1.10 (null mx)", "smtp; 556 none", "5.1.10"),
    ],
)
def test_the_status_that_says_more_counts(own, to, status, diagnostic, means):
    found = bounce_in(report(to, status=status, diagnostic=diagnostic), settings=own)

    assert found is not None
    assert found.status == means


@pytest.mark.parametrize(
    ("code", "text", "means"),
    [
        (550, "5.1.1 No such user", "5.1.1"),
        (550, "No such user", "5.0.0"),
        (550, "4.2.2 but this is no 4", "5.0.0"),
        (550, "see 10.5.1.1.7", "5.0.0"),
        (552, "too much", "5.2.2"),
        (554, "no", "5.5.0"),
    ],
)
def test_what_a_server_says_at_once_means_the_same(code, text, means):
    assert status_in(code, text) == means


@pytest.mark.parametrize(
    ("code", "text", "means"),
    [(550, "We take no letters like this", "5.6.0"), (550, "5.1.1 No such user", "5.1.1"), (552, "full", "5.2.2")],
)
def test_what_it_says_once_it_has_read_the_letter_is_about_the_letter(code, text, means):
    assert status_in(code, text, read=True) == means


@pytest.mark.parametrize(
    ("status", "score"),
    [("4.2.2", 1.0), ("4.4.7", 1.0), ("5.2.2", 1.0), ("5.0.0", 1.0), ("5.7.1", None), ("5.5.0", None)],
)
def test_none_of_these_is_for_good(session, app, status, score):
    """A full box, a refused letter, a server that is away: only a score, or nothing where it is about us."""
    assert not came_back(ADA, status, at=NOON)

    found = known(session)
    assert (found.score if found else None) == score


def test_a_score_gathers_and_fades(session, app):
    for week in range(5):
        assert not came_back(ADA, "4.2.2", at=NOON + week * WEEK)
    assert came_back(ADA, "4.2.2", at=NOON + 5 * WEEK)
    assert is_suppressed(session)

    for month in range(24):
        assert not came_back("ben@bar.example", "4.2.2", at=NOON + 28 * month * DAY)
    assert session.get(Suppression, "ben@bar.example").score == pytest.approx(2.0, abs=0.01)


def test_a_suppressed_address_gets_letters_about_the_account_and_no_others(session, own, ada):
    came_back(ADA, "5.1.1", at=NOON)
    for number, kind in enumerate(("reset", "agreed", "password_changed", "answer")):
        letter = other_letter(number, kind=kind, email=ADA, person_id=ada.person_id)
        letter.group_id = ada.group_id if kind in {"agreed", "answer"} else None
        session.add(letter)
    session.commit()
    bag = OtherBag()

    assert deliver(at=NOON, settings=own, transport=bag) == Delivered(sent=2, failed=2)
    assert {message["X-Exchange-Letter"] for message in bag.letters} == {"reset", "password_changed"}


def test_it_gets_no_weekly_letter_and_the_row_says_why(session, own, to, ada):
    read([report(to)], settings=own, at=NOON)
    done = send_all(at=MONDAY, settings=own, way=Bag())

    assert (done.sent, issue(session, ada).reason) == (0, "suppressed")


def test_the_member_sees_a_banner_and_can_try_again(session, reader, ada, ben):
    came_back(ADA, "5.1.1", at=NOON)
    page = reader.as_(ada).visit("/g/bar/")
    assert "Letters to ada@bar.example come back" in page.text
    assert "come back" not in reader.as_(ben).visit("/g/bar/").main()

    after = page.press("Try again")
    assert "Letters go to ada@bar.example again" in after.text
    assert not is_suppressed(session)
    assert suppression.since(ada.person) is None


@pytest.fixture
def maildir(tmp_path):
    for name in ("new", "cur", "tmp"):
        (tmp_path / "box" / name).mkdir(parents=True)
    return tmp_path / "box"


def test_a_maildir_is_read_once(session, own, to, maildir):
    (maildir / "new" / "1.mx").write_bytes(report(to))
    (maildir / "new" / "2.mx").write_bytes(holiday(to))
    (maildir / "cur" / "3.mx:2,F").write_bytes(holiday(to))
    (maildir / "cur" / "4.mx:2,S").write_bytes(report(to))

    assert read(boxes.contents(str(maildir)), settings=own, at=NOON) == Read(read=3, bounces=1, suppressed=1)
    names = sorted(file.name for file in (maildir / "cur").iterdir())
    assert names == ["1.mx:2,S", "2.mx:2,S", "3.mx:2,FS", "4.mx:2,S"]
    assert read(boxes.contents(str(maildir)), settings=own, at=NOON) == Read()


def test_what_could_not_be_taken_in_is_read_again(session, own, to, maildir, monkeypatch):
    (maildir / "new" / "1.mx").write_bytes(report(to))
    with monkeypatch.context() as patched:
        patched.setattr(suppression, "note", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            read(boxes.contents(str(maildir)), settings=own, at=NOON)
    assert [file.name for file in (maildir / "new").iterdir()] == ["1.mx"]

    assert read(boxes.contents(str(maildir)), settings=own, at=NOON).suppressed == 1


def test_an_imap_box_is_read_once(session, own, to):
    with Imap([report(to), holiday(to)]) as server:
        assert read(boxes.contents(server.url()), settings=own, at=NOON) == Read(read=2, bounces=1, suppressed=1)
        assert server.seen == {1, 2}
        assert read(boxes.contents(server.url()), settings=own, at=NOON) == Read()

    assert is_suppressed(session)


def test_an_e_mail_that_somebody_has_deleted_meanwhile_is_left_out(session, own, to, monkeypatch):
    whole = IMAP4.fetch
    monkeypatch.setattr(
        IMAP4, "fetch", lambda self, number, parts: ("OK", [None]) if number == b"1" else whole(self, number, parts)
    )
    with Imap([holiday(to), report(to)]) as server:
        assert read(boxes.contents(server.url()), settings=own, at=NOON) == Read(read=1, bounces=1, suppressed=1)


def test_an_imap_box_that_does_not_open_is_said(own):
    with Imap([]) as server:
        with pytest.raises(IMAP4.error, match="wrong password"):
            list(boxes.contents(server.url(password="guess")))
        with pytest.raises(IMAP4.error, match="no such folder"):
            list(boxes.contents(server.url(folder="Nowhere")))


@pytest.mark.parametrize("box", ["/nowhere/at/all", "imap://127.0.0.1", "imaps://user@/INBOX"])
def test_what_is_no_box_is_said_to_be_none(box):
    with pytest.raises(Misconfigured):
        list(boxes.contents(box))


def test_a_password_is_not_said_in_the_clear_to_another_machine(monkeypatch):
    with Imap([]) as server:
        port = server.server_address[1]
        monkeypatch.setattr(boxes, "_here", lambda _host: False)
        with pytest.raises(Misconfigured, match="offers no TLS"):
            list(boxes.contents(f"imap://bounces:secret@127.0.0.1:{port}/INBOX"))
