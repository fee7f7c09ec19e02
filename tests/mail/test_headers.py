"""Headers read back as they were meant, whatever people are called."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.mail.headers import NAME, POLICY, CannotBeAddressed, mailbox, one_line

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=150)


def read_back(name: str, value: object) -> EmailMessage:
    message = EmailMessage(policy=POLICY)
    message[name] = value
    written = message.as_bytes()
    assert all(len(line) <= 78 for line in written.split(b"\r\n"))
    return message_from_bytes(written, policy=default)


@given(TEXTS)
def test_a_subject_reads_back_as_it_was_written(text: str) -> None:
    subject = one_line(text)

    assert read_back("Subject", subject)["Subject"] == subject


@given(TEXTS)
def test_a_name_reads_back_as_it_was_written(text: str) -> None:
    address = mailbox(text, "ben@bar.example")

    [found] = read_back("To", address)["To"].addresses
    assert (found.display_name, found.addr_spec) == (address.display_name, "ben@bar.example")


@pytest.mark.parametrize(
    "name",
    [
        "Castellanos, Ben",
        'Ben "the <lawyer>" Castellanos; Esq.',
        "Ben 👩‍⚖️ Castellanos",
        "نور الحسيني",
        "ben@bar.example",
        "José \\ Núñez",
    ],
)
def test_a_name_with_signs_of_the_header_stays_one_name(name: str) -> None:
    [found] = read_back("To", mailbox(name, "ben@bar.example"))["To"].addresses

    assert found.display_name == name


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\u2028", "\x0b", "\x85", "\x00"])
def test_a_line_break_in_a_name_adds_no_header(end: str) -> None:
    message = read_back("To", mailbox(f"Ben{end}Bcc: sam@med.example", "ben@bar.example"))

    assert message.keys() == ["To"]
    assert message["To"].addresses[0].display_name == "Ben Bcc: sam@med.example"


def test_an_encoded_line_break_stays_text() -> None:
    message = read_back("Subject", one_line("=?utf-8?q?Hello=0D=0ABcc:_sam=40med.example?="))

    assert message.keys() == ["Subject"]
    assert "\n" not in message["Subject"]


def test_a_long_name_is_cut_between_characters_and_stays_one_word() -> None:
    [found] = read_back("To", mailbox("Nguyễn " * 17, "ben@bar.example"))["To"].addresses

    assert found.display_name.endswith("Nguyễn Nguy…")
    assert len(found.display_name.encode()) <= NAME


def test_an_accent_is_not_cut_off_its_letter() -> None:
    name = "x" * 41 + "e\u0301" + "yz"

    assert mailbox(name, "ben@bar.example").display_name == "x" * 41 + "…"


def test_text_cannot_turn_a_header_round() -> None:
    assert one_line("Ben \u202egro.live") == "Ben gro.live"


@pytest.mark.parametrize(
    "email", ["", "ben", "@bar.example", "bén@bar.example", "ben @bar.example", "ben\n@bar.example"]
)
def test_an_address_outside_plain_ascii_is_refused(email: str) -> None:
    with pytest.raises(CannotBeAddressed):
        mailbox("Ben", email)


def test_a_domain_in_another_script_is_written_in_its_plain_form() -> None:
    assert mailbox("Ben", "ben@bär.example").addr_spec == "ben@xn--br-via.example"
