"""Who could help, who would love it: pure ranking over texts."""

from exchange.matching.index import Index
from exchange.matching.words import Match, matches

__all__ = ["Index", "Match", "matches"]
