"""The weekly letter from the organisers' side: a note, previews, what became of each run, and sending one again."""

from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exchange.digest import copies, notes, report, upcoming
from exchange.digest.skips import SENTENCES
from exchange.domain import invitations
from exchange.web.as_it_looks import linked
from exchange.web.forms import attempt, status
from exchange.web.forms.digest import NoteForm, whole
from exchange.web.guards import me, now

if TYPE_CHECKING:
    from exchange.mail.parcel import Parcel

bp = Blueprint("weekly_desk", __name__, url_prefix="/g/<slug>/weekly")


@bp.route("", methods=["GET", "POST"])
def show() -> ResponseReturnValue:
    """The note to come, previews, and the latest runs."""
    note = notes.to_come(seen_by=me())
    form = NoteForm(text=note.text if note else "")
    if attempt(form, lambda: (notes.write(form.text.data or "", by=me(), at=now()),)):
        flash(_("Kept. It stands at the top of the next letter."))
        return redirect(url_for("weekly_desk.show"))
    return render_template(
        "weekly/desk.html",
        form=form,
        note=note,
        runs=report.runs(seen_by=me()),
        sentences=SENTENCES,
        consenting=upcoming.consenting(seen_by=me()),
    ), status()


@bp.get("/preview")
def preview() -> ResponseReturnValue:
    """The next letter, the reader's own or that of a member who lets organisers look."""
    number = _asked()
    parcel = _message(number)
    message = parcel.read() if parcel else None
    body = message.get_body(("plain",)) if message else None
    return render_template(
        "weekly/preview.html",
        subject=str(message["Subject"]) if message else "",
        text=body.get_content() if body else "",
        number=number,
        member=report.member_of(number, me()),
    )


@bp.get("/preview/letter")
def preview_page() -> ResponseReturnValue:
    """The same as a mail program shows it."""
    message = _message(_asked())
    body = message.read().get_body(("html",)) if message else None
    if body is None:
        return redirect(url_for("weekly_desk.preview", member=_asked()))
    return linked(body.get_content(), url_for("weekly_desk.sheet"))


@bp.get("/letter.css")
def sheet() -> ResponseReturnValue:
    """How the letter looks, in the light and in the dark."""
    invitations.organising(me())
    sheets = (render_template(f"mail/digest/{name}.css") for name in ("style", "dark"))
    return Response("\n".join(sheets), mimetype="text/css")


@bp.get("/preview.eml")
def preview_file() -> ResponseReturnValue:
    """The same as a file that a mail program opens."""
    message = _message(_asked())
    if message is None:
        return redirect(url_for("weekly_desk.preview", member=_asked()))
    return Response(
        message.as_bytes(),
        mimetype="message/rfc822",
        headers={"Content-Disposition": 'attachment; filename="next-letter.eml"'},
    )


@bp.get("/members/<int:number>")
def member(number: int) -> ResponseReturnValue:
    """What became of the latest letters to one member."""
    whose, letters = report.letters(number, seen_by=me())
    again = copies.can_be_sent_again(number, seen_by=me(), at=now())
    return render_template("weekly/member.html", member=whose, letters=letters, again=again)


@bp.post("/members/<int:number>/again")
def again(number: int) -> ResponseReturnValue:
    """Send a member the latest letter again."""
    copies.send_again(number, by=me(), at=now())
    flash(_("It goes out within a minute, if nothing speaks against it."))
    return redirect(url_for("weekly_desk.member", number=number))


def _asked() -> int:
    number = whole(request.args.get("member", ""))
    return me().number if number < 0 else number


def _message(number: int) -> "Parcel | None":
    settings = current_app.extensions["settings"]
    return upcoming.preview_for(number, seen_by=me(), at=now(), settings=settings)
