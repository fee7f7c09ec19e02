"""Links in letters that act without signing in. Opening one shows what it would do; only a button then does it.

A link says what, on which row, and for whom. Whether that member may still do it, the page behind decides.
"""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask_babel import gettext as _
from itsdangerous import Signer

from exchange.config import Settings

VERBS = frozenset({"confirm", "deliver", "accept_place", "pass_place", "extend", "not_me", "agree_correction"})
# What takes words of the reader's own has a page of its own.
IN_WORDS = frozenset({"appeal", "tell"})
LASTS = timedelta(days=60)
COMES_WITHIN = timedelta(days=14)
PURPOSE = "act"


@dataclass(frozen=True)
class Act:
    """What a link does: the verb, the row that it is about, the membership that it was written for, and when."""

    verb: str
    row: int
    member: int
    written_at: datetime


class Expired(ValueError):  # noqa: N818 (read as a sentence)
    """The link was ours, and is too old now."""


def link(settings: Settings, *, verb: str, row: int, member: int, at: datetime) -> str:
    """The full address of an act, written at that moment. The same act and moment give the same address.

    Raises:
        ValueError: there is no such verb.
    """
    if verb not in VERBS | IN_WORDS:
        raise ValueError(f"No letter can ask for “{verb}”.")
    said = f"{verb}.{row}.{member}.{int(at.timestamp())}"
    # The signature stands first: it may end in a dash, which programs that make links out of text leave out.
    page = verb if verb in IN_WORDS else "do"
    return f"{settings.base_url}/{page}/{_signer(settings).get_signature(said).decode()}.{said}"


def read(settings: Settings, token: str, *, at: datetime) -> Act:
    """What the last part of such an address asks for.

    Raises:
        Expired: it is older than 60 days.
        ValueError: it was not written here, or somebody changed it.
    """
    signature, _dot, said = token.partition(".")
    if not _signer(settings).verify_signature(said, signature):
        raise ValueError(_("This link is not whole. Copy all of it from the letter, or open the page by hand."))
    verb, row, member, issued = said.split(".")
    written_at = datetime.fromtimestamp(int(issued), tz=UTC)
    if at - written_at > LASTS:
        raise Expired(_("This link is older than 60 days. What it was about can still be found on the site."))
    return Act(verb, int(row), int(member), written_at)


def address_link(settings: Settings, *, row: int, email: str, at: datetime) -> str:
    """The address with which the owner of a mailbox asks to join a group, by its id."""
    owner = urlsafe_b64encode(email.encode()).rstrip(b"=").decode()
    said = f"come.{row}.{owner}.{int(at.timestamp())}"
    return f"{settings.base_url}/come/{_signer(settings).get_signature(said).decode()}.{said}"


def read_address(settings: Settings, token: str, *, at: datetime) -> tuple[int, str]:
    """The group's id and the mailbox that such an address was written to.

    Raises:
        Expired: it is older than 14 days.
        ValueError: it was not written here, or somebody changed it.
    """
    signature, _dot, said = token.partition(".")
    purpose, *rest = said.split(".")
    if purpose != "come" or not _signer(settings).verify_signature(said, signature):
        raise ValueError("This link is not whole.")
    row, owner, issued = rest
    if at - datetime.fromtimestamp(int(issued), tz=UTC) > COMES_WITHIN:
        raise Expired("This link is older than 14 days.")
    return int(row), urlsafe_b64decode(owner + "=" * (-len(owner) % 4)).decode()


def _signer(settings: Settings) -> Signer:
    keys = [*settings.secrets_before, settings.secret_key]  # the last one signs, all are good
    return Signer(keys, salt=PURPOSE, key_derivation="hmac", digest_method=hashlib.sha256)
