"""Imports: a group's members and past favors, from files that somebody exported elsewhere."""

from exchange.domain.imports.favors import favors
from exchange.domain.imports.members import members
from exchange.domain.imports.table import BadFile, Fault, Imported, Progress

__all__ = ["BadFile", "Fault", "Imported", "Progress", "favors", "members"]
