"""Letters against a real SMTP server on this machine, and as files."""

import smtplib
import socket
import stat
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from aiosmtpd.smtp import Envelope as AnyEnvelope

from exchange.config import Misconfigured, Settings
from exchange.mail import newest_files
from exchange.mail.headers import POLICY, mailbox
from exchange.mail.smtp import Refused, Smtp, Unreachable
from exchange.mail.transport import Folder, transport
from exchange.mail.wire import Envelope
from tests.mail.postbox import Postbox, free_port


def smtp(server: Controller, user: str = "", query: str = "") -> Smtp:
    return Smtp(f"smtp://{user}{server.hostname}:{server.port}{query}")


def message(number: int = 1, to: str = "ben@bar.example") -> EmailMessage:
    letter = EmailMessage(policy=POLICY)
    letter["From"] = mailbox("Bär, Business Law", "exchange@bar.example")
    letter["To"] = mailbox("Castellanos, Ben", to)
    letter["Subject"] = f"Letter {number}"
    letter["Date"] = "Thu, 15 Oct 2026 12:00:00 +0000"
    letter["Message-ID"] = f"<letter-{number}-0a1b2c3d@exchange.example>"
    letter["X-Exchange-Letter"] = "answer"
    letter.set_content("Somebody wrote:\n.\n.. and “so on”\n", cte="quoted-printable")
    return letter


def subject_of(envelope: AnyEnvelope) -> str:
    assert isinstance(envelope.content, bytes)
    return str(message_from_bytes(envelope.content, policy=default)["Subject"])


def test_a_letter_arrives_whole(server: Controller, box: Postbox) -> None:
    with smtp(server) as way:
        way.send(message())

    [envelope] = box.taken
    assert (envelope.mail_from, envelope.rcpt_tos) == ("exchange@bar.example", ["ben@bar.example"])
    assert isinstance(envelope.content, bytes)
    arrived = message_from_bytes(envelope.content, policy=default)
    assert arrived["From"].addresses[0].display_name == "Bär, Business Law"
    assert arrived.get_content().replace("\r\n", "\n") == "Somebody wrote:\n.\n.. and “so on”\n"


def test_one_connection_carries_the_batch(server: Controller, box: Postbox) -> None:
    with smtp(server) as way:
        for number in range(5):
            way.send(message(number))

    assert (len(box.taken), box.connections) == (5, 1)


def test_a_dropped_connection_is_made_anew(server: Controller, box: Postbox) -> None:
    with smtp(server) as way:
        way.send(message(1))
        assert way.connection is not None
        assert way.connection.sock is not None
        way.connection.sock.shutdown(socket.SHUT_RDWR)
        way.send(message(2))

    assert (len(box.taken), box.connections) == (2, 2)


@pytest.mark.parametrize(("answer", "for_good"), [("550 5.1.1 No such user", True), ("450 Try again later", False)])
@pytest.mark.parametrize("stage", ["at_rcpt", "at_data"])
def test_a_refused_letter_leaves_the_connection_to_the_next(
    stage: str, answer: str, for_good: bool, server: Controller, box: Postbox
) -> None:
    with smtp(server) as way:
        setattr(box, stage, answer)
        with pytest.raises(Refused, match=answer) as refused:
            way.send(message(1))
        setattr(box, stage, "")
        way.send(message(2))

    assert refused.value.for_good is for_good
    assert refused.value.read is (stage == "at_data")
    assert (len(box.taken), box.connections) == (1, 1)


@pytest.mark.parametrize("stage", ["at_mail", "at_rcpt", "at_data"])
def test_a_server_that_closes_is_no_fault_of_the_letter(stage: str, server: Controller, box: Postbox) -> None:
    setattr(box, stage, "421 Going down")

    with smtp(server) as way, pytest.raises(Unreachable, match="421 Going down"):
        way.send(message())


def test_a_refused_sender_is_no_fault_of_the_letter(server: Controller, box: Postbox) -> None:
    box.at_mail = "553 Not your address"

    with smtp(server) as way, pytest.raises(Unreachable, match="553 Not your address"):
        way.send(message())


def test_a_server_that_waits_for_the_letter_of_a_refused_sender_hears_no_more(
    server: Controller, box: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.at_mail, box.careless = "553 Not your address", True
    answered, waiting = smtplib.SMTP.getreply, []

    def answer(connection: smtplib.SMTP) -> tuple[int, bytes]:
        waiting.append(connection)
        assert connection.sock is not None
        connection.sock.settimeout(1)
        found = answered(connection)
        waiting.pop()
        return found

    monkeypatch.setattr(smtplib.SMTP, "getreply", answer)
    with smtp(server) as way, pytest.raises(Unreachable, match="553 Not your address"):
        way.send(message())

    assert (waiting, box.taken) == ([], [])


BEN = Envelope("exchange@bar.example", "ben@bar.example")
CLEO = Envelope("exchange@bar.example", "cleo@bar.example")


def test_a_server_is_told_of_the_next_letter_together_with_this_one(server: Controller, box: Postbox) -> None:
    with smtp(server) as way:
        for number in range(4):
            way.send(message(number), following=BEN)
        way.send(message(4))

    assert [subject_of(envelope) for envelope in box.taken] == [f"Letter {number}" for number in range(5)]
    assert {(envelope.mail_from, *envelope.rcpt_tos) for envelope in box.taken} == {BEN}
    assert box.connections == 1


def test_where_the_next_one_is_another_nobody_gets_what_was_not_for_them(server: Controller, box: Postbox) -> None:
    with smtp(server) as way:
        way.send(message(1), following=CLEO)
        way.send(message(2))

    assert [(subject_of(envelope), envelope.rcpt_tos) for envelope in box.taken] == [
        ("Letter 1", ["ben@bar.example"]),
        ("Letter 2", ["ben@bar.example"]),
    ]


def test_where_there_is_no_next_one_nothing_more_is_said(
    server: Controller, box: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    goodbyes: list[smtplib.SMTP] = []

    def goodbye(connection: smtplib.SMTP) -> None:
        goodbyes.append(connection)
        connection.close()

    monkeypatch.setattr(smtplib.SMTP, "quit", goodbye)
    with smtp(server) as way:
        way.send(message(1), following=CLEO)

    assert [subject_of(envelope) for envelope in box.taken] == ["Letter 1"]
    assert len(goodbyes) == (0 if box.pipelining else 1), "it would be the first line of a letter"


@pytest.mark.parametrize("careless", [False, True])
def test_a_reader_who_was_told_of_and_is_refused_holds_nobody_up(
    careless: bool, server: Controller, box: Postbox
) -> None:
    with smtp(server) as way:
        box.careless = careless
        box.unknown = CLEO.to
        way.send(message(1), following=CLEO)
        with pytest.raises(Refused, match="550"):
            way.send(message(2, to=CLEO.to), following=BEN)
        way.send(message(3))

    assert [subject_of(envelope) for envelope in box.taken] == ["Letter 1", "Letter 3"]
    assert box.connections == 1


@pytest.mark.parametrize("answer", ["450 Try again later", "552 Too long"])
def test_a_letter_that_is_refused_leaves_the_next_one_its_turn(answer: str, server: Controller, box: Postbox) -> None:
    with smtp(server) as way:
        box.at_data = answer
        with pytest.raises(Refused, match=answer):
            way.send(message(1), following=BEN)
        box.at_data = ""
        way.send(message(2))

    assert [subject_of(envelope) for envelope in box.taken] == ["Letter 2"]
    assert box.connections == 1


def test_a_server_that_closes_after_a_letter_gets_the_next_one_anew(server: Controller, box: Postbox) -> None:
    with smtp(server) as way:
        way.send(message(1), following=BEN)
        assert way.connection is not None
        assert way.connection.sock is not None
        way.connection.sock.shutdown(socket.SHUT_RDWR)
        way.send(message(2))

    assert [subject_of(envelope) for envelope in box.taken] == ["Letter 1", "Letter 2"]
    assert box.connections == 2


def test_no_server(server: Controller) -> None:
    with Smtp(f"smtp://127.0.0.1:{free_port()}") as way, pytest.raises(Unreachable):
        way.send(message())


def test_required_starttls_that_is_not_offered_sends_nothing(server: Controller, box: Postbox) -> None:
    with smtp(server, query="?starttls=required") as way, pytest.raises(Unreachable, match="no STARTTLS"):
        way.send(message())

    assert box.taken == []


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_a_password_is_said_to_a_server_on_this_machine(box: Postbox) -> None:
    said: list[tuple[bytes, bytes]] = []

    def check(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        said.append((data.login, data.password))
        return AuthResult(success=data.password == b"p@ss/word", handled=False)

    controller = Controller(
        box, hostname="127.0.0.1", port=free_port(), authenticator=check, auth_require_tls=False, auth_required=True
    )
    controller.start()
    try:
        with smtp(controller, "ada:p%40ss%2Fword@") as way:
            way.send(message())
        with smtp(controller, "ada:wrong@") as way, pytest.raises(Unreachable, match="535"):
            way.send(message())
    finally:
        controller.stop(no_assert=True)

    assert said[0] == (b"ada", b"p@ss/word")
    assert len(box.taken) == 1


def test_a_password_is_not_said_in_the_clear(server: Controller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Smtp, "_here", lambda _self: False)

    with smtp(server, "ada:secret@") as way, pytest.raises(Unreachable, match="password was not sent"):
        way.send(message())


@pytest.mark.parametrize(
    ("url", "port", "tls"),
    [
        ("smtp://mail.example", 25, False),
        ("smtp://ada:x@mail.example", 587, False),
        ("smtps://mail.example", 465, True),
        ("smtp://[::1]:2525", 2525, False),
    ],
)
def test_addresses_of_servers(url: str, port: int, tls: bool) -> None:
    way = Smtp(url)

    assert (way.port, way.tls) == (port, tls)


@pytest.mark.parametrize("url", ["mail.example", "http://mail.example", "smtp://", "smtp://mail.example:post"])
def test_what_is_no_server_is_said_to_be_none(url: str, settings: Settings) -> None:
    with pytest.raises(Misconfigured, match="EXCHANGE_SMTP_URL"):
        transport(replace(settings, smtp_url=url))


def test_without_a_server_letters_are_files_that_only_their_owner_reads(settings: Settings, tmp_path: Path) -> None:
    with transport(replace(settings, instance=tmp_path)) as way:
        way.send(message(7))
        way.send(message(7))

    [file] = (tmp_path / "mail").iterdir()
    assert file.name == "00000007-answer.eml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_the_newest_files_come_first_and_at_most_fifty(settings: Settings, tmp_path: Path) -> None:
    with Folder(tmp_path / "mail") as way:
        for number in range(1, 61):
            way.send(message(number))

    found = newest_files(replace(settings, instance=tmp_path))

    assert [letter["subject"] for letter in found] == [f"Letter {number}" for number in range(60, 10, -1)]
    assert found[0]["to"] == '"Castellanos, Ben" <ben@bar.example>'
    assert found[0]["at"].isoformat() == "2026-10-15T12:00:00+00:00"
    assert found[0]["text"] == "Somebody wrote:\n.\n.. and “so on”\n"


def test_weekly_letters_which_come_at_once_leave_room_for_the_others(settings: Settings, tmp_path: Path) -> None:
    with Folder(tmp_path / "mail") as way:
        way.send(message(1))
        for number in range(100, 160):
            weekly = message(number)
            weekly.replace_header("X-Exchange-Letter", "digest")
            weekly.replace_header("Date", "Mon, 12 Oct 2026 08:00:00 +0000")
            way.send(weekly)

    found = [letter["subject"] for letter in newest_files(replace(settings, instance=tmp_path))]

    assert found == ["Letter 1", *(f"Letter {number}" for number in range(159, 149, -1))], "by their time"


def test_before_the_first_letter_there_are_none(settings: Settings, tmp_path: Path) -> None:
    assert newest_files(replace(settings, instance=tmp_path)) == []


def test_a_folder_that_cannot_be_written_is_no_fault_of_the_letter(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("in the way")

    with Folder(tmp_path / "mail") as way, pytest.raises(Unreachable):
        way.send(message())
