"""Posting, answering, choosing."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exchange.domain import board as boards
from exchange.domain import groups, members, posts, responses, ties
from exchange.domain.desk import public, settings
from exchange.domain.desk.public import TargetKind
from exchange.domain.errors import BadInput
from exchange.domain.posts import PostKind
from exchange.web.filters import from_local
from exchange.web.forms import attempt, choices, status, whom, words_of
from exchange.web.forms.post import AnswerForm, ChooseForm, PostForm
from exchange.web.guards import me, now
from exchange.web.language import zone

if TYPE_CHECKING:
    from exchange.storage.post import Post

bp = Blueprint("posts", __name__, url_prefix="/g/<slug>/posts")

USUALLY_OPEN = timedelta(days=7)


@bp.route("/new", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    """The form on one screen, with defaults that usually fit."""
    form = PostForm(closes_at=_in_a_week())
    form.category.choices = choices(*((category.slug, category.name) for category in groups.categories(me())))
    found = whom.offer(form, "hidden_from")
    form.offer_ways(settings.settled(seen_by=me()).allocation)
    if request.method == "GET":
        _begin_with(form)
    if found and (made := attempt(form, lambda: _posted(form))):
        flash(_("An organiser reads it first.") if made.state == "held" else _("It stands on the board."))
        return redirect(url_for("posts.show", post_id=made.id))
    referral = any(category.kind == "referral" for category in groups.categories(me()))
    return render_template("posts/new.html", form=form, referral=referral), status()


def _posted(form: PostForm) -> "Post":
    closes_at = from_local(form.closes_at.data)
    if closes_at is None:
        raise BadInput(_("Say until when answers are welcome."), field="closes_at")
    return posts.post(
        by=me(),
        kind=PostKind(form.kind.data),
        **words_of(form, "category", "title", "text", "place"),
        slots=form.slots.data or 0,
        rule=form.way(),
        closes_at=closes_at,
        event_at=from_local(form.event_at.data),
        hidden_from_firm=bool(form.hidden_from_firm.data),
        hidden_from=form.hidden_from.data or (),
        at=now(),
    )


def _in_a_week() -> datetime:
    return (now() + USUALLY_OPEN).astimezone(zone()).replace(hour=18, minute=0, tzinfo=None)


def _begin_with(form: PostForm) -> None:
    """A link may choose what the form begins with: kind, category and title."""
    for name in ("kind", "category", "title"):
        if value := request.args.get(name):
            form[name].data = value[:120]
    if form.kind.data not in set(PostKind):
        form.kind.data = PostKind.OFFER.value


@bp.get("/<int:post_id>")
def show(post_id: int) -> ResponseReturnValue:
    """A post, and what the reader may do about it."""
    return _page(post_id, AnswerForm())


@bp.post("/<int:post_id>/answer")
def answer(post_id: int) -> ResponseReturnValue:
    """Help, or ask for it. Where the first gets it, the place is theirs at once."""
    form = AnswerForm()
    given = attempt(form, lambda: responses.answer(post_id, by=me(), text=form.text.data or "", at=now()))
    if given is None:
        return _page(post_id, form)
    if favor := responses.favor_of(given):
        flash(_("The place is yours. You both have each other’s contact line now."))
        return redirect(url_for("favors.show", favor_id=favor.id))
    flash(_("Your answer is with %(name)s, who hears of it by e-mail.", name=given.post.author.name))
    return redirect(url_for("posts.show", post_id=post_id))


@bp.post("/<int:post_id>/take-back")
def take_back(post_id: int) -> ResponseReturnValue:
    """Withdraw an answer that still waits."""
    responses.take_back(post_id, by=me(), at=now())
    flash(_("Your answer is taken back. You may answer again."))
    return redirect(url_for("posts.show", post_id=post_id))


@bp.post("/<int:post_id>/choose")
def choose(post_id: int) -> ResponseReturnValue:
    """The author gives a place to one of those who answered."""
    form = ChooseForm()
    if not form.validate_on_submit() or form.response.data is None:
        raise BadInput(_("Choose one of the answers first."))
    kept = "decline" if form.others.data == "decline" else "standby"
    favor = responses.accept(post_id, form.response.data, by=me(), at=now(), others=kept)
    flash(_("It is agreed. You both have each other’s contact line now."))
    return redirect(url_for("favors.show", favor_id=favor.id))


@bp.post("/<int:post_id>/stand-by")
def stand_by(post_id: int) -> ResponseReturnValue:
    """Wait for a place that becomes free."""
    form = AnswerForm()
    waits = lambda: responses.answer(post_id, by=me(), text=form.text.data or "", at=now(), standing_by=True)  # noqa: E731
    if (given := attempt(form, waits)) is None:
        return _page(post_id, form)
    if favor := responses.favor_of(given):
        flash(_("A place was free again, and it is yours."))
        return redirect(url_for("favors.show", favor_id=favor.id))
    flash(_("You stand by. If somebody drops out, you hear of it by e-mail."))
    return redirect(url_for("posts.show", post_id=post_id))


@bp.post("/<int:post_id>/places/<int:response_id>/accept")
def accept_place(post_id: int, response_id: int) -> ResponseReturnValue:  # noqa: ARG001 (part of the address)
    """Take the place that was offered."""
    favor = responses.accept_place(response_id, by=me(), at=now())
    flash(_("The place is yours. You both have each other’s contact line now."))
    return redirect(url_for("favors.show", favor_id=favor.id))


@bp.post("/<int:post_id>/places/<int:response_id>/pass")
def pass_place(post_id: int, response_id: int) -> ResponseReturnValue:
    """Let the place go to the next."""
    responses.pass_place(response_id, by=me(), at=now())
    flash(_("Thank you for saying so. The next is asked."))
    return redirect(url_for("posts.show", post_id=post_id))


@bp.post("/<int:post_id>/extend")
def extend(post_id: int) -> ResponseReturnValue:
    """Another week."""
    posts.extend(post_id, by=me(), at=now())
    flash(_("It stays on the board for another week."))
    return redirect(url_for("posts.show", post_id=post_id))


@bp.post("/<int:post_id>/withdraw")
def withdraw(post_id: int) -> ResponseReturnValue:
    """The author takes the post off the board."""
    posts.withdraw(post_id, by=me(), at=now())
    flash(_("It is off the board. Whoever waited for an answer is told."))
    return redirect(url_for("posts.show", post_id=post_id))


def _page(post_id: int, form: AnswerForm) -> ResponseReturnValue:
    page = boards.show(post_id, seen_by=me(), at=now())
    answer = page.mine.id if page.mine else 0
    shown = {page.post.author_id, *(answer.member_id for answer in page.answers)}
    return (
        render_template(
            "posts/show.html",
            page=page,
            years=members.years(sorted(shown), at=now()),
            ties=ties.tied_to(me(), shown),
            resting=public.resting({TargetKind.ANSWER}, answer, seen_by=me(), at=now()) if answer else None,
            decided=public.about_post(post_id, seen_by=me(), at=now()) if page.post.state == "hidden" else None,
            form=form,
            choose=ChooseForm(),
        ),
        status(),
    )
