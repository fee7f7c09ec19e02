"""Every table, imported once, so that migrations and tests see the whole schema."""

from exchange.storage import (
    digest,
    entry,
    favor,
    group,
    letter,
    membership,
    pace,
    person,
    post,
    read_token,
    suppression,
    tie,
)
from exchange.storage.db import Base

__all__ = [
    "Base",
    "digest",
    "entry",
    "favor",
    "group",
    "letter",
    "membership",
    "pace",
    "person",
    "post",
    "read_token",
    "suppression",
    "tie",
]
