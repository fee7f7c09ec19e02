"""Real processes that do the same thing at the same moment."""

import subprocess
import sys
import time

SOON = 0.05  # enough for all of them to have read when to begin

# What each of them runs: it says when it is ready, and is told when to begin.
READY = """
import sys, time

def at_the_same_moment():
    print("ready", flush=True)
    time.sleep(max(0, float(sys.stdin.readline()) - time.time()))
"""


def race(program: str, env: dict[str, str], *each: list[str]) -> list[str]:
    """Let one process per list of words run the program, all at once; what each of them said, in order."""
    running = [
        subprocess.Popen(
            [sys.executable, "-c", READY + program, *words],
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for words in each
    ]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    begin = f"{time.time() + SOON}\n"
    for process in running:
        assert process.stdin is not None
        process.stdin.write(begin)
        process.stdin.flush()
    return sorted(process.communicate(timeout=60)[0].strip() for process in running)
