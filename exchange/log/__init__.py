"""The transparency log: the only writer and reader of its entries."""

from exchange.log.append import found
from exchange.log.projection import Comparison, compare
from exchange.log.read import Balance, Entry, balance, balances, balances_since, entries, size
from exchange.log.record import record_favor, record_favors

__all__ = [
    "Balance",
    "Comparison",
    "Entry",
    "balance",
    "balances",
    "balances_since",
    "compare",
    "entries",
    "found",
    "record_favor",
    "record_favors",
    "size",
]
