"""What proves the log: its checkpoint, its key and its tiles for every member, and receipts for the two of a favor."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import structlog
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from exchange.config import Settings
from exchange.domain.errors import NotFound, Refusal
from exchange.domain.favors import part_of
from exchange.log import kept, nodes, signing
from exchange.log.contained import Contained, contained
from exchange.log.served import served
from exchange.log.tiles import TileAt
from exchange.storage.db import db
from exchange.storage.favor import Favor
from exchange.storage.membership import Membership

logged = structlog.get_logger()


class NotSigned(Refusal):
    """The server cannot answer for the log now. Whoever operates it finds the reason in its own log."""

    status = 503

    def __init__(self) -> None:
        super().__init__(
            _(
                "The server does not sign the log at the moment: what it holds does not go on from what was signed "
                "before, or cannot be kept. Whoever runs the site finds the reason with “exchange doctor”. What you "
                "have kept stays good: receipts, letters and downloads."
            )
        )


@contextmanager
def answering() -> Iterator[None]:
    """What the log cannot sign or read whole becomes a sentence for members, and a line for the operator."""
    try:
        yield
    except (kept.NotSigned, nodes.TornTree) as error:
        logged.warning("log not signed", why=str(error))
        raise NotSigned from error


def checkpoint(*, seen_by: Membership, settings: Settings, at: datetime) -> str:
    """The signed note over all that the log of the reader's group holds. Raises NotSigned."""
    return checkpoint_of(seen_by.group_id, settings=settings, at=at)


def checkpoint_of(group_id: int, *, settings: Settings, at: datetime) -> str:
    """The same for a group whose log everybody may hold to its word. Raises NotSigned."""
    with answering():
        return signing.checkpoint(group_id, key=settings.log_key, folder=settings.checkpoints, at=at)


def vkey_of(group_id: int, *, settings: Settings) -> str:
    """The key that verifies the checkpoints of a group."""
    return signing.vkey(db.session(), group_id, key=settings.log_key)


def tile(path: str, *, seen_by: Membership) -> tuple[TileAt, bytes]:
    """What stands at an address such as `tile/0/000`: hashes, or entries, which hold no names and no words.

    Raises NotFound for anything that was not signed yet, or is not written as it has to be; NotSigned.
    """
    with answering():
        found = served(db.session(), seen_by.group_id, path)
    if found is None:
        raise NotFound(_("There is no such part of the log."))
    return found


def receipt(favor_id: int, *, seen_by: Membership, settings: Settings, at: datetime) -> tuple[str, str]:
    """The name and the text of the receipt for a favor's entry, made at the newest checkpoint, for one of its two.

    It opens what can still be read of the entry. Raises NotFound for anybody else and before the favor has an entry;
    NotSigned.
    """
    favor = db.session.scalar(select(Favor).filter_by(id=favor_id, group_id=seen_by.group_id))
    if favor is None or favor.entry is None or not part_of(favor, seen_by):
        raise NotFound(_("There is no such receipt."))
    index = favor.entry
    one = proved([index], seen_by=seen_by, note=checkpoint(seen_by=seen_by, settings=settings, at=at))[0]
    return receipt_name(seen_by.group.slug, index), one.receipt.text()


def proved(indexes: list[int], *, seen_by: Membership, note: str) -> list[Contained]:
    """Entries with their proofs under a checkpoint and the openings that the reader may have. Raises NotSigned."""
    with answering():
        return contained(db.session(), seen_by.group_id, indexes, note=note, reader_id=seen_by.id)


def receipt_name(slug: str, index: int) -> str:
    """What a receipt's file is called."""
    return f"{slug}-{index}.tlog-proof"
