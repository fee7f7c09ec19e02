"""The address that a letter comes back to: one of its own for each issue, signed, so that nobody can make one up.

The signature holds to whom the letter went, too: what comes back from an earlier address of somebody says nothing about
the one that they have now.
"""

import hashlib
import hmac
from collections.abc import Callable

from exchange.config import Settings

SIGNATURE = 16  # hexadecimal digits: some servers write what stands before the @ in lower case


def sender(settings: Settings, issue_id: int, email: str) -> str:
    """The envelope's sender of an issue that goes to this address; empty where EXCHANGE_BOUNCES_TO is not set."""
    local, _at, domain = settings.bounces_to.rpartition("@")
    if not domain:
        return ""
    return f"{local}+{issue_id:x}-{_signature(settings.secret_key, issue_id, email)}@{domain}"


def issue_of(settings: Settings, address: str, email_of: Callable[[int], str]) -> int | None:
    """The issue that came back to this address; None for any address that was not written here, or whose reader has
    another one by now. `email_of` says which that is.
    """
    _local, plus, token = address.strip().lower().partition("@")[0].rpartition("+")
    number, _dash, signature = token.partition("-")
    if not (plus and number and signature.isascii() and set(number) <= set("0123456789abcdef")):
        return None
    issue_id = int(number, 16)
    email = email_of(issue_id)
    keys = (settings.secret_key, *settings.secrets_before)
    return issue_id if any(hmac.compare_digest(_signature(key, issue_id, email), signature) for key in keys) else None


def _signature(key: str, issue_id: int, email: str) -> str:
    said = f"bounce.{issue_id}.{email}".encode()
    return hmac.digest(hashlib.sha256(key.encode()).digest(), said, "sha256").hex()[:SIGNATURE]
