"""What everybody finds at the address of a deleted group: that it was deleted, and the last word of its log."""

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from exchange.domain import deleted


def page(slug: str | None) -> ResponseReturnValue | None:
    """The page at whichever address of the group; None where no group of this name was deleted.

    The last checkpoint and its key stay where they were, for whoever holds a copy against them.
    """
    found = deleted.last_word(slug)
    if found is None:
        return None
    size = request.args.get("entries", found.entries, type=int)
    said = {
        "log_files.checkpoint": {**found.earlier, found.entries: found.checkpoint}.get(size),
        "log_files.vkey": f"{found.vkey}\n",
    }.get(request.endpoint or "")
    if said is not None and request.method in {"GET", "HEAD"}:
        return Response(said, content_type="text/plain; charset=utf-8")
    return render_template("errors/deleted.html", address=slug, found=found), 410
