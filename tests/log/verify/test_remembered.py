"""What readers kept is found in files, letters and mailboxes, whatever mail programs did to it."""

import mailbox
from email.message import EmailMessage
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart

import pytest

from exchange.log.verify.folder import Unreadable
from exchange.log.verify.remembered import found_in
from tests.log.verify.book import Book


@pytest.fixture
def book():
    book = Book()
    for _ in range(4):
        book.favor(1, 2)
    return book


def letter(text="This week in your group.\n", **attached):
    """A letter as the digest is sent, with attachments by their names."""
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "This week", "exchange@bar.example", "ada@bar.example"
    message.set_content(text)
    message.add_alternative("<p>This week in your group.</p>", subtype="html")
    for name, content in attached.items():
        message.add_attachment(content, filename=name.replace("__", ".").replace("_", "-"))
    return message


def kept(tmp_path, content, name="kept"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return [(one.where, one.note or one.receipt or one.vkey) for one in found_in(path)]


def test_a_checkpoint_a_receipt_and_a_key_as_files(book, tmp_path):
    assert kept(tmp_path, book.checkpoint()) == [("kept", book.checkpoint())]
    assert kept(tmp_path, book.receipt(2)) == [("kept", book.receipt(2))]
    assert kept(tmp_path, book.vkey + "\n") == [("kept", book.vkey)]


def test_the_attachments_of_a_letter(book, tmp_path):
    message = letter(
        checkpoint_bar_5__txt=book.checkpoint(),
        checkpoint_bar_3__txt=book.checkpoint(3),
        entry_2__tlog_proof=book.receipt(2),
    )

    assert kept(tmp_path, message.as_bytes(), "week.eml") == [
        ("week.eml (checkpoint-bar-5.txt)", book.checkpoint()),
        ("week.eml (checkpoint-bar-3.txt)", book.checkpoint(3)),
        ("week.eml (entry-2.tlog-proof)", book.receipt(2)),
    ]


def test_attachments_that_are_sent_as_bytes(book, tmp_path):
    message = letter()
    message.add_attachment(
        book.receipt(1).encode(), maintype="application", subtype="octet-stream", filename="x.tlog-proof"
    )

    assert kept(tmp_path, message.as_bytes(), "x.eml") == [("x.eml (x.tlog-proof)", book.receipt(1))]


def test_line_ends_that_a_mail_program_changed(book, tmp_path):
    text = book.checkpoint() + book.receipt(1)

    assert [found for _, found in kept(tmp_path, text.replace("\n", "\r\n"))] == [book.receipt(1), book.checkpoint()]


@pytest.mark.parametrize("mark", ["> ", ">", ">> ", "> > ", "  > "])
def test_what_somebody_quoted_in_an_answer(book, tmp_path, mark):
    quoted = "".join(f"{mark}{line}\r\n" for line in book.checkpoint().splitlines())
    text = f"Did you see this?\r\n\r\n{quoted}\r\nBen\r\n"

    assert kept(tmp_path, letter(text).as_bytes(), "re.eml") == [("re.eml", book.checkpoint())]


def test_a_checkpoint_in_the_middle_of_a_text_with_trailing_blanks(book, tmp_path):
    text = "This week:\n\n" + book.checkpoint().replace("\n", "  \n") + "\n-- \nExchange\n"

    assert kept(tmp_path, text) == [("kept", book.checkpoint())]


@pytest.mark.parametrize("encoding", ["7bit", "quoted-printable", "base64"])
def test_every_way_in_which_mail_carries_text(book, tmp_path, encoding):
    message = EmailMessage()
    message["Subject"] = "x"
    message.set_content(book.checkpoint(), cte="8bit" if encoding == "7bit" else encoding)

    assert kept(tmp_path, message.as_bytes(), "x.eml") == [("x.eml", book.checkpoint())]


def test_a_letter_inside_a_letter(book, tmp_path):
    outer = MIMEMultipart()
    outer["Subject"] = "Fwd: This week"
    outer.attach(MIMEMessage(letter(checkpoint_bar_5__txt=book.checkpoint())))

    assert kept(tmp_path, outer.as_bytes(), "fwd.eml") == [("fwd.eml (checkpoint-bar-5.txt)", book.checkpoint())]


def test_a_mailbox(book, tmp_path):
    box = mailbox.mbox(tmp_path / "letters.mbox")
    for size in (2, 3, 5):
        box.add(letter(**{f"checkpoint_bar_{size}__txt": book.checkpoint(size)}))
    box.close()

    assert [(one.where, one.note) for one in found_in(tmp_path / "letters.mbox")] == [
        (f"letters.mbox, letter {number} (checkpoint-bar-{size}.txt)", book.checkpoint(size))
        for number, size in ((1, 2), (2, 3), (3, 5))
    ]


def test_a_folder_of_whatever_was_kept(book, tmp_path):
    (tmp_path / "mail/cur").mkdir(parents=True)
    (tmp_path / "mail/cur/1:2,S").write_bytes(letter(checkpoint_bar_5__txt=book.checkpoint()).as_bytes())
    (tmp_path / "mail/x.tlog-proof").write_text(book.receipt(3))

    assert [one.where for one in found_in(tmp_path / "mail")] == ["1:2,S (checkpoint-bar-5.txt)", "x.tlog-proof"]


def test_the_same_thing_is_found_once(book, tmp_path):
    message = letter(book.checkpoint(), a__txt=book.checkpoint(), b__txt=book.checkpoint())

    assert len(kept(tmp_path, message.as_bytes(), "x.eml")) == 1


@pytest.mark.parametrize(
    "text", ["", "Dear Ada", "\x00\xff", "From nobody\n", "a\n1\nb\n\n— c d\n", "Subject: x\n\n" + "> " * 999]
)
def test_files_that_hold_nothing(tmp_path, text):
    assert kept(tmp_path, text) == []


def test_letters_in_a_charset_that_nobody_knows(book, tmp_path):
    head = b"Subject: x\nContent-Type: text/plain; charset=klingon\n\n"

    assert kept(tmp_path, head + book.checkpoint().encode(), "x.eml") == [("x.eml", book.checkpoint())]


@pytest.mark.parametrize("said", ["text/plain", "text/plain; charset=us-ascii", "text/plain; charset=iso-8859-1"])
def test_a_part_that_does_not_say_that_it_is_utf_8(book, tmp_path, said):
    head = f"Subject: x\nContent-Type: {said}\nContent-Transfer-Encoding: 8bit\n\n"

    assert kept(tmp_path, head + book.checkpoint(), "x.eml") == [("x.eml", book.checkpoint())]


def test_a_part_in_the_charset_of_an_older_mail_program(book, tmp_path):
    head = b"Subject: x\nContent-Type: text/plain; charset=windows-1252\nContent-Transfer-Encoding: 8bit\n\n"

    assert kept(tmp_path, head + book.checkpoint().encode("cp1252"), "x.eml") == [("x.eml", book.checkpoint())]


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(Unreadable, match="cannot be read: No such file"):
        found_in(tmp_path / "nothing")
