"""The exported folder: what is in it, and what should not be."""

import json
from collections.abc import Iterator
from pathlib import Path

from exchange.log.tiles import WIDTH, TileAt, bundle_path, parsed_path, tiles_of, unbundled


class Unreadable(ValueError):  # noqa: N818 (the folder is unreadable, not the program)
    """The folder cannot be checked any further; the message is a sentence for people."""


class Folder:
    """A log exported as files (docs/log-format.md, "Export")."""

    def __init__(self, path: Path) -> None:
        """The folder at that path.

        Raises:
            Unreadable: there is none, or it holds no checkpoint.
        """
        self.path = path
        if not path.is_dir():
            raise Unreadable(f"{path} is no folder. Give the folder that “exchange log export” has made.")

    def text(self, name: str) -> str:
        """A file beside the tiles, as it stands.

        Raises:
            Unreadable: there is none, or it is no text.
        """
        try:
            return (self.path / name).read_bytes().decode()
        except OSError as error:
            raise Unreadable(f"{self.path} has no file “{name}”, so this is no export of a log.") from error
        except UnicodeError as error:
            raise Unreadable(f"“{name}” is no text.") from error

    @property
    def openings(self) -> Path:
        """The file of the openings."""
        return self.path / "openings.jsonl"

    def read(self, tile: TileAt) -> bytes:
        """The bytes of a tile or bundle. Raises OSError where it is missing."""
        return (self.path / tile.path).read_bytes()

    def entries(self, n: int, size: int) -> list[bytes]:
        """The entries of bundle `n` of a log of that size.

        Raises:
            Unreadable: it is missing, cut off, or holds another number of entries.
        """
        width = min(WIDTH, size - n * WIDTH)
        path = bundle_path(n, width)
        try:
            entries = unbundled((self.path / path).read_bytes())
        except OSError as error:
            raise Unreadable(_missing(path, n, width)) from error
        except ValueError as error:
            raise Unreadable(f"{path} cannot be taken apart: it ends in the middle of an entry.") from error
        if len(entries) != width:
            raise Unreadable(f"{path} should hold {width} entries and holds {len(entries)}.")
        return entries

    def lacking(self, size: int) -> Iterator[str]:
        """A sentence for each tile and bundle of a log of that size that is not here."""
        for tile in tiles_of(size):
            if not (self.path / tile.path).is_file():
                yield (
                    _missing(tile.path, tile.n, tile.width)
                    if tile.level is None
                    else f"{tile.path} is missing: other programs cannot read this export."
                )

    def surplus(self, size: int) -> Iterator[TileAt | str]:
        """The tiles that a log of that size does not need, and the paths under `tile` that are none."""
        expected = {tile.path for tile in tiles_of(size)}
        for found in sorted(self.path.glob("tile/**/*")):
            path = found.relative_to(self.path).as_posix()
            if found.is_dir() or path in expected:
                continue
            try:
                yield parsed_path(path)
            except ValueError:
                yield path

    def former(self) -> list[bytes]:
        """The first entries of the logs that this one continues, the latest first, as `former.jsonl` tells them."""
        path = self.path / "former.jsonl"
        return path.read_bytes().splitlines() if path.exists() else []

    def names(self) -> dict[int, str]:
        """By number, the names that `members.jsonl` tells; nobody has signed them.

        Raises:
            Unreadable: a line tells something else, or one member twice.
        """
        if not (self.path / "members.jsonl").exists():
            return {}
        names: dict[int, str] = {}
        for line in self.text("members.jsonl").splitlines():
            try:
                said = json.loads(line)
                number, name = int(said["member"].removeprefix("m")), str(said["name"])
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                raise Unreadable(f"members.jsonl has a line that names no member: {line[:80]}") from error
            if number in names:
                raise Unreadable(f"members.jsonl names m{number} twice.")
            names[number] = name
        return names


def _missing(path: str, n: int, width: int) -> str:
    first = n * WIDTH
    return f"{path} is missing: entries {first} to {first + width - 1} are not in this export."
