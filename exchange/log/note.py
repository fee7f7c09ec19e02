"""Signed notes: a text, an empty line, and signature lines (c2sp.org/signed-note).

Only Ed25519 signatures (type 0x01) are made and verified; those of other types belong to keys that nobody here knows.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"
KEY_BYTES = 32
ID_BYTES = 4
MOST_SIGNATURES = 100
MOST_BYTES = 1_000_000
DASH = "\N{EM DASH} "


class BadNote(ValueError):  # noqa: N818 (the note is bad, not the program)
    """A note or a key that cannot be believed; the message is a sentence for people."""


class Signature(NamedTuple):
    """One signature line: who signed, the four bytes that name the key, and the signature itself."""

    name: str
    key_id: bytes
    value: bytes


class Opened(NamedTuple):
    """A note's text, which ends in a line feed, and those of its signatures that were verified."""

    text: str
    signatures: tuple[Signature, ...]


class Signer:
    """Signs notes under a name with an Ed25519 key (c2sp.org/signed-note, "Ed25519 signatures")."""

    def __init__(self, name: str, private: bytes) -> None:
        """`private` is the 32-byte seed of RFC 8032.

        Raises:
            BadNote: the name is empty or has a space, a plus or a control character.
            ValueError: the seed has another length.
        """
        _check_name(name)
        self.name = name
        self._private = Ed25519PrivateKey.from_private_bytes(private)
        self._public = self._private.public_key().public_bytes_raw()
        self.key_id = _key_id(name, self._public)

    @property
    def vkey(self) -> str:
        """The verifier key: name, id in hexadecimal, and the public key in base64, joined by plus signs."""
        return f"{self.name}+{self.key_id.hex()}+{to_base64(ED25519 + self._public)}"

    def sign(self, text: str) -> str:
        """The signature line over a text that ends in a line feed; the line ends in one too.

        Raises:
            BadNote: the text has no last line feed, or another control character.
        """
        return f"{DASH}{self.name} {to_base64(self.key_id + self._private.sign(_text_bytes(text)))}\n"


class Verifier(NamedTuple):
    """Verifies the signatures of one Ed25519 key."""

    name: str
    key_id: bytes
    public: bytes

    @classmethod
    def parse(cls, vkey: str) -> "Verifier":
        """The verifier that a vkey describes (c2sp.org/signed-note, "Verifier keys").

        Base64 has plus signs of its own, so only the first two separate.

        Raises:
            BadNote: it has another form, another type than Ed25519, or an id that is not that of its key.
        """
        name, plus, rest = vkey.partition("+")
        key_id, second, encoded = rest.partition("+")
        if not (plus and second and re.fullmatch(r"[0-9a-f]{8}", key_id)):
            raise BadNote("The key does not have the form of a verifier key: name, eight digits and key.")
        _check_name(name)
        try:
            key = from_base64(encoded)
        except ValueError as error:
            raise BadNote("The verifier key is not written in proper base64.") from error
        if key[:1] != ED25519 or len(key) != 1 + KEY_BYTES:
            raise BadNote("The verifier key is not an Ed25519 key.")
        public = key[1:]
        if bytes.fromhex(key_id) != _key_id(name, public):
            raise BadNote("The eight digits in the verifier key do not belong to its name and key.")
        return cls(name, bytes.fromhex(key_id), public)

    def verifies(self, text: str, signature: bytes) -> bool:
        """Whether the bare 64-byte signature is this key's over the text."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


def signed(text: str, *signers: Signer) -> str:
    """The whole note: the text, an empty line and a line of each signer (c2sp.org/signed-note, "Format").

    Raises:
        BadNote: nobody signs, or the text has no last line feed, or another control character.
    """
    if not signers:
        raise BadNote("A note needs at least one signature.")
    return text + "\n" + "".join(signer.sign(text) for signer in signers)


def opened(note: str | bytes, verifiers: Sequence[Verifier]) -> Opened:
    """The text of a note that at least one of the verifiers has signed (c2sp.org/signed-note, "Signatures").

    Signatures of unknown keys are ignored; what only shares a name or an id with a known key is unknown.

    Raises:
        BadNote: the note is malformed, none of the keys has signed it, or a signature of one of them is wrong.
        ValueError: two of the verifiers have the same name and id.
    """
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    if len(known) < len(verifiers):
        raise ValueError("Two of the verifiers have the same name and id.")
    text, lines = _split(note)
    verified = []
    for signature in [_parsed_line(line) for line in lines]:
        verifier = known.get((signature.name, signature.key_id))
        if verifier is None:
            continue
        if not verifier.verifies(text, signature.value):
            raise BadNote(f"The signature of {signature.name} is wrong: the text is not what was signed.")
        if signature not in verified:
            verified.append(signature)
    if not verified:
        raise BadNote("None of the known keys has signed this note.")
    return Opened(text, tuple(verified))


def to_base64(data: bytes) -> str:
    """The standard alphabet with padding (RFC 4648 section 4)."""
    return b64encode(data).decode("ascii")


def from_base64(text: str) -> bytes:
    """What canonical standard base64 stands for (RFC 4648 sections 3.5 and 4).

    Raises:
        ValueError: other characters, padding that lacks, or bits behind the last byte that are not zero.
    """
    data = b64decode(text.encode("ascii"), validate=True)
    if to_base64(data) != text:
        raise ValueError("This is not canonical base64.")
    return data


def _split(note: str | bytes) -> tuple[str, list[str]]:
    """Text and signature lines, parted at the last empty line."""
    try:
        whole = note.decode() if isinstance(note, bytes) else note
        size = len(whole.encode())
    except UnicodeError as error:
        raise BadNote("The note is not UTF-8 text.") from error
    if size > MOST_BYTES:
        raise BadNote(f"The note has more than {MOST_BYTES:,} bytes.")
    if not whole.endswith("\n") or _has_controls(whole):
        raise BadNote("The note has control characters or does not end with a line feed.")
    body, empty, block = whole.rpartition("\n\n")
    lines = block[:-1].split("\n")
    if not (empty and block):
        raise BadNote("The note has no signatures behind an empty line.")
    if len(lines) > MOST_SIGNATURES:
        raise BadNote(f"The note has more than {MOST_SIGNATURES} signatures.")
    return body + "\n", lines


def _parsed_line(line: str) -> Signature:
    try:
        dash, name, encoded = line.split(" ")
        data = from_base64(encoded)
        _check_name(name)
    except ValueError as error:
        raise BadNote("A signature line of the note is malformed.") from error
    if dash + " " != DASH or len(data) <= ID_BYTES:
        raise BadNote("A signature line of the note is malformed.")
    return Signature(name, data[:ID_BYTES], data[ID_BYTES:])


def _check_name(name: str) -> None:
    if not name or "+" in name or any(letter.isspace() for letter in name) or _has_controls(name):
        raise BadNote("The name of a key is empty or has a space, a plus or a control character.")


def _text_bytes(text: str) -> bytes:
    if not text.endswith("\n") or _has_controls(text):
        raise BadNote("The text of a note ends with a line feed and has no other control character.")
    return text.encode()


def _has_controls(text: str) -> bool:
    return any(letter < " " and letter != "\n" for letter in text)


def _key_id(name: str, public: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + ED25519 + public).digest()[:ID_BYTES]
