"""Files under `tile` that an export of this size does not need: they may stay, and must not contradict it."""

from exchange.log.tiles import WIDTH, TileAt, unbundled
from exchange.log.verify.folder import Folder
from exchange.log.verify.report import Report


def check_surplus(folder: Folder, size: int, report: Report) -> None:
    """Compare older partial tiles with the ones that replaced them; note what is no tile at all."""
    strange = []
    for found in folder.surplus(size):
        if isinstance(found, str):
            strange.append(found)
        elif not found.is_within(size):
            sentence = (
                f"{found.path} lies beyond the {size:,} entries that the checkpoint signs: nobody answers for it."
            )
            report.findings.add(None, sentence)
        elif not _agrees(folder, size, found):
            sentence = (
                f"{found.path} holds something else than the tile that replaced it: at that time the log was another "
                "one. Entries were changed since then; keep this folder, it is a proof, and ask the organisers."
            )
            report.findings.add(found.n * WIDTH if not found.level else None, sentence)
    if strange:
        number = f"{len(strange):,} files under “tile” are" if len(strange) > 1 else "One file under “tile” is"
        report.notes.append(f"{number} no part of the log and were not read, such as {strange[0][:100]}.")


def _agrees(folder: Folder, size: int, tile: TileAt) -> bool:
    """Whether an older partial tile is the beginning of the one that is there now."""
    now = TileAt(tile.level, tile.n, min(WIDTH, (size >> tile.node_level) - tile.n * WIDTH))
    try:
        if tile.level is None:
            return unbundled(folder.read(tile)) == folder.entries(tile.n, size)[: tile.width]
        return folder.read(tile) == folder.read(now)[: tile.width * 32]
    except (OSError, ValueError):
        return False
