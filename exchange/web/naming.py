"""Members, signs and moments as pages write them, hundreds of times on one: what macros would do with more steps."""

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, cast

from flask import Flask, g
from markupsafe import Markup, escape

from exchange.sentences import N_, said_in
from exchange.web import filters
from exchange.web.language import spoken
from exchange.web.rendering import address
from exchange.web.rendering import gettext as _

if TYPE_CHECKING:
    from exchange.domain.directory import Listed
    from exchange.domain.listing import Author
    from exchange.log.shown import Side
    from exchange.storage.membership import Membership

WITH_A_PAGE = frozenset({"active", "suspended", "left"})


def init_app(app: Flask) -> None:
    """Make them known to the macros of parts/people.html, parts/signs.html and parts/times.html."""
    app.jinja_env.globals |= {
        "member_link": link,
        "icon_of": icon,
        "kind_of": kind,
        "member_name": name,
        "member_first": first,
        "member_with_firm": with_firm,
        "slug_of": slug_of,
        "time_closes": closes,
        "time_day": day,
    }


def link(member: "Membership | Side", within: bool = False) -> Markup:
    """A member's name that leads to their page; `within` the middle of a sentence."""
    if member.erased_by_entry is not None or member.state not in WITH_A_PAGE:
        return name(member, within)
    href = address("members.show", slug=slug_of(member), number=member.number)
    return Markup(f'<a class="who" href="{escape(href)}"><bdi>{escape(member.name)}</bdi></a>')  # noqa: S704 (escaped)


def name(member: "Membership | Side | Author | Listed", within: bool = False) -> Markup:
    """A member's name. Whoever was forgotten has none."""
    if member.erased_by_entry is not None:
        return escape(_("a former member") if within else _("A former member"))
    return _bdi(member.name)


def first(member: "Membership | Side") -> Markup:
    """What somebody is called: "Dr. Ruth Adeyemi" is "Dr. Ruth", not "Dr." """
    if member.erased_by_entry is not None:
        return name(member, within=True)
    words = member.name.split()
    return _bdi(" ".join(words[:2]) if words[0].endswith(".") else words[0])


def with_firm(member: "Membership | Author") -> Markup:
    """A member's name and firm."""
    if not member.firm:
        return name(member)
    both = {"name": name(member), "firm": _bdi(member.firm)}
    return Markup(_("%(name)s, %(firm)s") % both)  # noqa: S704 (translators, and what is escaped)


def slug_of(member: "Membership | Side") -> str:
    """The slug of a member's group. That of the page, nearly always: its name has not to be looked for then, and the
    sides of an entry stand on no other page.
    """
    reader: Membership | None = g.get("me")
    if reader is None or reader.group_id != member.group_id:
        return cast("Membership", member).group.slug
    return reader.group.slug


@lru_cache(maxsize=64)
def icon(name: str, cls: str = "i") -> Markup:
    """One of the signs that `symbols` of parts/signs.html draws."""
    said = f' class="{escape(cls)}{" half" if name in ("need", "offer") else ""}"' if cls else ""
    return Markup(f'<svg{said} aria-hidden="true"><use href="#{escape(name)}"/></svg>')  # noqa: S704 (escaped)


def kind(what: str, category: str) -> Markup:
    """The sign of a need, an offer or a favor, its name, and the category."""
    return Markup(f"{_sign(what, spoken())}<bdi>{escape(category)}</bdi></p>")  # noqa: S704 (escaped)


@lru_cache(maxsize=64)
def _sign(what: str, language: str) -> str:
    said = {"need": N_("Need"), "offer": N_("Offer")}.get(what, N_("Favor"))
    return f'<p class="kind">{icon(what)}<b>{escape(said_in(language).gettext(said))}</b>'


def closes(value: date) -> Markup:
    """A moment that is near."""
    return _time(value, filters.closes(value))  # type: ignore[arg-type]


def day(value: date) -> Markup:
    """A day."""
    return _time(value, filters.day(value))


def _time(value: date, said: str) -> Markup:
    return Markup(f'<time datetime="{filters.iso(value)}">{escape(said)}</time>')  # noqa: S704 (escaped)


def _bdi(text: str) -> Markup:
    return Markup(f"<bdi>{escape(text)}</bdi>")  # noqa: S704 (escaped)
