"""A composed letter as an e-mail: text and HTML in the reader's language and zone, with the checkpoints attached.

Everybody's letter is a skeleton of its own and pieces that are the same for all who read the same. The pieces come
into the finished skeleton, so that no style sheet is ever read against a template or against what a member wrote.
"""

import hashlib
import hmac
from collections.abc import Iterator
from datetime import UTC
from email.message import EmailMessage
from email.utils import format_datetime

from flask_babel import force_locale

from exchange.config import Settings
from exchange.digest.facts import Digest
from exchange.digest.fragments import Fragments, shared
from exchange.digest.halves import Half
from exchange.digest.voice import locale_of
from exchange.mail.headers import POLICY, mailbox, one_line
from exchange.mail.render import HOUSE, host_of

KIND = "digest"
OUTSIDE = bytes(range(128, 256))
UTF8 = {"charset": "utf-8"}
# The longest line that RFC 2045 allows in an encoded body.
ENCODED = POLICY.clone(max_line_length=76)


def letter(digest: Digest, *, settings: Settings, stop: str, fragments: Fragments | None = None) -> EmailMessage:
    """The whole e-mail; `stop` is the address that ends these letters without signing in.

    `fragments` are pieces that were written before, the application's own if none are given. The same facts give the
    same bytes, whatever was written before.

    Raises:
        exchange.mail.headers.CannotBeAddressed: the reader's address cannot stand in a header.
        jinja2.TemplateError: a template lacks a fact.
    """
    kept = shared() if fragments is None else fragments
    with force_locale(locale_of(digest.reader)):
        text, html = (Half(digest, settings, stop, kept, html=html) for html in (False, True))
        subject, plain, page = text.subject, text.plain(), html.page()
    message = EmailMessage(policy=ENCODED)
    _address(message, digest, settings, stop)
    message["Subject"] = one_line(subject)
    message.set_content(plain, cte=_shorter(plain))
    message.add_alternative(page, subtype="html", cte=_shorter(page))
    for name, note in _attached(digest):
        message.add_attachment(note.encode(), maintype="text", subtype="plain", filename=name, params=UTF8)
    for number, part in enumerate(part for part in message.walk() if part.is_multipart()):
        # An equals sign and an underscore stand together in no encoded line.
        part.set_boundary(f"=_{KIND}-{digest.reader.issue_id}-{number}")
    return message


def _shorter(text: str) -> str:
    """How a body is written: quoted-printable makes three characters of each byte outside ASCII, base64 four of three
    bytes.
    """
    data = text.encode()
    outside = len(data) - len(data.translate(None, OUTSIDE))
    return "base64" if outside > len(data) / 6 else "quoted-printable"


def message_id(settings: Settings, issue_id: int) -> str:
    """The Message-ID of an issue, the same whenever it is written; another one where the secret is another."""
    said = hmac.new(settings.secret_key.encode(), f"digest {issue_id}".encode(), hashlib.sha256).hexdigest()
    return f"<{KIND}-{issue_id}-{said[:8]}@{host_of(settings)}>"


def _address(message: EmailMessage, digest: Digest, settings: Settings, stop: str) -> None:
    names = {group.name for group in digest.groups}
    message["From"] = mailbox(names.pop() if len(names) == 1 else HOUSE, settings.letters_from)
    message["To"] = mailbox(digest.reader.name, digest.reader.email)
    message["Date"] = format_datetime(digest.reader.window_until.astimezone(UTC))
    message["Message-ID"] = message_id(settings, digest.reader.issue_id)
    message["Auto-Submitted"] = "auto-generated"
    message["X-Exchange-Letter"] = KIND
    message["List-Id"] = f"<{KIND}.{host_of(settings)}>"
    message["List-Unsubscribe"] = f"<{stop}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"


def _attached(digest: Digest) -> Iterator[tuple[str, str]]:
    """The checkpoints as files: the name, and the whole signed note."""
    for one in digest.checkpoints:
        if one.before and one.size_before != one.size:
            yield f"checkpoint-{one.group.slug}-{one.size_before}.txt", one.before
        yield f"checkpoint-{one.group.slug}-{one.size}.txt", one.note
