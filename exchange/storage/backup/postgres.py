"""PostgreSQL: its own pg_dump and pg_restore, which have to be installed where the command runs."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from sqlalchemy import Engine, text

from exchange.storage.backup.errors import BadBackup

BEFORE = "exchange_before_restoring"


def place(engine: Engine) -> Path:  # noqa: ARG001 (the other kind needs it)
    """A name in a folder with room for a copy."""
    return Path(tempfile.gettempdir()) / "exchange-restore"


def copy(engine: Engine, to: Path) -> None:
    """Copy the database as it is at one moment, while others go on writing (pg_dump, custom format).

    Raises:
        BadBackup: there is no pg_dump here, or it says why it cannot.
    """
    to.touch(mode=0o600)
    # The zip packs it, so that the copy itself need not.
    _run(
        engine,
        "pg_dump",
        "--format=custom",
        "--compress=0",
        "--no-owner",
        "--no-privileges",
        "--schema=public",
        "-f",
        str(to),
    )


def put_back(engine: Engine, copy: Path) -> None:
    """Put the copy in the place of what the schema `public` holds; what was there goes when the copy is whole.

    Raises:
        BadBackup: the copy is damaged, there is no pg_restore here, or somebody still uses the database.
    """
    _run(engine, "pg_restore", "--list", str(copy))
    engine.dispose()
    with engine.begin() as connection:
        others = connection.scalar(
            text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
        )
        if others:
            raise BadBackup(
                "Somebody still uses the database; nothing was changed. End exchange serve and exchange worker first."
            )
        connection.execute(text(f'DROP SCHEMA IF EXISTS "{BEFORE}" CASCADE'))
        connection.execute(text(f'ALTER SCHEMA public RENAME TO "{BEFORE}"'))
        connection.execute(text("CREATE SCHEMA public"))
    try:
        _run(
            engine,
            "pg_restore",
            "--single-transaction",
            "--no-owner",
            "--no-privileges",
            "--clean",
            "--if-exists",
            "-d",
            _database(engine),
            str(copy),
        )
    except BaseException:
        with engine.begin() as connection:
            connection.execute(text("DROP SCHEMA IF EXISTS public CASCADE"))
            connection.execute(text(f'ALTER SCHEMA "{BEFORE}" RENAME TO public'))
        raise
    with engine.begin() as connection:
        connection.execute(text(f'DROP SCHEMA "{BEFORE}" CASCADE'))


def _database(engine: Engine) -> str:
    return engine.url.database or engine.url.username or ""


def _run(engine: Engine, program: str, *arguments: str) -> None:
    found = shutil.which(program)
    if found is None:
        raise BadBackup(
            f"There is no {program} on this machine. On Debian: apt install postgresql-client, of the server’s version "
            "or newer."
        )
    done = subprocess.run([found, *arguments], env=os.environ | _told(engine), capture_output=True, check=False)  # noqa: S603
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise BadBackup(f"{program} says: {said[-1] if said else 'nothing, and failed'}. Nothing was changed.")


def _told(engine: Engine) -> dict[str, str]:
    """How the programs reach the database: in their environment, where other users of the machine cannot read it."""
    url = engine.url
    told = {
        "PGDATABASE": _database(engine),
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGHOST": url.host or url.query.get("host"),
        "PGPORT": str(url.port or url.query.get("port") or ""),
        "PGSSLMODE": url.query.get("sslmode"),
    }
    return {name: str(value) for name, value in told.items() if value}
