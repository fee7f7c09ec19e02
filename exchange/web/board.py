"""The board: the first screen."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exchange.domain import board as boards
from exchange.domain import groups, listing, suggestions
from exchange.domain.listed import ORDERS, Wanted
from exchange.domain.listing import STATES
from exchange.domain.posts import PostKind
from exchange.domain.waiting import waiting
from exchange.web import narrowing
from exchange.web.forms import choices
from exchange.web.forms.post import BoardFilter
from exchange.web.guards import me, now
from exchange.web.language import zone

if TYPE_CHECKING:
    from exchange.storage.group import Category
    from exchange.storage.search import Query

bp = Blueprint("board", __name__, url_prefix="/g/<slug>")

FILTERS = ("kind", "category", "state", "since", "until", "place", "sort")
USUAL = {"state": "open", "sort": "closing"}


@bp.get("/")
def show() -> ResponseReturnValue:
    """What waits for me, what I could give, what I would love, and everything."""
    if (shorter := narrowing.tidy((*FILTERS, "page"), anchor="all", **USUAL)) is not None:
        return shorter
    every = groups.categories(me())
    kept = narrowing.said(FILTERS, **USUAL)
    filtered = bool(kept.keys() - {"sort"})
    page = narrowing.number("page") or 1
    fitting = suggestions.fitting(seen_by=me(), at=now())
    shown = listing.board(seen_by=me(), at=now(), wanted=wanted(every), page=page, beside=suggestions.keys(fitting))
    empty = not shown.posts and not filtered
    needs, offers = suggestions.shown(fitting, shown.beside)
    waits = waiting(seen_by=me(), at=now())
    return render_template(
        "board/show.html",
        board=shown,
        waiting=waits,
        needs=needs,
        offers=offers,
        form=filter_form(every),
        kept=kept,
        filtered=filtered,
        first_visit=empty and not boards.any_ever(seen_by=me()),
        greeting=_greeting(),
        elects=waits.elects,
    )


def filter_form(every: "Sequence[Category]", **usual: str) -> BoardFilter:
    """The filters as the address says them."""
    form = BoardFilter(request.args)
    form.category.choices = choices(("", _("All categories")), *((category.slug, category.name) for category in every))
    form.state.data = form.state.data if form.state.data in STATES else usual.get("state", USUAL["state"])
    form.sort.data = form.sort.data if form.sort.data in ORDERS else usual.get("sort", USUAL["sort"])
    return form


def wanted(every: "Sequence[Category]", words: "Query" = (), **usual: str) -> Wanted:
    """The same for the rules. What nobody could choose is not heard."""
    kind, category, state, sort = (request.args.get(name, "") for name in ("kind", "category", "state", "sort"))
    return Wanted(
        kind=PostKind(kind) if kind in set(PostKind) else None,
        category=category if category in {one.slug for one in every} else "",
        state=state if state in STATES else usual.get("state", USUAL["state"]),
        since=narrowing.beginning_of("since"),
        until=narrowing.beginning_of("until", days=1),
        place=narrowing.said(("place",)).get("place", ""),
        words=words,
        sort=sort if sort in ORDERS else usual.get("sort", USUAL["sort"]),
    )


def _greeting() -> str:
    hour = now().astimezone(zone()).hour
    name = me().name.split()[0] if me().name.split() else me().name
    if 4 <= hour < 12:
        return str(_("Good morning, %(name)s", name=name))
    if 12 <= hour < 18:
        return str(_("Good afternoon, %(name)s", name=name))
    return str(_("Good evening, %(name)s", name=name))
