"""Who holds a lease: this very process, named so that others on the machine can tell whether it still lives.

A worker that was killed leaves its letters behind. Whoever runs on the same machine need not wait until the lease is
over; for all others, only time tells.
"""

import os
from functools import lru_cache
from pathlib import Path
from uuid import uuid4

PROC = Path("/proc")
START_TIME = 19  # words of /proc/PID/stat behind the name: the state first, the moment of starting here


def me() -> str:
    """The name of this process: the running system, the space of its process numbers, number, moment of starting."""
    return _named(os.getpid())


def is_gone(holder: str) -> bool:
    """Whether that process ran here and does not any more. False where that cannot be known."""
    system, _, process = holder.partition("/")
    number, _, started = process.partition("/")
    if system != _system() or not number.isdigit() or not started.isdigit():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return _started(int(number)) not in {started, ""}


@lru_cache(maxsize=1)
def _named(pid: int) -> str:
    return f"{_system()}/{pid}/{_started(pid) or '?'}"


@lru_cache(maxsize=1)
def _system() -> str:
    """Two containers may share a host's name and count their processes alike; these two words they never share."""
    try:
        boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}.{(PROC / 'self/ns/pid').readlink()}"
    except OSError:
        return uuid4().hex


def _started(pid: int) -> str:
    """When a process began, in ticks of its system; empty where that cannot be read. One that is over has no moment."""
    try:
        words = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "over" if words[0] == "Z" else words[START_TIME]
