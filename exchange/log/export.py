"""Writing a log out as a folder that anybody can check without the server (docs/log-format.md, "Export").

The folder is made beside its place and renamed when it is whole. Rows are taken a bundle at a time.
"""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from exchange.log import nodes
from exchange.log.append import head_of
from exchange.log.checkpoint import read
from exchange.log.leaf import canonical
from exchange.log.tiles import TileAt, tiles_of, unbundled
from exchange.storage.entry import LogHead, LogLeaf, LogOpening, LogOpeningSubject
from exchange.storage.membership import Membership, MembershipState
from exchange.storage.person import Person

Progress = Callable[[int, int], None]


class CannotExport(Exception):  # noqa: N818 (read as a sentence: "it cannot be exported")
    """The folder cannot be written; the message is a sentence for people."""


class Outrun(Exception):  # noqa: N818 (the export was outrun by an erasure)
    """Somebody was forgotten, or a text taken out, while the log was written. Try again with a newer checkpoint."""


def export(
    session: Session,
    group_id: int,
    folder: Path,
    *,
    seen_by: Membership | None,
    note: str,
    vkey: str,
    progress: Progress | None = None,
) -> int:
    """Write the log up to a checkpoint, which `note` signs and `vkey` verifies, into a new folder. Returns its size.

    Openings that are withheld are left out, but for those that `seen_by` may read. `progress` is called with the number
    of entries that are written, and of all.

    Raises:
        CannotExport: there is something in the folder already, or it cannot be written.
        Outrun: what may be told changed while it was written; nothing is left behind.
        exchange.log.note.BadNote: the checkpoint is not of this key.
        exchange.log.nodes.TornTree: the database lacks entries or hashes that were signed.
    """
    head, size = head_of(session, group_id), read(note, vkey).size
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise CannotExport(
                f"{folder} is not empty. Name a folder that is new: an export never overwrites anything."
            )
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        try:
            (draft / "checkpoint").write_text(note, encoding="utf-8", newline="")
            (draft / "vkey").write_text(f"{vkey}\n", encoding="utf-8", newline="")
            _write_tiles(session, head, draft, size)
            _write_openings(session, head, draft, size, _own(session, head, seen_by), progress or _quietly)
            _write_members(session, head.group_id, draft)
            _write_former(session, head, draft)
            _check_still_true(session, head, size)
            draft.replace(folder)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
    except OSError as error:
        raise CannotExport(f"{folder} cannot be written: {error.strerror}.") from error
    return size


def _write_tiles(session: Session, head: LogHead, draft: Path, size: int) -> None:
    for tile in tiles_of(size):
        if tile.level is not None:
            _write(draft, tile, nodes.tile(session, head.log_id, tile, size))


def _write_openings(
    session: Session, head: LogHead, draft: Path, size: int, own: frozenset[int], progress: Progress
) -> None:
    """The bundles, and beside each its openings by index and field."""
    columns = select(LogOpening.idx, LogOpening.field, LogOpening.disclosure).where(LogOpening.log_id == head.log_id)
    with (draft / "openings.jsonl").open("w", encoding="ascii", newline="") as file:
        for tile in tiles_of(size):
            if tile.level is not None:
                continue
            data = nodes.bundle(session, head.log_id, tile, size)
            _write(draft, tile, data)
            withheld = dict(_withheld(data or b"", tile, own))
            among = LogOpening.idx >= tile.indexes.start, LogOpening.idx < tile.indexes.stop
            found = session.execute(columns.where(*among))
            rows = sorted((index, name, disclosure) for index, name, disclosure in found)
            file.writelines(
                f'{{"disclosure":"{disclosure}","field":"{name}","index":{index}}}\n'
                for index, name, disclosure in rows
                if name not in withheld.get(index, ())
            )
            progress(tile.indexes.stop, size)


def _withheld(bundle: bytes, tile: TileAt, own: frozenset[int]) -> Iterator[tuple[int, list[str]]]:
    """The fields that a bundle's entries withhold from the reader."""
    for index, leaf in zip(tile.indexes, unbundled(bundle), strict=True):
        if b'"withheld":' in leaf and index not in own:
            yield index, json.loads(leaf).get("withheld", [])


def _own(session: Session, head: LogHead, reader: Membership | None) -> frozenset[int]:
    """The entries whose withheld fields the reader may open: those of which any opening is about the reader."""
    if reader is None:
        return frozenset()
    about = select(LogOpeningSubject.idx).where(
        LogOpeningSubject.log_id == head.log_id, LogOpeningSubject.member_id == reader.id
    )
    return frozenset(session.scalars(about))


def _write_members(session: Session, group_id: int, draft: Path) -> None:
    """Whom the numbers stand for, as every member may see it now; nobody signs that."""
    named = (
        select(Membership.number, Person.name)
        .join(Person, Person.id == Membership.person_id)
        .where(
            Membership.group_id == group_id,
            Membership.state != MembershipState.APPLIED,
            Membership.erased_by_entry.is_(None),
        )
        .order_by(Membership.number)
    )
    with (draft / "members.jsonl").open("wb") as file:
        file.writelines(
            canonical({"member": f"m{number}", "name": name}) + b"\n" for number, name in session.execute(named)
        )


def _write_former(session: Session, head: LogHead, draft: Path) -> None:
    """The first entries of the logs that this one continues, the latest first; without them nobody could rebuild "
    "those."""
    firsts = session.scalars(
        select(LogLeaf.leaf)
        .join(LogHead, LogHead.log_id == LogLeaf.log_id)
        .where(LogHead.group_id == head.group_id, LogHead.log_id < head.log_id, LogLeaf.idx == 0)
        .order_by(LogHead.log_id.desc())
    ).all()
    if firsts:
        (draft / "former.jsonl").write_bytes(b"".join(leaf + b"\n" for leaf in firsts))


def _check_still_true(session: Session, head: LogHead, size: int) -> None:
    """Whatever takes openings out writes an entry, in the same transaction: so there must be none since."""
    log_id, group_id = head.log_id, head.group_id
    if head_of(session, group_id).log_id != log_id:
        raise Outrun
    newer = session.scalars(select(LogLeaf.leaf).where(LogLeaf.log_id == log_id, LogLeaf.idx >= size))
    if any(json.loads(leaf)["k"] in {"erase", "redact"} for leaf in newer):
        raise Outrun


def _write(draft: Path, tile: TileAt, data: bytes | None) -> None:
    if data is None:
        raise nodes.TornTree(f"The log has no {tile.path}.")
    path = draft / tile.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _quietly(done: int, of: int) -> None:
    """Nobody looks on."""
