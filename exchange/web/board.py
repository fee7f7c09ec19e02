"""The board: the first screen."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exchange.domain import board as boards
from exchange.domain import groups
from exchange.domain.desk import election
from exchange.domain.posts import PostKind
from exchange.domain.suggestions import suggestions
from exchange.domain.waiting import waiting
from exchange.web.forms import choices
from exchange.web.forms.post import BoardFilter
from exchange.web.guards import me, now
from exchange.web.language import zone

bp = Blueprint("board", __name__, url_prefix="/g/<slug>")


@bp.get("/")
def show() -> ResponseReturnValue:
    """What waits for me, what I could give, what I would love, and everything."""
    form = BoardFilter(request.args)
    every = ((category.slug, category.name) for category in groups.categories(me()))
    form.category.choices = choices(("", _("All categories")), *every)
    kind = PostKind(form.kind.data) if form.kind.data in set(PostKind) else None
    category = form.category.data or ""
    page = request.args.get("page", 1, type=int)
    everything = boards.board(seen_by=me(), at=now())
    filtered = bool(kind or category)
    shown = everything
    if filtered or page > 1:
        shown = boards.board(seen_by=me(), at=now(), kind=kind, category=category, page=page)
    needs, offers = suggestions(seen_by=me(), at=now())
    return render_template(
        "board/show.html",
        board=shown,
        waiting=waiting(seen_by=me(), at=now()),
        needs=needs,
        offers=offers,
        form=form,
        filtered=filtered,
        first_visit=not everything.posts and not boards.any_ever(seen_by=me()),
        greeting=_greeting(),
        elects=election.possible(seen_by=me(), at=now()),
    )


def _greeting() -> str:
    hour = now().astimezone(zone()).hour
    name = me().name.split()[0] if me().name.split() else me().name
    if 4 <= hour < 12:
        return str(_("Good morning, %(name)s", name=name))
    if 12 <= hour < 18:
        return str(_("Good afternoon, %(name)s", name=name))
    return str(_("Good evening, %(name)s", name=name))
