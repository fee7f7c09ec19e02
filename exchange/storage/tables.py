"""Every table, imported once, so that migrations and tests see the whole schema."""

from exchange.storage import entry, favor, group, letter, membership, person, post, read_token, tie
from exchange.storage.db import Base

__all__ = ["Base", "entry", "favor", "group", "letter", "membership", "person", "post", "read_token", "tie"]
