"""A log with a past, what its members kept of it, and somebody who writes into the database."""

import mailbox
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest

from exchange.domain import corrections, favors
from exchange.log import signing
from exchange.log.contained import contained
from exchange.log.verify import Report, verify
from exchange.storage.favor import Correction
from tests.log.attacks.attacker import KEY, Attacker
from tests.log.test_projection import _agreed as agreed
from tests.people import NOON


class Kept:
    """What members remember: letters with checkpoints in a mailbox, and receipts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.letters = folder / "ada.mbox"

    def letter(self, *notes: str) -> Path:
        """This week's letter comes; it carries checkpoints as attachments, which a mail program sends on with CRLF."""
        message = EmailMessage()
        message["Subject"], message["From"] = "This week in Harbor County Bar", "exchange@exchange.example"
        message.set_content("Who needs something that you can give?\n")
        for note in notes:
            size = note.splitlines()[1]
            message.add_attachment(
                note.replace("\n", "\r\n").encode(),
                maintype="text",
                subtype="plain",
                filename=f"checkpoint-bar-{size}.txt",
            )
        box = mailbox.mbox(self.letters)
        box.add(message)
        box.close()
        return self.letters

    def file(self, name: str, text: str) -> Path:
        """A file as somebody saved it."""
        path = self.folder / name
        path.write_text(text)
        return path


@pytest.fixture
def kept(tmp_path):
    return Kept(tmp_path)


@pytest.fixture
def signed(group, tmp_path):
    """What the server signs now."""
    group_id = group.id
    return lambda: signing.checkpoint(group_id, key=KEY, folder=tmp_path / "checkpoints", at=NOON)


@pytest.fixture
def past(session, group, ada, ben, cleo, olga, signed):
    """Six favors, one of them void. Returns their indexes."""
    pairs = ((ada, ben), (ben, ada), (cleo, ben), (ada, cleo), (olga, ada), (ada, ben))
    indexes = [
        favors.confirm(agreed(session, group, giver, receiver).id, by=receiver, at=NOON).entry
        for giver, receiver in pairs
    ]
    mistaken = favors.confirm(agreed(session, group, ben, cleo).id, by=cleo, at=NOON)
    corrections.propose(mistaken.id, by=ben, why="It was another day.", at=NOON)
    proposed = session.query(Correction).filter_by(favor_id=mistaken.id).one()
    corrections.agree(proposed.id, by=cleo, at=NOON)
    return indexes


@pytest.fixture
def receipt(session, group, kept, signed):
    """A receipt as its holder saved it."""
    group_id = group.id

    def save(index, holder):
        (found,) = contained(session, group_id, [index], note=signed(), reader_id=holder.id)
        return kept.file(f"entry-{index}.tlog-proof", found.receipt.text())

    return save


@pytest.fixture
def attacker(session, group, past, tmp_path):
    return Attacker(session, group.id, tmp_path / "checkpoints")


@pytest.fixture
def verified(attacker, tmp_path) -> Callable[..., Report]:
    """What `exchange log verify` says of what the server gives out now."""
    done = []

    def run(*against: Path, mine: set[int] | None = None) -> Report:
        done.append(against)
        return verify(attacker.export(tmp_path / f"export-{len(done)}"), against, mine=mine or set())

    return run
