"""A progress bar for what takes longer than people like to wait without a word."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

PATIENCE_SECONDS = 2.0

Progress = Callable[[int, int], None]


@contextmanager
def bar(label: str) -> Iterator[Progress]:
    """Something to call with what is done; it becomes a bar on a terminal once two seconds have passed."""
    began = time.monotonic()
    shown: list[ProgressBar[int]] = []
    with ExitStack() as stack:

        def progress(done: int, of: int) -> None:
            if not shown:
                if not sys.stderr.isatty() or time.monotonic() - began < PATIENCE_SECONDS:
                    return
                drawn: ProgressBar[int] = click.progressbar(length=of, label=label, file=sys.stderr)
                shown.append(stack.enter_context(drawn))
            shown[0].update(done - shown[0].pos)

        yield progress
