"""Privacy, imprint and retention: the words of whoever runs the site, read by everybody."""

from datetime import datetime

from flask_babel import lazy_gettext as _

from exchange.domain import words
from exchange.domain.desk import site
from exchange.domain.errors import NotFound
from exchange.storage.db import db, transaction
from exchange.storage.person import Person
from exchange.storage.site_text import SiteText
from exchange.storage.site_text import TextKind as TextKind

LONGEST = 20_000


def kind_of(word: str) -> TextKind:
    """The page with this word in its address. Raises NotFound."""
    if word not in set(TextKind):
        raise NotFound(_("There is no such page."))
    return TextKind(word)


def own(kind: TextKind) -> SiteText | None:
    """The operator's own words, if they wrote any; otherwise the usual ones stand on the page."""
    return db.session.get(SiteText, kind)


def change(kind: TextKind, text: str, *, usual: str, by: Person, at: datetime) -> None:
    """The administrator writes a text anew; an empty one, or the usual one, goes back to the usual words.

    Raises NotFound for anybody but the administrator, BadInput for a text that is too long.
    """
    site.administering(by)
    text = words.text(text, field="text", name=_("The text"), most=LONGEST)
    with transaction() as session:
        kept = session.get(SiteText, kind)
        if kept is not None:
            session.delete(kept)
            session.flush()
        if text and text != words.text(usual, field="text", name=_("The text"), most=LONGEST):
            session.add(SiteText(kind=kind, text=text, changed_at=at))
