"""Every table, imported once, so that migrations and tests see the whole schema."""

from exchange.storage import (
    desk,
    digest,
    election,
    entry,
    favor,
    group,
    letter,
    membership,
    pace,
    person,
    policy,
    post,
    question,
    read_token,
    sign_in,
    suppression,
    tie,
)
from exchange.storage.db import Base

__all__ = [
    "Base",
    "desk",
    "digest",
    "election",
    "entry",
    "favor",
    "group",
    "letter",
    "membership",
    "pace",
    "person",
    "policy",
    "post",
    "question",
    "read_token",
    "sign_in",
    "suppression",
    "tie",
]
