"""The weekly letter as its readers meet it: what they wish of it, ending it, and an address that it comes back from."""

from typing import Any

from flask import Blueprint, Flask, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import refresh

from exchange.digest import suppression, unsubscribe, wishes
from exchange.domain import groups
from exchange.web.forms.digest import WishesForm, whole
from exchange.web.guards import me, now, person, somebody

bp = Blueprint("weekly", __name__)


def init_app(app: Flask) -> None:
    """Let mail programs end the letter by a POST of their own (RFC 8058): they have no cookie and no form of ours."""
    app.extensions["csrf"].exempt(stop)


@bp.app_context_processor
def _banner() -> dict[str, Any]:
    return {"letters_come_back": _letters_come_back}


def _letters_come_back() -> bool:
    """Whether letters do not go to the reader's address any more."""
    reader = person()
    if reader is not None and "known" in g:
        return bool(g.known.letters_come_back)
    return reader is not None and suppression.since(reader) is not None


def form() -> WishesForm:
    """What the reader wishes now, as a form."""
    wish = wishes.own(somebody(), at=now())
    plan = wish.plan
    made = WishesForm(
        rhythm=plan.rhythm.value, weekday=plan.weekday, hour=plan.hour, zone=plan.zone, language=wish.language, pause=""
    )
    made.offer_pauses(wish.paused_until)
    return made


def parts() -> list[wishes.Part]:
    """The reader's groups, and what they wish of each."""
    return wishes.own(somebody(), at=now()).parts


def choose(typed: WishesForm) -> bool:
    """Keep what the reader has typed. Raises BadInput."""
    others = {part.membership.id for part in parts() if part.previewed and part.membership.id != me().id}
    wishes.choose(
        somebody().id,
        rhythm=typed.rhythm.data or "",
        weekday=typed.weekday.data,
        hour=typed.hour.data,
        zone=typed.zone.data or "",
        language=typed.language.data or "",
        pause=None if typed.pause.data in {"", None} else whole(typed.pause.data),
        on={part.membership.id for part in parts() if part.membership.group.slug in request.form.getlist("on")},
        previewed=others | ({me().id} if "previewed" in request.form else set()),
        at=now(),
    )
    refresh()  # the answer is in the language that was just chosen
    return True


@bp.get("/me/letters")
def own() -> ResponseReturnValue:
    """Where the reader chooses their letters, for pages that know no group; home for who is in none."""
    mine = groups.of(somebody())
    return redirect(url_for("membership.letters", slug=mine[0].group.slug) if mine else url_for("front.home"))


@bp.post("/me/letters/try-again")
def try_again() -> ResponseReturnValue:
    """The reader says that their address works."""
    suppression.try_again(somebody().id)
    flash(_("Letters go to %(address)s again. If one comes back, we tell you here.", address=somebody().email))
    return redirect(url_for("front.home"))


@bp.route("/letters/stop/<token>", methods=["GET", "POST"])
def stop(token: str) -> ResponseReturnValue:
    """End the letter without signing in. Opening the page changes nothing, nor does asking for its head alone, as
    programs do that look where links lead; a POST does, also one by a mail program.
    """
    found = unsubscribe.read(current_app.extensions["settings"], token, at=now())
    if found is None:
        return render_template("weekly/no_link.html"), 404
    if request.method != "POST":
        return render_template("weekly/stop.html")
    if "again" in request.form:
        wishes.start(found.person_id, at=now(), before=request.form["again"])
        return render_template("weekly/started.html")
    return render_template("weekly/stopped.html", before=wishes.stop(found.person_id, at=now()))
