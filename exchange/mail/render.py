"""Letters of the outbox as an e-mail, in their reader's language and zone."""

import hashlib
import textwrap
from collections.abc import Sequence
from datetime import UTC
from email.message import EmailMessage
from email.utils import format_datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import css_inline
from flask import current_app
from flask_babel import force_locale
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from exchange.config import Settings
from exchange.mail.facts import common, locale_of, own
from exchange.mail.headers import POLICY, mailbox, one_line
from exchange.mail.kinds import SEVERAL
from exchange.mail.receipts import Receipt, receipt_of
from exchange.storage.letter import Letter

HOUSE = "Exchange"
WIDTH = 72
FIRST_OF_SEVERAL = 150  # characters of a subject that leave room for "and 2 more"
_inliner = css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=False)


def render(first: Letter, *more: Letter, settings: Settings) -> EmailMessage:
    """The whole e-mail, of one letter or of several small ones to one reader.

    The same letters give the same words under the same headers whenever they are asked for. The receipts that they
    carry are made anew at the newest checkpoint.

    Raises:
        exchange.mail.headers.CannotBeAddressed: the address cannot stand in a header.
        jinja2.TemplateError: a letter has no template, or its facts lack something.
    """
    locale = locale_of(first)
    kind = SEVERAL if more else first.kind
    with force_locale(str(locale)):
        facts = common(first, locale, settings)
        things = [(each, receipt_of(each, settings)) for each in (first, *more)]
        said = _several(things, facts, settings) if more else own(first, settings) | {"receipt": things[0][1]}
        facts = said | facts
        subject, text, html = (_filled(kind, part, facts) for part in ("subject.txt", "body.txt", "body.html"))
    message = EmailMessage(policy=POLICY)
    _address(message, first, more, settings)
    message["X-Exchange-Letter"] = kind
    if first.group:
        message["List-Id"] = f"<{first.group.slug}.{host_of(settings)}>"
    message["Subject"] = one_line(subject)
    message.set_content(text.strip("\n") + "\n", cte="quoted-printable")
    message.add_alternative(_inliner.inline(html), subtype="html", cte="quoted-printable")
    for _letter, receipt in things:
        if receipt:
            receipt.attach(message)
    return message


def _several(
    things: Sequence[tuple[Letter, Receipt | None]], facts: dict[str, Any], settings: Settings
) -> dict[str, Any]:
    """Several small letters as sections of one."""
    return {"things": [_thing(letter, receipt, facts, settings) for letter, receipt in things]}


def _thing(letter: Letter, receipt: Receipt | None, facts: dict[str, Any], settings: Settings) -> dict[str, str]:
    """One of several: the letter's own words, as a section."""
    own_facts = own(letter, settings) | {"receipt": receipt}
    facts = own_facts | facts | {"layout": "mail/section", "written_at": letter.created_at}
    return {
        "subject": one_line(_filled(letter.kind, "subject.txt", facts), most=FIRST_OF_SEVERAL),
        "text": _filled(letter.kind, "body.txt", facts).strip("\n"),
        "html": Markup(_filled(letter.kind, "body.html", facts)),  # noqa: S704 (a template of ours has escaped it)
    }


def _address(message: EmailMessage, first: Letter, more: tuple[Letter, ...], settings: Settings) -> None:
    message["From"] = mailbox(first.group.name if first.group else HOUSE, settings.letters_from)
    message["To"] = mailbox(first.person.name if first.person else "", first.email)
    message["Date"] = format_datetime(first.created_at.astimezone(UTC))
    message["Message-ID"] = f"<letter-{first.id}-{_fingerprint(first, *more)}@{host_of(settings)}>"
    message["Auto-Submitted"] = "auto-generated"


def host_of(settings: Settings) -> str:
    """The host in the headers of letters, in plain characters."""
    return _host(settings.base_url)


@lru_cache(maxsize=16)
def _host(address: str) -> str:
    host = urlsplit(address).hostname or "localhost"
    return host if host.isascii() else host.encode("idna").decode("ascii")


def _fingerprint(*letters: Letter) -> str:
    """Keeps the letters of two databases apart, and stays the same when they are sent again.

    Letters that another has joined get a new one: a mail program that knows the old one would drop what is new.
    """
    said = "\n".join(
        "|".join((letter.created_at.astimezone(UTC).isoformat(), letter.email, letter.once)) for letter in letters
    )
    return hashlib.sha256(said.encode()).hexdigest()[:8]


def _filled(kind: str, part: str, facts: dict[str, Any]) -> str:
    return environment().get_template(f"mail/{kind}/{part}").render(facts)


def environment() -> Environment:
    """The application's templates, in which whatever is missing is an error and no gap."""
    kept: dict[str, Any] = current_app.extensions
    if "letters" not in kept:
        made = current_app.jinja_env.overlay(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
        made.filters = made.filters | {"paragraphs": paragraphs}
        kept["letters"] = made
    found: Environment = kept["letters"]
    return found


def paragraphs(text: str) -> str:
    """Lines of at most `WIDTH` and one blank line between paragraphs; an address stays whole."""
    lines: list[str] = []
    for line in text.strip("\n").splitlines():
        margin = line[: len(line) - len(line.lstrip(" "))]
        if len(line) <= WIDTH and line.isprintable():
            lines += [line.rstrip(" ")] if line.strip() else []
        else:
            lines += _wrapped(line, margin)
        if not line.strip() and lines and lines[-1]:
            lines.append("")
    return "\n".join(lines).strip("\n")


def _wrapped(line: str, margin: str) -> list[str]:
    """As many words on each line as fit: what `textwrap` does, at a tenth of its time where no blanks are doubled."""
    words = line.strip(" ").split(" ")
    if "" in words or not line.isprintable() or len(margin) + len(words[0]) > WIDTH:
        return textwrap.wrap(line, WIDTH, subsequent_indent=margin, break_long_words=False, break_on_hyphens=False)
    lines, now = [], margin + words[0]
    for word in words[1:]:
        if len(now) + len(word) < WIDTH:
            now = f"{now} {word}"
        else:
            lines.append(now)
            now = margin + word
    return [*lines, now]
