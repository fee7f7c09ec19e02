"""The last checkpoint that was signed, kept outside the database and its backups: one file for each log.

A database that was set back to an older state cannot know it. This file does.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote


class NotSigned(Exception):  # noqa: N818 (read as a sentence: "the checkpoint was not signed")
    """No checkpoint can be signed or given out now. The message is a sentence for people, with the way out."""

    status = 503

    @property
    def sentence(self) -> str:
        """What to show."""
        return str(self)


class BehindItsCheckpoint(NotSigned):
    """The database holds fewer or other entries than were signed."""


class UnreadableCheckpoint(NotSigned):
    """A checkpoint that is kept is not one that this server's key signed for this log."""


def path_of(folder: Path, origin: str) -> Path:
    """Where the last checkpoint of the log of this origin is kept; no two origins share a file."""
    return folder / f"{quote(origin, safe='')}.checkpoint"


def last(folder: Path, origin: str) -> str:
    """The signed note that is kept for a log, as it stands in the file; empty where there is none yet.

    Raises:
        UnreadableCheckpoint: there is a file, and it cannot be read or is no text.
    """
    path = path_of(folder, origin)
    try:
        return path.read_bytes().decode()
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        raise UnreadableCheckpoint(
            f"The checkpoint that is kept in {path} is damaged: it is not UTF-8 text. "
            "Put the file back as it was, or run for its group: exchange log renew"
        ) from error
    except OSError as error:
        raise UnreadableCheckpoint(
            f"The checkpoint that is kept in {path} cannot be read: {error.strerror}. Let the server read that file."
        ) from error


@contextmanager
def locked(folder: Path, origin: str) -> Iterator[None]:
    """Let one process or thread at a time sign for a log with this folder.

    The lock ends with the process. Take it before any lock of the database.

    Raises:
        NotSigned: the folder cannot be made or written to.
    """
    try:
        _made(folder)
        handle = os.open(path_of(folder, origin).with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise NotSigned(_cannot_keep(folder, error)) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def keep(folder: Path, origin: str, note: str) -> None:
    """Keep a signed note as the last one of its log. On return it has survived a power cut.

    Call it under `locked`, before anybody sees the note.

    Raises:
        NotSigned: it could not be written; the note must not be given out.
    """
    path = path_of(folder, origin)
    draft = path.with_suffix(".draft")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(note.encode())
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        _sync(folder)
    except OSError as error:
        raise NotSigned(_cannot_keep(folder, error)) from error


def _made(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sync(folder.parent)


def _sync(folder: Path) -> None:
    """Make names in a folder survive a power cut too."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _cannot_keep(folder: Path, error: OSError) -> str:
    return (
        f"The checkpoint cannot be kept in {folder}: {error.strerror}. "
        "Until it can, none is signed; let the server write to that folder."
    )
