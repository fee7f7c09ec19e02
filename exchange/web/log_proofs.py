"""The pages on which members look at what proves the log, and take it along."""

from collections.abc import Iterator
from os import SEEK_END
from typing import IO

from flask import Blueprint, Response, current_app, render_template
from flask.typing import ResponseReturnValue

from exchange.domain import download, groups, keepsakes, proof_page, redaction
from exchange.web import pictures
from exchange.web.forms import attempt, status
from exchange.web.forms.keepsake import KeepsakeForm
from exchange.web.guards import me, now

bp = Blueprint("log_proofs", __name__, url_prefix="/g/<slug>/log")

PIECE = 65_536


@bp.get("/<int:index>")
def entry(index: int) -> ResponseReturnValue:
    """One entry: its words, its bytes, and the way from it to the signed fingerprint."""
    page = proof_page.show(index, seen_by=me(), settings=current_app.extensions["settings"], at=now())
    steps = page.proof.steps if page.proof else []
    picture = pictures.halves(index, steps, size=page.state.size) if page.state else ""
    shown = {"steps": steps, "picture": picture, "spans": pictures.entries}
    may = page.entry is not None and redaction.possible(page.entry, seen_by=me(), at=now())
    return render_template("log/entry.html", page=page, categories=_categories(), may_take_out=may, **shown)


@bp.get("/mine")
def mine() -> ResponseReturnValue:
    """Everything with the reader in it, checked anew."""
    state = proof_page.state(seen_by=me(), settings=current_app.extensions["settings"], at=now())
    checked = proof_page.own(state, seen_by=me())
    return render_template("log/mine.html", state=state, checked=checked, categories=_categories())


@bp.route("/check", methods=["GET", "POST"])
def check() -> ResponseReturnValue:
    """Hold the log against a receipt or a signed fingerprint that somebody kept."""
    form = KeepsakeForm()
    settings = current_app.extensions["settings"]
    found = attempt(form, lambda: keepsakes.compare(form.kept, seen_by=me(), settings=settings))
    return render_template("log/check.html", form=form, found=found, categories=_categories()), status()


@bp.get("/download")
def whole() -> Response:
    """The whole log as a zip file, as the reader may see it."""
    name, file = download.packed(seen_by=me(), settings=current_app.extensions["settings"], at=now())
    answer = Response(_pieces(file), mimetype="application/zip")
    answer.content_length = file.seek(0, SEEK_END)
    file.seek(0)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece


def _categories() -> dict[str, str]:
    return {category.slug: category.name for category in groups.categories(me(), enabled=False)}
