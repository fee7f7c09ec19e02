"""The log as programs read it: the addresses of c2sp.org/tlog-tiles, by session or with a read token."""

import gzip

from flask import Blueprint, Response, current_app, request

from exchange.domain import proofs
from exchange.web.guards import me, now, whose_log

bp = Blueprint("log_files", __name__, url_prefix="/g/<slug>/log")

# A tile never changes, but the log of a group can begin anew under the same address: a copy is good for a week.
FOR_A_WEEK = "private, max-age=604800, immutable"
FOR_A_MOMENT = "private, max-age=5"


@bp.get("/checkpoint")
def checkpoint() -> Response:
    """The signed note over all that the log holds now."""
    note = proofs.checkpoint_of(whose_log(), settings=current_app.extensions["settings"], at=now())
    return _file(note.encode(), "text/plain; charset=utf-8", FOR_A_MOMENT)


@bp.get("/vkey")
def vkey() -> Response:
    """The key that verifies it."""
    key = proofs.vkey_of(whose_log(), settings=current_app.extensions["settings"])
    return _file(f"{key}\n".encode(), "text/plain; charset=utf-8", FOR_A_MOMENT)


@bp.get("/tile/<path:path>", merge_slashes=False)
def tile(path: str) -> Response:
    """A tile of hashes, or a bundle of entries, full or partial."""
    at, data = proofs.tile(f"tile/{path}", seen_by=me())
    answer = _file(data, "application/octet-stream", FOR_A_WEEK)
    if at.level is None and request.accept_encodings.quality("gzip"):
        # Half of an entry are the same words as in all others; hashes do not shrink.
        answer.set_data(gzip.compress(data, compresslevel=3, mtime=0))
        answer.headers["Content-Encoding"] = "gzip"
    answer.vary.add("Accept-Encoding")
    return answer


def _file(data: bytes, kind: str, cached: str) -> Response:
    answer = Response(data, content_type=kind)
    answer.headers["Cache-Control"] = cached
    answer.vary.update(("Authorization", "Cookie"))
    return answer
