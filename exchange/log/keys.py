"""One signing key per log, derived from the installation's seed (c2sp.org/tlog-policy: no two logs share a key)."""

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from exchange.log.note import KEY_BYTES, Signer


def signer(seed: bytes, origin: str) -> Signer:
    """Who signs for the log of that origin: HKDF-SHA256 of the seed with the origin as info and no salt (RFC 5869).

    The key's name is the origin.

    Raises:
        BadNote: the origin cannot be a key's name.
    """
    derived = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=origin.encode()).derive(seed)
    return Signer(origin, derived)
