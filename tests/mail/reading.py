"""Reading letters as their readers do."""

import re
from email.message import EmailMessage

from bs4 import BeautifulSoup

SAME_IN_ALL = {"mime-version", "content-type"}


def part(message: EmailMessage, kind: str) -> str:
    """The text or the HTML."""
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def receipts(message: EmailMessage) -> dict[str, str]:
    """The receipts that a letter carries, by the names of their files."""
    return {str(each.get_filename()): each.get_content().decode() for each in message.iter_attachments()}


def as_file(message: EmailMessage) -> str:
    """The headers and the text."""
    headers = "".join(f"{name}: {value}\n" for name, value in message.items() if name.lower() not in SAME_IN_ALL)
    return headers + "\n" + part(message, "plain")


def words(message: EmailMessage) -> list[str]:
    """What the HTML part says to somebody who reads it."""
    page = BeautifulSoup(part(message, "html"), "html.parser")
    for hidden in page.select(".preview, head"):
        hidden.decompose()
    for end in page.select("br, p, h1, h2"):
        end.append(" ")
    return page.get_text().split()


def words_of(message: EmailMessage) -> str:
    """The same in one line."""
    return " ".join(words(message))


def words_of_text(message: EmailMessage) -> list[str]:
    """What the text says, without addresses; where the page has a button, the text has a link."""
    text = re.sub(r":\nhttp\S+", "", part(message, "plain"))
    for link, button in (("This link works", "This button works"), ("Este enlace funciona", "Este botón funciona")):
        text = text.replace(link, button)
    return text.split()
