"""Ending letters without signing in: an address that names a person and a kind of letter, and nothing else.

The token is an HMAC over person, kind, day and the version of the key, so no row is kept for it. It works for 60 days,
also after the key was changed, as long as the old one stands in EXCHANGE_SECRET_KEY_BEFORE.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from itsdangerous import Signer
from itsdangerous.encoding import base64_encode

from exchange.config import Settings

LASTS = timedelta(days=60)
PURPOSE = "stop"
DIGEST = "digest"
KINDS = frozenset({DIGEST})
VERSION = 6  # hexadecimal digits that tell one key from another


@dataclass(frozen=True)
class Stop:
    """Whose letters of which kind shall end."""

    person_id: int
    kind: str


def address(settings: Settings, *, person_id: int, at: datetime, kind: str = DIGEST) -> str:
    """The full address that ends a kind of letter for a person. The same for all letters of one day."""
    said = f"{person_id}.{kind}.{at.astimezone(UTC).date():%Y%m%d}.{_version(settings.secret_key)}"
    signature = _signature(settings.secret_key, said).decode()
    # The signature stands first: it may end in a dash, which programs that make links out of text leave out.
    return f"{settings.base_url}/letters/stop/{signature}.{said}"


def read(settings: Settings, token: str, *, at: datetime) -> Stop | None:
    """What the last part of such an address asks for; None for what is too old, or was not written here."""
    signature, _dot, said = token.partition(".")
    keys = {_version(key): key for key in (*settings.secrets_before, settings.secret_key)}
    key = keys.get(said.rpartition(".")[2])
    if key is None or not hmac.compare_digest(_signature(key, said), signature.encode()):
        return None
    person, kind, day, _version_of_key = said.split(".")
    written = date.fromisoformat(day)
    if kind not in KINDS or at.astimezone(UTC).date() - written > LASTS:
        return None
    return Stop(int(person), kind)


@lru_cache(maxsize=16)
def _version(key: str) -> str:
    return hashlib.sha256(f"version of {key}".encode()).hexdigest()[:VERSION]


def _signature(key: str, said: str) -> bytes:
    return base64_encode(hmac.digest(_derived(key), said.encode(), "sha256"))


@lru_cache(maxsize=16)
def _derived(key: str) -> bytes:
    return Signer(key, salt=PURPOSE, key_derivation="hmac", digest_method=hashlib.sha256).derive_key()
