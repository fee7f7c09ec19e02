"""Privacy, imprint and retention: open to everybody, written by the site's administrator."""

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import TextAreaField

from exchange.domain import texts
from exchange.domain.desk import site
from exchange.domain.texts import TextKind
from exchange.web.forms import attempt, status
from exchange.web.guards import now, somebody

bp = Blueprint("texts", __name__)

TITLES = {
    TextKind.PRIVACY: _("Privacy"),
    TextKind.IMPRINT: _("Who runs this site"),
    TextKind.RETENTION: _("What is kept, and for how long"),
}


class TextForm(FlaskForm):  # type: ignore[misc]
    """The words of one page."""

    text = TextAreaField(_("The text"))


def usual(kind: TextKind) -> str:
    """The words that stand there until the operator writes others."""
    settings = current_app.extensions["settings"]
    return render_template(f"texts/{kind}.txt", host=settings.host, address=settings.letters_from).strip()


def _page(kind: TextKind) -> ResponseReturnValue:
    own = texts.own(kind)
    words = own.text if own else usual(kind)
    return render_template("texts/show.html", title=TITLES[kind], words=words, own=own, kind=kind, titles=TITLES)


@bp.get("/privacy")
def privacy() -> ResponseReturnValue:
    """What is held, and who sees what."""
    return _page(TextKind.PRIVACY)


@bp.get("/imprint")
def imprint() -> ResponseReturnValue:
    """Who runs the site."""
    return _page(TextKind.IMPRINT)


@bp.get("/retention")
def retention() -> ResponseReturnValue:
    """How long things are kept."""
    return _page(TextKind.RETENTION)


@bp.get("/admin/texts")
def all() -> ResponseReturnValue:  # noqa: A001 (the endpoint reads texts.all)
    """The texts, and which of them are the operator's own."""
    site.administering(somebody())
    return render_template("texts/all.html", titles=TITLES, own={kind: texts.own(kind) for kind in TextKind})


@bp.route("/admin/texts/<word>", methods=["GET", "POST"])
def change(word: str) -> ResponseReturnValue:
    """Write one anew."""
    site.administering(somebody())
    kind = texts.kind_of(word)
    own = texts.own(kind)
    form = TextForm(text=own.text if own else usual(kind))
    if attempt(form, lambda: _changed(kind, form)):
        flash(gettext("Kept. This is what everybody reads from now on; leave it empty to go back to the usual words."))
        return redirect(url_for(f"texts.{kind}"))
    said: dict[str, Any] = {"form": form, "kind": kind, "title": TITLES[kind], "own": own}
    return render_template("texts/change.html", **said), status()


def _changed(kind: TextKind, form: TextForm) -> bool:
    texts.change(kind, form.text.data or "", usual=usual(kind), by=somebody(), at=now())
    return True
