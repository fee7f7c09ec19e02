"""A composed letter as an e-mail: text and HTML in the reader's language and zone, with the checkpoints attached.

Everybody's letter is a skeleton of its own and pieces that are the same for all who read the same. The pieces come
into the finished skeleton, so that no style sheet is ever read against a template or against what a member wrote.
"""

import hmac
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache

from exchange.config import Settings
from exchange.digest.assemble import Mail, assembled
from exchange.digest.facts import Digest
from exchange.digest.fragments import Fragments, shared
from exchange.digest.halves import Half
from exchange.mail.headers import mailbox, one_line
from exchange.mail.parcel import Parcel
from exchange.mail.render import HOUSE, host_of

KIND = "digest"
MESSAGE_ID = "Message-ID"


def letter(digest: Digest, *, settings: Settings, stop: str, fragments: Fragments | None = None) -> Parcel:
    """The whole e-mail; `stop` is the address that ends these letters without signing in.

    `fragments` are pieces that were written before, the application's own if none are given. The same facts give the
    same bytes, whatever was written before.

    Raises:
        exchange.mail.headers.CannotBeAddressed: the reader's address cannot stand in a header.
        jinja2.TemplateError: a template lacks a fact.
    """
    mail = written(digest, settings=settings, stop=stop, fragments=fragments)
    [message] = [value for name, value in mail.others if name == MESSAGE_ID]
    return Parcel(
        sender=str(mail.sender.addr_spec),
        to=str(mail.to.addr_spec),
        message_id=message,
        kind=KIND,
        content=assembled(mail),
    )


def written(digest: Digest, *, settings: Settings, stop: str, fragments: Fragments | None = None) -> Mail:
    """The same as what stands in it."""
    kept = shared() if fragments is None else fragments
    names = {group.name for group in digest.groups}
    sender = mailbox(names.pop() if len(names) == 1 else HOUSE, settings.letters_from)
    to = mailbox(digest.reader.name, digest.reader.email)
    text, html = (Half(digest, settings, stop, kept, html=html) for html in (False, True))
    subject = text.subject()
    return Mail(
        sender=sender,
        to=to,
        subject=one_line(subject),
        others=_headers(digest, settings, stop),
        text=text.plain(subject),
        page=html.page(subject),
        attached=tuple(_attached(digest)),
        boundary=f"=_{KIND}-{digest.reader.issue_id}",
    )


def message_id(settings: Settings, issue_id: int) -> str:
    """The Message-ID of an issue, the same whenever it is written; another one where the secret is another."""
    said = hmac.digest(settings.secret_key.encode(), f"digest {issue_id}".encode(), "sha256").hex()
    return f"<{KIND}-{issue_id}-{said[:8]}@{host_of(settings)}>"


def _headers(digest: Digest, settings: Settings, stop: str) -> list[tuple[str, str]]:
    """Those of plain characters."""
    dated = digest.reader.dated or digest.reader.window_until
    return [
        ("Date", _date(dated)),
        (MESSAGE_ID, message_id(settings, digest.reader.issue_id)),
        ("Auto-Submitted", "auto-generated"),
        ("X-Exchange-Letter", KIND),
        ("List-Id", f"<{KIND}.{host_of(settings)}>"),
        ("List-Unsubscribe", f"<{stop}>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
    ]


@lru_cache(maxsize=100)
def _date(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC))


def _attached(digest: Digest) -> Iterator[tuple[str, str]]:
    """The checkpoints as files: the name, and the whole signed note."""
    for one in digest.checkpoints:
        if one.before and one.size_before != one.size:
            yield f"checkpoint-{one.group.slug}-{one.size_before}.txt", one.before
        yield f"checkpoint-{one.group.slug}-{one.size}.txt", one.note
