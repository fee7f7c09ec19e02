"""The page behind a signed link in a letter: it shows what will happen, with one button. Opening it changes nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Blueprint, current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from exchange.domain import corrections, deleted, favors, lookup, posts, responses, unasked
from exchange.domain.errors import Gone, NotFound
from exchange.mail import links
from exchange.web.forms import attempt, status
from exchange.web.forms.favor import ThanksForm
from exchange.web.guards import now

if TYPE_CHECKING:
    from exchange.storage.membership import Membership

bp = Blueprint("act", __name__)


@dataclass(frozen=True)
class Deed:
    """One thing that a letter lets its reader do: what the page says, what the button says, and what was done."""

    title: Any
    sentence: Any
    button: Any
    done: Any
    do: Callable[..., Any]
    page: str


DEEDS = {
    "confirm": Deed(
        lazy_gettext("Did %(other)s help you?"),
        lazy_gettext("With one click it stands in the log, for everybody in the group to read."),
        lazy_gettext("It happened, thank you"),
        lazy_gettext("It is in the log. Thank you for saying so."),
        favors.confirm,
        "favors",
    ),
    "deliver": Deed(
        lazy_gettext("Have you helped %(other)s?"),
        lazy_gettext("With one click you say so, and %(other)s is asked to confirm it."),
        lazy_gettext("It happened"),
        lazy_gettext("You have said so. %(other)s is asked to confirm it."),
        favors.deliver,
        "favors",
    ),
    "not_me": Deed(
        lazy_gettext("Was it you who helped %(other)s?"),
        lazy_gettext("If not, one click makes the entry void. Both stand in the log: the entry and its correction."),
        lazy_gettext("That was not me"),
        lazy_gettext("The entry is void, and a correction says so."),
        unasked.not_me,
        "favors",
    ),
    "accept_place": Deed(
        lazy_gettext("A place is free for you"),
        lazy_gettext("With one click it is yours, and you and %(other)s see how to reach each other."),
        lazy_gettext("I take the place"),
        lazy_gettext("The place is yours. A letter tells you how to reach %(other)s."),
        responses.accept_place,
        "posts",
    ),
    "pass_place": Deed(
        lazy_gettext("You would rather not have the place?"),
        lazy_gettext("With one click it goes to the next who stands by."),
        lazy_gettext("Let it go to the next"),
        lazy_gettext("Thank you for saying so. The next is asked."),
        responses.pass_place,
        "posts",
    ),
    "extend": Deed(
        lazy_gettext("Nobody has answered yet"),
        lazy_gettext("With one click your post stays open for another week."),
        lazy_gettext("Give it another week"),
        lazy_gettext("It stays on the board for another week."),
        posts.extend,
        "posts",
    ),
    "agree_correction": Deed(
        lazy_gettext("%(other)s proposes a correction"),
        lazy_gettext("If you agree, the entry is void. Both stand in the log: the entry and its correction."),
        lazy_gettext("I agree"),
        lazy_gettext("The entry is void, and a correction says so."),
        corrections.agree,
        "favors",
    ),
}


@bp.route("/do/<token>", methods=["GET", "POST"])
def show(token: str) -> ResponseReturnValue:
    """What will happen, and the button that does it."""
    act, member = _opened(token)
    deed = DEEDS[act.verb]
    about = lookup.about(act.verb, act.row, seen_by=member)
    words = {"other": about.other}
    sentence = deed.sentence
    if act.verb == "confirm" and about.withheld:
        sentence = _("With one click it stands in the log, and both names stay out of what others read.")
    link = current_app.extensions["settings"].base_url + f"/g/{member.group.slug}/{deed.page}/{about.page_id}"
    form = ThanksForm() if act.verb == "confirm" else None
    if request.method == "POST":
        more = {"thanks": form.thanks.data or ""} if form else {}
        done = (
            attempt(form, lambda: deed.do(act.row, by=member, at=now(), **more))
            if form
            else deed.do(act.row, by=member, at=now())
        )
        if done is not None:
            return render_template("act/done.html", title=_("Done"), sentence=str(deed.done) % words, link=link)
    return (
        render_template(
            "act/show.html",
            title=str(deed.title) % words,
            sentence=str(sentence) % words,
            withheld=about.withheld,
            text=about.text,
            button=deed.button if lookup.possible(act.verb, act.row, seen_by=member, at=now()) else None,
            why_not=None,
            link=link,
            form=form,
        ),
        status(),
    )


def _opened(token: str) -> tuple[links.Act, "Membership"]:
    """The act and the member whom the link is for. Raises NotFound or Gone."""
    try:
        act = links.read(current_app.extensions["settings"], token, at=now())
    except links.Expired:
        raise Gone(_("This link was good for 60 days. Sign in to see what became of it.")) from None
    except ValueError:
        raise NotFound(_("This link does not work. Check that the whole address was copied.")) from None
    deleted.links_ended(act.member, act.written_at)
    member = lookup.member(act.member)
    if member.ended_at is not None and act.written_at <= member.ended_at:
        raise Gone(_("This link ended with your membership at that time. Sign in to see what became of it."))
    g.reader = member.person
    return act, member
