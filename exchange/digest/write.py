"""A composed letter as an e-mail: text and HTML in the reader's language and zone, with the checkpoints attached."""

from email.message import EmailMessage

from exchange.config import Settings
from exchange.digest.facts import Digest


def letter(digest: Digest, *, settings: Settings, stop: str) -> EmailMessage:
    """The whole e-mail; `stop` is the address that ends these letters without signing in.

    Raises:
        exchange.mail.headers.CannotBeAddressed: the reader's address cannot stand in a header.
    """
    raise NotImplementedError


def message_id(settings: Settings, issue_id: int) -> str:
    """The Message-ID of an issue, the same whenever it is written."""
    raise NotImplementedError
