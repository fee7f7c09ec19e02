"""The whole log as one file, for a member to take along and check without this server.

It is the member's own download: it holds what every member may read, and of withheld entries only what the member may
read of their own. So it leaves no trace in the log.
"""

import zipfile
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO

from flask_babel import gettext as _

from exchange.config import Settings
from exchange.domain import proofs
from exchange.domain.errors import Refusal
from exchange.log.export import Outrun, export
from exchange.storage.db import db
from exchange.storage.membership import Membership

ATTEMPTS = 3
FAST = 1  # of zlib's levels: half of what is packed are hashes, which no level makes smaller


def packed(*, seen_by: Membership, settings: Settings, at: datetime) -> tuple[str, IO[bytes]]:
    """The name and the bytes of a zip file, to be read from its beginning; it is gone when it is closed.

    Raises NotSigned, or Refusal where somebody was forgotten each time while it was written.
    """
    name = f"{seen_by.group.slug}-log"
    with TemporaryDirectory(prefix="exchange-log-") as place:
        folder = Path(place) / name
        _write(folder, seen_by, settings, at)
        (folder / "README.txt").write_text(_read_me(name), encoding="utf-8")
        file = TemporaryFile()  # noqa: SIM115 (whoever reads it closes it)
        try:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=FAST) as archive:
                for path in sorted(folder.rglob("*")):
                    archive.write(path, path.relative_to(place))
            file.seek(0)
        except BaseException:
            file.close()
            raise
    return f"{name}.zip", file


def _write(folder: Path, seen_by: Membership, settings: Settings, at: datetime) -> None:
    for _attempt in range(ATTEMPTS):
        note = proofs.checkpoint(seen_by=seen_by, settings=settings, at=at)
        vkey = proofs.vkey_of(seen_by.group_id, settings=settings)
        try:
            with proofs.answering():
                export(db.session(), seen_by.group_id, folder, seen_by=seen_by, note=note, vkey=vkey)
        except Outrun:
            continue
        return
    raise Refusal(_("The log has changed while it was written out. Please try again."))


def _read_me(name: str) -> str:
    lines = (
        _("This is the whole log of the group, as it was when you downloaded it."),
        "",
        _("To check it, on a machine that has the program “exchange”, without any server:"),
        "",
        f"    exchange log verify {name}",
        "",
        _("With your receipts and letters in a folder, compare it with those as well:"),
        "",
        f"    exchange log verify {name} --against receipts",
        "",
        _("checkpoint: the signed fingerprint of all entries. vkey: the key that verifies it."),
        _("tile: the entries as they were written, and the tree of fingerprints over them (c2sp.org/tlog-tiles)."),
        _("openings.jsonl: what the fingerprints in the entries stand for; what is withheld only if it is yours."),
        _("members.jsonl: the names behind the members’ numbers, as the group knows them today. Nobody signs them."),
        "",
        _("The file docs/log-format.md of the program says exactly how all of it is written."),
    )
    return "\n".join(lines) + "\n"
