"""Receipts that letters carry: made when a letter is written out, at the newest checkpoint."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage

import structlog
from flask import current_app

from exchange.config import Settings
from exchange.log import signing
from exchange.log.contained import contained
from exchange.log.kept import NotSigned
from exchange.log.nodes import TornTree
from exchange.storage.db import db
from exchange.storage.letter import Letter

# Letters to one of the two of a favor that stands in the log since; their facts name its entry.
KINDS = frozenset({"confirmed", "helped_by", "settled"})

log = structlog.get_logger()


@dataclass(frozen=True)
class Receipt:
    """A file that proves an entry. `data` is empty while the server does not sign; then it follows on the page."""

    entry: int
    name: str
    data: bytes = b""

    def attach(self, message: EmailMessage) -> None:
        """Put it into an e-mail, as bytes that no mail program changes on their way."""
        if self.data:
            message.add_attachment(self.data, maintype="application", subtype="octet-stream", filename=self.name)


def receipt_of(letter: Letter, settings: Settings) -> Receipt | None:
    """The receipt that belongs to a letter, with what can still be read of the entry; None where none does.

    Commits whatever is open in the session, as signing does.
    """
    entry = letter.facts.get("entry")
    if letter.kind not in KINDS or entry is None or letter.group is None:
        return None
    group_id, reader_id = letter.group.id, letter.facts["member"]
    name = f"{letter.group.slug}-{entry}.tlog-proof"
    clock: Callable[[], datetime] = current_app.extensions["clock"]
    try:
        note = signing.checkpoint(group_id, key=settings.log_key, folder=settings.checkpoints, at=clock())
        (one,) = contained(db.session(), group_id, [entry], note=note, reader_id=reader_id)
    except (NotSigned, TornTree) as error:
        log.warning("letter without its receipt", letter=letter.id, why=str(error))
        return Receipt(entry, name)
    return Receipt(entry, name, one.receipt.text().encode())
