"""The address that a letter comes back to: one of its own for each issue, signed, so that nobody can make one up."""

import hashlib
import hmac

from exchange.config import Settings

SIGNATURE = 16  # hexadecimal digits: some servers write what stands before the @ in lower case


def sender(settings: Settings, issue_id: int) -> str:
    """The envelope's sender of an issue; empty where EXCHANGE_BOUNCES_TO is not set."""
    local, _at, domain = settings.bounces_to.rpartition("@")
    if not domain:
        return ""
    return f"{local}+{issue_id:x}-{_signature(settings.secret_key, issue_id)}@{domain}"


def issue_of(settings: Settings, address: str) -> int | None:
    """The issue that came back to this address; None for any address that was not written here."""
    _local, plus, token = address.strip().lower().partition("@")[0].rpartition("+")
    number, _dash, signature = token.partition("-")
    if not (plus and number and signature.isascii() and set(number) <= set("0123456789abcdef")):
        return None
    issue_id = int(number, 16)
    keys = (settings.secret_key, *settings.secrets_before)
    return issue_id if any(hmac.compare_digest(_signature(key, issue_id), signature) for key in keys) else None


def _signature(key: str, issue_id: int) -> str:
    said = f"bounce.{issue_id}".encode()
    return hmac.digest(hashlib.sha256(key.encode()).digest(), said, "sha256").hex()[:SIGNATURE]
