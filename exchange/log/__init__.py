"""The transparency log: the only writer and reader of its entries.

What is named here is loaded when it is first used, so that a log can be verified where there is no database.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from exchange.log.amend import record_correction, record_erasure
    from exchange.log.append import found
    from exchange.log.counting import Balance, Line, balance, balance_of, balances, balances_since, first_favors, lines
    from exchange.log.decide import (
        ALL_OF_IT,
        SETTLED,
        record_decision,
        record_redaction,
        record_role,
        record_setting,
    )
    from exchange.log.monthly import months, taking_part
    from exchange.log.read import continues, entries, entry, parties, size
    from exchange.log.rebuild import Comparison, compare
    from exchange.log.record import record_favor, record_favors
    from exchange.log.searched import found_ids, index_of, reword_favor
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
    "compare",
    "continues",
    "entries",
    "entry",
    "first_favors",
    "found",
    "found_ids",
    "index_of",
    "lines",
    "months",
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
    "taking_part",
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
