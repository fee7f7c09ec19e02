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
from exchange.digest.fragments import Fragments
from exchange.digest.halves import Half
from exchange.digest.voice import voice
from exchange.mail.headers import POLICY, mailbox, one_line
from exchange.mail.render import HOUSE, host_of

KIND = "digest"
UTF8 = {"charset": "utf-8"}


def letter(digest: Digest, *, settings: Settings, stop: str, fragments: Fragments | None = None) -> EmailMessage:
    """The whole e-mail; `stop` is the address that ends these letters without signing in.

    `fragments` are pieces to be shared by the letters of one run; the same letter comes out with and without them.

    Raises:
        exchange.mail.headers.CannotBeAddressed: the reader's address cannot stand in a header.
        jinja2.TemplateError: a template lacks a fact.
    """
    kept = fragments or Fragments()
    with force_locale(str(voice(digest.reader, html=False).locale)):
        text, html = (Half(digest, settings, stop, kept, html=html) for html in (False, True))
        subject, plain, page = text.subject, text.plain(), html.page()
    message = EmailMessage(policy=POLICY)
    _address(message, digest, settings, stop)
    message["Subject"] = one_line(subject)
    message.set_content(plain, cte="quoted-printable")
    message.add_alternative(page, subtype="html", cte="quoted-printable")
    for name, note in _attached(digest):
        message.add_attachment(note.encode(), maintype="text", subtype="plain", filename=name, params=UTF8)
    return message


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
