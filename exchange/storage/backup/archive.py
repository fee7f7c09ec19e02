"""The file itself: a zip with `manifest.json` and the database's own copy."""

import json
import os
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Engine

from exchange.storage import migrate
from exchange.storage.backup import postgres, sqlite
from exchange.storage.backup.errors import BadBackup

FORMAT = 1
COPY = "database"


@dataclass(frozen=True)
class Manifest:
    """What the copy is of: kind of database, revision of its tables, and the moment, in ISO 8601 with its zone."""

    kind: str
    revision: str
    made_at: str
    format: int = FORMAT


def back_up(engine: Engine, file: Path, *, at: datetime) -> Manifest:
    """Copy the database, as it is at one moment, into a new file that only its owner can read. Others go on writing.

    Raises:
        BadBackup: there is such a file already, the folder is not there, or the copy could not be made.
    """
    if file.exists():
        raise BadBackup(f"{file} is there already; nothing was written.")
    if not file.parent.is_dir():
        raise BadBackup(f"There is no folder {file.parent}.")
    manifest = Manifest(engine.dialect.name, migrate.current(engine), at.isoformat())
    with _beside(file) as folder:
        copy = folder / COPY
        _of(engine).copy(engine, copy)
        packed = folder / "packed"
        packed.touch(mode=0o600)
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            archive.writestr("manifest.json", json.dumps(asdict(manifest), sort_keys=True) + "\n")
            archive.write(copy, COPY)
        _kept(packed, file)
    return manifest


def restore(engine: Engine, file: Path, *, replace: bool) -> Manifest:
    """Put a copy in the place of the database, and bring it up to date. Until it is whole, nothing is changed.

    Raises:
        BadBackup: the file is no such copy, is of another kind of database or of newer tables; or the database holds
            something already and `replace` is False; or somebody still uses it.
    """
    with _opened(file) as archive:
        manifest = _manifest(archive, file)
        if manifest.kind != engine.dialect.name:
            raise BadBackup(
                f"This backup is of {_name(manifest.kind)}, and the database is {_name(engine.dialect.name)}."
            )
        if not migrate.known(manifest.revision):
            raise BadBackup(
                f"This backup was made by a newer Exchange, with tables at {manifest.revision}. Restore it with that "
                "one, or a later one."
            )
        if not replace and migrate.current(engine):
            raise BadBackup(
                "The database holds something already; nothing was changed. With --replace it is put away for what the "
                "backup holds."
            )
        with _beside(_of(engine).place(engine)) as folder:
            copy = folder / COPY
            _unpack(archive, copy, file)
            _of(engine).put_back(engine, copy)
    migrate.upgrade(engine)
    return manifest


def _of(engine: Engine) -> Any:
    return {"sqlite": sqlite, "postgresql": postgres}[engine.dialect.name]


def _name(kind: str) -> str:
    return {"sqlite": "SQLite", "postgresql": "PostgreSQL"}.get(kind, kind)


@contextmanager
def _beside(file: Path) -> Iterator[Path]:
    """A folder of its own on the same disk, so that what is made in it can be moved at once."""
    with TemporaryDirectory(prefix=f".{file.name}-", dir=file.parent) as folder:
        yield Path(folder)


def _kept(packed: Path, file: Path) -> None:
    """The finished file gets its name only when it is on the disk; one that came meanwhile is left alone."""
    with packed.open("rb") as written:
        os.fsync(written.fileno())
    try:
        os.link(packed, file)
    except FileExistsError:
        raise BadBackup(f"{file} is there already; nothing was written.") from None


@contextmanager
def _opened(file: Path) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(file)
    except FileNotFoundError:
        raise BadBackup(f"There is no file {file}.") from None
    except (OSError, zipfile.BadZipFile):
        raise BadBackup(f"{file} is no backup, or was cut off.") from None
    with archive:
        yield archive


def _manifest(archive: zipfile.ZipFile, file: Path) -> Manifest:
    try:
        said = json.loads(archive.read("manifest.json"))
        manifest = Manifest(**said)
        archive.getinfo(COPY)
    except (KeyError, TypeError, ValueError, zipfile.BadZipFile):
        raise BadBackup(f"{file} is no backup, or was cut off.") from None
    if manifest.format != FORMAT:
        raise BadBackup(f"{file} was made by a newer Exchange. Restore it with that one, or a later one.")
    return manifest


def _unpack(archive: zipfile.ZipFile, copy: Path, file: Path) -> None:
    copy.touch(mode=0o600)
    try:
        with archive.open(COPY) as packed, copy.open("wb") as out:
            shutil.copyfileobj(packed, out, 1 << 20)
    except (EOFError, zipfile.BadZipFile, zlib.error):
        raise BadBackup(
            f"{file} is damaged: what it holds is not what was written into it. Take another one."
        ) from None
