"""Our own assembler writes what the standard email package would: the same tree, headers and bytes are read back."""

import re
from email import message_from_bytes
from email.policy import Policy, compat32, default
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.digest.assemble import Mail, assembled
from exchange.digest.fragments import Fragments
from exchange.digest.lines import Lines
from exchange.digest.write import letter, written
from exchange.mail.headers import mailbox, one_line
from tests.digest.standard import read_back, standard
from tests.digest.whole import WHOLE, whole

STOP = "http://exchange.example/letters/stop/EV5yjM3bXcZbq5fS2mM8l3UcYkYdWkZlq3cJ0k1Q6wU.1.digest.20261012.a1b2c3"
BOUNDARY = re.compile(rb"--=_digest-7-\d")
OTHERS = (
    ("Date", "Mon, 19 Oct 2026 08:00:00 +0000"),
    ("Message-ID", "<digest-7-0a1b2c3d@exchange.example>"),
    ("Auto-Submitted", "auto-generated"),
    ("X-Exchange-Letter", "digest"),
    ("List-Id", "<digest.exchange.example>"),
    ("List-Unsubscribe", f"<{STOP}>"),
    ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
)
# Everything that is text, and more often what mail has trouble with.
TROUBLES = [
    *(
        "\n",
        "\r",
        "\r\n",
        "\n.\n",
        "..",
        ".",
        "=",
        "=?utf-8?q?x?=",
        "_",
        " ",
        "  \n",
        "\t\n",
        "\t",
        "\x00",
        "\x0b",
        "\x0c",
    ),
    *("\x1c", "\x85", "\u2028", "\u00a0", "\ufeff", "\u202e", "Ünï", "نور", "李", "👩‍⚖️", "e\u0301", "From ", "a" * 80),
    *("é" * 40, "--=_digest-7-0", "--=_digest-7-1--\n", '"', "\\", "<a@b>", ",", ";", "(x)", "Bcc: sam@med.example"),
]
ADDRESSES = ["ada@bar.example", "o'neil+x@bar.example", "a.b@xn--bcher-kva.example"]
texts = st.lists(st.one_of(st.sampled_from(TROUBLES), st.text(st.characters(exclude_categories=["Cs"])))).map("".join)
names = texts.map(one_line)
lines = st.lists(texts.map(Lines), min_size=1, max_size=4)
files = st.tuples(st.from_regex(r"checkpoint-[a-z0-9-]{1,60}-[0-9]{1,9}\.txt", fullmatch=True), texts)


@st.composite
def mails(draw: st.DrawFn) -> Mail:
    """An e-mail whose every part may be anything that is text."""
    return Mail(
        sender=mailbox(draw(names), "letters@exchange.example"),
        to=mailbox(
            draw(names), draw(st.sampled_from(["ada@bar.example", "o'neil+x@bar.example", "a.b@xn--bcher-kva.example"]))
        ),
        subject=draw(names),
        others=OTHERS,
        text=draw(lines),
        page=draw(lines),
        attached=draw(st.lists(files, max_size=3)),
        boundary="=_digest-7",
    )


def as_both_read(data: bytes) -> list[Any]:
    """What each of Python's two ways of reading e-mail finds."""
    policies: list[Policy[Any]] = [default, compat32]
    return [read_back(message_from_bytes(data, policy=policy)) for policy in policies]


def keeps_the_lines_short(data: bytes) -> None:
    """No line over 998, and those of a body up to 76; no line end but CRLF."""
    assert max(map(len, data.split(b"\r\n"))) <= 998
    assert not {*b"\r\n"} & {*data.replace(b"\r\n", b"")}
    for part in BOUNDARY.split(data)[1:]:
        body = part.partition(b"\r\n\r\n")[2] if part.startswith(b"\r\n") else b""
        assert max(map(len, body.split(b"\r\n"))) <= 76


@settings(deadline=None)
@given(mails())
def test_every_e_mail_reads_back_as_that_of_the_standard_package(mail: Mail) -> None:
    data = assembled(mail)

    assert as_both_read(data) == as_both_read(standard(mail).as_bytes())
    keeps_the_lines_short(data)


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("name", WHOLE)
def test_so_does_every_whole_letter(name: str, settings: Any) -> None:
    mail = written(whole(name), settings=settings, stop=STOP, fragments=Fragments())
    data = letter(whole(name), settings=settings, stop=STOP, fragments=Fragments()).content

    assert data == assembled(mail)
    assert as_both_read(data) == as_both_read(standard(mail).as_bytes())
    keeps_the_lines_short(data)


def test_text_is_written_in_the_shorter_way() -> None:
    both = {"plain text": b"quoted-printable", "Ünï " * 3: b"base64", "A word in German: Übung": b"quoted-printable"}
    for text, way in both.items():
        sender, to, said = mailbox("A", "a@b.example"), mailbox("B", "b@b.example"), [Lines(text)]
        mail = Mail(sender, to, "x", (), said, said, (), "=_digest-7")
        assert assembled(mail).count(b"Content-Transfer-Encoding: " + way) == 2


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(UnicodeEncodeError):
        Lines("\ud800")


@given(texts)
def test_lines_say_what_they_were_made_of(text: str) -> None:
    whole = "\n".join(re.split(r"\r\n|\r|\n", text.removesuffix("\n"))) + "\n"
    assert str(Lines(whole)) == whole
    assert str(Lines(str(Lines(text)))) == str(Lines(text))
