"""Searching the group: posts, people and the log."""

from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from exchange.domain import directory, finding, groups, listing, search
from exchange.domain.finding import Asked
from exchange.web import narrowing
from exchange.web.board import FILTERS, USUAL, filter_form, wanted
from exchange.web.guards import me, now

if TYPE_CHECKING:
    from exchange.storage.group import Category

bp = Blueprint("search", __name__, url_prefix="/g/<slug>/search")

SORTS = ("posts", "people", "log")
NAMES = ("q", "in", *FILTERS, "page", "after", "before")
AS_USUAL = USUAL | {"state": "all", "sort": "newest"}


@bp.get("")
def show() -> ResponseReturnValue:
    """What is found, and for nothing what to try."""
    if (shorter := narrowing.tidy(NAMES, **AS_USUAL)) is not None:
        return shorter
    typed = narrowing.said(("q",)).get("q", "")
    every = groups.categories(me(), enabled=False)
    asked = finding.ask(typed, seen_by=me(), categories=every)
    inside = request.args.get("in", "") if request.args.get("in") in SORTS else ""
    page = {
        "typed": typed,
        "asked": asked,
        "inside": inside,
        "categories": {category.slug: category.name for category in every},
        "found": search.overview(asked, seen_by=me(), at=now(), counts_only=bool(inside)),
    }
    return render_template("search/show.html", **page, **_inside(inside, asked, every))


def _inside(sort: str, asked: Asked, every: "list[Category]") -> dict[str, object]:
    """One sort alone, page by page."""
    if not asked or not sort:
        return {}
    if sort == "posts":
        chosen = wanted(every, asked.things, state="all", sort="newest")
        board = listing.board(seen_by=me(), at=now(), wanted=chosen, page=narrowing.number("page") or 1)
        return {"board": board, "form": filter_form(every, state="all", sort="newest"), "kept": _kept()}
    if sort == "people":
        after, before = narrowing.number("after"), narrowing.number("before")
        typed = {"q": " ".join(asked.words)}
        return {"people": directory.directory(seen_by=me(), wanted=typed, after=after, before=before)}
    entries, older = search.entries(asked, seen_by=me(), before=narrowing.number("before"))
    return {"entries": entries, "older": older}


def _kept() -> dict[str, str]:
    return narrowing.said(("q", "in", *FILTERS), **AS_USUAL)
