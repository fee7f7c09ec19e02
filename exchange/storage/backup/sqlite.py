"""SQLite: its own online copy, and a file put in the place of another."""

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from sqlalchemy import Engine

from exchange.storage.backup.errors import BadBackup


def place(engine: Engine) -> Path:
    """Where the database is, which need not be there yet."""
    file = Path(engine.url.database or "")
    file.parent.mkdir(parents=True, exist_ok=True)
    return file


def copy(engine: Engine, to: Path) -> None:
    """Copy the database as it is at one moment, while others go on writing (sqlite.org/backup.html)."""
    to.touch(mode=0o600)
    with closing(sqlite3.connect(place(engine))) as source, closing(sqlite3.connect(to)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")
    _look_at(to)


def put_back(engine: Engine, copy: Path) -> None:
    """Put the copy in the place of the database.

    Raises:
        BadBackup: the copy is damaged, or somebody still uses the database.
    """
    _look_at(copy)
    engine.dispose()
    file = place(engine)
    if file.exists():
        _alone(file)
    with copy.open("rb") as written:
        os.fsync(written.fileno())
    copy.replace(file)
    for beside in ("-wal", "-shm", "-journal"):
        with suppress(FileNotFoundError):
            file.with_name(file.name + beside).unlink()


def _look_at(file: Path) -> None:
    try:
        with closing(sqlite3.connect(file)) as connection:
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        found = str(error)
    if found != "ok":
        raise BadBackup(f"This copy of the database is damaged ({found}). Take another one.")


def _alone(file: Path) -> None:
    """Leaving the write-ahead log is only possible for whoever is alone with the file (sqlite.org/wal.html)."""
    try:
        with closing(sqlite3.connect(file, timeout=0)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError:
        raise BadBackup(
            "Somebody still uses the database; nothing was changed. End exchange serve and exchange worker first."
        ) from None
    except sqlite3.DatabaseError:
        return  # it is no database any more: that is why it is replaced
