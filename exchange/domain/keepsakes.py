"""What members keep, held against the log of today: receipts and signed fingerprints."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _

from exchange.config import Settings
from exchange.domain import proof_page, proofs
from exchange.domain.errors import BadInput
from exchange.log.checkpoint import short_code
from exchange.log.held import Held, Outcome, held
from exchange.storage.db import db
from exchange.storage.membership import Membership

LONGEST = 200_000  # characters; a receipt has some thousands


@dataclass(frozen=True)
class Keepsake:
    """What came of it, the short code of what was signed then, what a receipt opens by field, and whom it names."""

    held: Held
    code: str
    told: dict[str, object]
    names: dict[str, str]


def compare(text: str, *, seen_by: Membership, settings: Settings) -> Keepsake:
    """Hold the log of the reader's group against what they kept.

    Raises BadInput where nothing of the kind is in the text, or it is too long; NotSigned where the log is damaged.
    """
    if len(text) > LONGEST:
        raise BadInput(_("This is longer than any receipt. Choose the file that came with the letter."), field="text")
    with proofs.answering():
        found = held(db.session(), seen_by.group_id, text, key=settings.log_key)
    if found.outcome is Outcome.NOTHING:
        raise BadInput(
            _("In this there is neither a receipt nor a signed fingerprint. Take the whole of it, as it came."),
            field="text",
        )
    told = found.receipt.told if found.receipt else {}
    return Keepsake(
        held=found,
        code=short_code(found.checkpoint.text()) if found.checkpoint else "",
        told=told,
        names=proof_page.names(seen_by=seen_by, values=list(told.values())),
    )
