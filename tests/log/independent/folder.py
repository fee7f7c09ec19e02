"""A log as a folder of files, made by the pure modules alone, and a plain web server in front of it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from exchange.log.checkpoint import Checkpoint
from exchange.log.note import Signer, signed
from exchange.log.proofs import Place
from exchange.log.tiles import bundle, tiles_of
from exchange.log.tree import Frontier, leaf_hash


def written(folder: Path, entries: Sequence[bytes], signer: Signer) -> dict[Place, bytes]:
    """Write the checkpoint, the tiles and the bundles of a log. Returns the hashes of its perfect subtrees."""
    hashes = [leaf_hash(entry) for entry in entries]
    frontier = Frontier()
    places = {(level, index): one for level, index, one in frontier.extend(hashes)}
    places |= {(0, index): one for index, one in enumerate(hashes)}
    for at in tiles_of(len(entries)):
        file = folder / at.path
        file.parent.mkdir(parents=True, exist_ok=True)
        if at.level is None:
            file.write_bytes(bundle(entries[index] for index in at.indexes))
        else:
            file.write_bytes(b"".join(places[at.node_level, index] for index in at.indexes))
    note = signed(Checkpoint(signer.name, len(entries), frontier.root()).text(), signer)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "checkpoint").write_bytes(note.encode())
    return places


class _Quiet(SimpleHTTPRequestHandler):
    """Serves files to those who bring the token, and keeps connections open."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *args: Any, token: str | None, **kwargs: Any) -> None:
        self.token = token
        super().__init__(*args, **kwargs)

    def do_GET(self) -> None:
        if self.token and self.headers.get("Authorization") != f"Bearer {self.token}":
            self.send_error(404)
        else:
            super().do_GET()

    def log_message(self, *_: Any) -> None:
        """Nobody reads it."""


@contextmanager
def served(folder: Path, token: str | None = None) -> Iterator[str]:
    """The address at which the folder is served for as long as the block lasts."""
    handler = partial(_Quiet, directory=str(folder), token=token)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
