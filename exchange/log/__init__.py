"""The transparency log: the only writer and reader of its entries."""

from exchange.log.amend import record_correction, record_erasure
from exchange.log.append import found
from exchange.log.read import Balance, Entry, balance, balances, balances_since, entries, own_balance, size
from exchange.log.rebuild import Comparison, compare
from exchange.log.record import record_favor, record_favors, tied

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
    "own_balance",
    "record_correction",
    "record_erasure",
    "record_favor",
    "record_favors",
    "size",
    "tied",
]
