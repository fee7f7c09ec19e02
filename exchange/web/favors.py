"""A favor and what its two sides, and sometimes an organiser, do with it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exchange.domain import corrections, disputes, favor_page, favors, groups, proofs, unasked
from exchange.domain.desk import public, reports
from exchange.domain.desk.public import TargetKind
from exchange.domain.errors import BadInput
from exchange.web.forms import attempt, choices, status, whom, words_of
from exchange.web.forms.favor import CancelForm, ThanksForm, UnaskedForm, WhyForm
from exchange.web.guards import me, now

if TYPE_CHECKING:
    from exchange.storage.favor import Favor

bp = Blueprint("favors", __name__, url_prefix="/g/<slug>/favors")


@bp.get("/<int:favor_id>")
def show(favor_id: int) -> ResponseReturnValue:
    """A favor, how far it is, and what the reader may do about it."""
    return _page(favor_id, ThanksForm(), CancelForm())


@bp.get("/<int:favor_id>/receipt")
def receipt(favor_id: int) -> Response:
    """The file with which either side can prove the entry for ever."""
    name, text = proofs.receipt(favor_id, seen_by=me(), settings=current_app.extensions["settings"], at=now())
    answer = Response(text, content_type="text/plain; charset=utf-8")
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


@bp.post("/<int:favor_id>/confirm")
def confirm(favor_id: int) -> ResponseReturnValue:
    """It happened, thank you."""
    form = ThanksForm()
    favor = attempt(form, lambda: favors.confirm(favor_id, by=me(), at=now(), thanks=form.thanks.data or ""))
    if favor is None:
        return _page(favor_id, form, CancelForm())
    session["just_thanked"] = favor_id
    flash(_("%(name)s’s help is in the log, entry %(entry)s.", name=favor.giver.name, entry=favor.entry))
    return redirect(url_for("favors.show", favor_id=favor_id))


@bp.post("/<int:favor_id>/deliver")
def deliver(favor_id: int) -> ResponseReturnValue:
    """The giver says that it happened."""
    favor = favors.deliver(favor_id, by=me(), at=now())
    flash(_("%(name)s is asked to confirm it.", name=favor.receiver.name))
    return redirect(url_for("favors.show", favor_id=favor_id))


@bp.post("/<int:favor_id>/cancel")
def cancel(favor_id: int) -> ResponseReturnValue:
    """Call off what was agreed."""
    form = CancelForm()
    favor = attempt(form, lambda: favors.cancel(favor_id, by=me(), at=now(), why=form.why.data or ""))
    if favor is None:
        return _page(favor_id, ThanksForm(), form)
    flash(_("It is called off, and the other side is told."))
    return redirect(url_for("favors.show", favor_id=favor_id))


def _page(favor_id: int, form: ThanksForm, cancel: CancelForm, why: WhyForm | None = None) -> ResponseReturnValue:
    page = favor_page.show(favor_id, seen_by=me(), at=now())
    return (
        render_template(
            "favors/show.html",
            page=page,
            form=form,
            cancel=cancel,
            why=why or WhyForm(),
            resting=public.resting({TargetKind.FAVOR, TargetKind.THANKS}, favor_id, seen_by=me(), at=now()),
            reportable=reports.of_favor(favor_id, seen_by=me()),
            just_thanked=session.pop("just_thanked", None) == favor_id,
        ),
        status(),
    )


@bp.route("/new", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    """I was helped by Ruth; I helped Ann."""
    form = UnaskedForm()
    if request.method == "GET":
        form.member.data = request.args.get("member", type=int)
    found = whom.offer(form, "member")
    form.category.choices = choices(*((category.slug, category.name) for category in groups.categories(me())))
    if found and (favor := attempt(form, lambda: _written_down(form))):
        if favor.entry is None:
            flash(_("%(name)s is asked whether it was so.", name=favor.receiver.name))
        else:
            flash(_("%(name)s’s help is in the log, entry %(entry)s.", name=favor.giver.name, entry=favor.entry))
        return redirect(url_for("favors.show", favor_id=favor.id))
    return render_template("favors/new.html", form=form), status()


def _written_down(form: UnaskedForm) -> "Favor":
    said: dict[str, Any] = words_of(form, "category", "title") | {"by": me(), "at": now()}
    if form.how.data == "helped":
        return unasked.helped(form.member.data or 0, **said)
    withheld = bool(form.withheld.data)
    return unasked.helped_by(form.member.data or 0, **said, thanks=form.thanks.data or "", withheld=withheld)


@bp.post("/<int:favor_id>/withhold")
def withhold(favor_id: int) -> ResponseReturnValue:
    """Keep both names out of what others read."""
    favors.withhold(favor_id, by=me())
    flash(_("Both names stay out of what others read."))
    return redirect(url_for("favors.show", favor_id=favor_id))


@bp.post("/<int:favor_id>/deny")
def deny(favor_id: int) -> ResponseReturnValue:
    """That did not happen."""
    unasked.deny(favor_id, by=me(), at=now())
    flash(_("Nothing of it enters the log, and the other side is told."))
    return redirect(url_for("favors.show", favor_id=favor_id))


@bp.post("/<int:favor_id>/not-me")
def not_me(favor_id: int) -> ResponseReturnValue:
    """It was somebody else who helped."""
    unasked.not_me(favor_id, by=me(), at=now())
    flash(_("The entry is void, and a correction says so."))
    return redirect(url_for("favors.show", favor_id=favor_id))


@bp.post("/<int:favor_id>/dispute")
def dispute(favor_id: int) -> ResponseReturnValue:
    """It was not like this."""
    return _with_reason(
        favor_id,
        lambda why: disputes.dispute(favor_id, by=me(), why=why, at=now()),
        _("Somebody who is close to neither of you will settle it."),
    )


@bp.post("/<int:favor_id>/settle")
def settle(favor_id: int) -> ResponseReturnValue:
    """A free organiser decides."""
    said = request.form.get("happened")
    if said not in {"0", "1"}:
        raise BadInput(_("Say whether it happened or not."))
    happened = said == "1"
    form = WhyForm()
    decide = lambda: disputes.settle(favor_id, by=me(), happened=happened, why=form.why.data or "", at=now())  # noqa: E731
    if attempt(form, decide) is None:
        return _page(favor_id, ThanksForm(), CancelForm(), form)
    flash(_("It is settled, and both sides are told."))
    return redirect(url_for("board.show"))


@bp.post("/<int:favor_id>/propose")
def propose(favor_id: int) -> ResponseReturnValue:
    """Say that an entry is wrong."""
    return _with_reason(
        favor_id,
        lambda why: corrections.propose(favor_id, by=me(), why=why, at=now()),
        _("The other side is asked to agree."),
    )


@bp.post("/<int:favor_id>/correct")
def correct(favor_id: int) -> ResponseReturnValue:
    """An organiser makes an entry void."""
    return _with_reason(
        favor_id,
        lambda why: corrections.correct(favor_id, by=me(), why=why, at=now()),
        _("The entry is void, and a correction says so."),
    )


@bp.post("/<int:favor_id>/corrections/<int:correction_id>/agree")
def agree(favor_id: int, correction_id: int) -> ResponseReturnValue:
    """The other side agrees to a correction."""
    corrections.agree(correction_id, by=me(), at=now())
    flash(_("The entry is void, and a correction says so."))
    return redirect(url_for("favors.show", favor_id=favor_id))


@bp.post("/<int:favor_id>/corrections/<int:correction_id>/refuse")
def refuse(favor_id: int, correction_id: int) -> ResponseReturnValue:
    """The other side says that the entry is right."""
    corrections.refuse(correction_id, by=me(), at=now())
    flash(_("The entry stays as it is."))
    return redirect(url_for("favors.show", favor_id=favor_id))


def _with_reason(favor_id: int, verb: Callable[[str], Any], said: str) -> ResponseReturnValue:
    form = WhyForm()
    if attempt(form, lambda: verb(form.why.data or "")) is None:
        return _page(favor_id, ThanksForm(), CancelForm(), form)
    flash(said)
    return redirect(url_for("favors.show", favor_id=favor_id))
