"""The standard email package writes a letter out: what our own assembler is held to."""

from email.message import EmailMessage
from typing import Any

from exchange.digest.assemble import Mail
from exchange.mail.headers import POLICY

ENCODED = POLICY.clone(max_line_length=76)


def standard(mail: Mail) -> EmailMessage:
    """The same e-mail."""
    message = EmailMessage(policy=ENCODED)
    message["From"] = mail.sender
    message["To"] = mail.to
    for name, value in mail.others:
        message[name] = value
    message["Subject"] = mail.subject
    text, page = ("".join(map(str, lines)) for lines in (mail.text, mail.page))
    message.set_content(text, cte=shorter(text))
    message.add_alternative(page, subtype="html", cte=shorter(page))
    for name, text in mail.attached:
        message.add_attachment(
            text.encode(), maintype="text", subtype="plain", filename=name, params={"charset": "utf-8"}
        )
    for number, part in enumerate(part for part in message.walk() if part.is_multipart()):
        part.set_boundary(f"{mail.boundary}-{number}")
    return message


def shorter(text: str) -> str:
    """In which of both ways a text has fewer characters."""
    outside = sum(byte > 127 for byte in text.encode())
    return "base64" if outside > len(text.encode()) / 6 else "quoted-printable"


def read_back(message: Any) -> Any:
    """The tree of a message that was read: of each part the headers, unfolded, and the bytes, or its parts."""
    headers = [(name, str(value).replace("\r\n", "")) for name, value in message.items()]
    if message.is_multipart():
        return headers, message.preamble, message.epilogue, [read_back(part) for part in message.get_payload()]
    return headers, message.get_content_type(), message.get_filename(), message.get_payload(decode=True)
