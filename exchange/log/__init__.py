"""The transparency log: the only writer and reader of its entries.

What is named here is loaded when it is first used, so that a log can be verified where there is no database.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from exchange.log.amend import record_correction, record_erasure
    from exchange.log.append import found
    from exchange.log.counting import Balance, Line, balance, balance_of, balances, balances_since, lines
    from exchange.log.decide import (
        ALL_OF_IT,
        SETTLED,
        record_decision,
        record_redaction,
        record_role,
        record_setting,
    )
    from exchange.log.monthly import first_day, totals
    from exchange.log.read import beginning, entries, entry, parties, size
    from exchange.log.rebuild import Comparison, compare
    from exchange.log.record import record_favor, record_favors
    from exchange.log.searched import found_ids, going_on, index_of, looked_for, reword_favor
    from exchange.log.shown import Entry

__all__ = [
    "ALL_OF_IT",
    "SETTLED",
    "Balance",
    "Comparison",
    "Entry",
    "Line",
    "balance",
    "balance_of",
    "balances",
    "balances_since",
    "beginning",
    "compare",
    "entries",
    "entry",
    "first_day",
    "found",
    "found_ids",
    "going_on",
    "index_of",
    "lines",
    "looked_for",
    "parties",
    "record_correction",
    "record_decision",
    "record_erasure",
    "record_favor",
    "record_favors",
    "record_redaction",
    "record_role",
    "record_setting",
    "reword_favor",
    "size",
    "totals",
]

_HOMES = ("amend", "append", "counting", "decide", "monthly", "read", "rebuild", "record", "searched", "shown")


def __getattr__(name: str) -> Any:
    """Load the module that has this name."""
    if name in __all__:
        for home in _HOMES:
            module = import_module(f"{__name__}.{home}")
            if hasattr(module, name):
                globals()[name] = getattr(module, name)
                return globals()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
