"""What is written about a log without what is different in every log: salts, digests, hashes, signatures.

Two logs that say the same then read the same. An opening is replaced by what it tells, so that one which should not be
there is found. Of an entry that withholds everything the day is left out too: its leaf says it in clear, which every
member may read in the bundles (references/log.md section 3), while pages show only the month.
"""

import io
import json
import re
import zipfile
from base64 import urlsafe_b64decode
from email.message import EmailMessage
from typing import Any

from exchange.log.leaf import opened
from exchange.log.receipt import HEADER, parsed
from exchange.log.tiles import unbundled
from tests.mail.reading import part

OPENING = re.compile(r"\bWy[IJ][A-Za-z0-9_-]{30,}")
VARYING = [
    (re.compile(r"/g/[0-9a-f]{16}\b"), "/g/(origin)"),
    (re.compile(r"\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}"), "+(key)"),
    (re.compile(r"(— \S+) [A-Za-z0-9+/=]{80,}"), r"\1 (signature)"),
    (re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{43}=(?![A-Za-z0-9+/=])"), "(hash)"),
    (re.compile(r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])"), "(digest)"),
    (re.compile(r"\b[0-9a-f]{4}(?:(?:[ \u00a0]|&nbsp;)[0-9a-f]{4}){3}\b"), "(code)"),
]


def unsalted(text: str) -> str:
    """A text with its openings told and its hashes left out; of a receipt, what it proves."""
    if text.startswith(HEADER):
        return of_receipt(text)
    text = OPENING.sub(_told, text)
    for pattern, instead in VARYING:
        text = pattern.sub(instead, text)
    return text


def _told(found: re.Match[str]) -> str:
    """What an opening tells. One hash in some hundred thousand begins like an opening, and is none."""
    try:
        return f"(opening {json.dumps(opened(found[0]))})"
    except ValueError:
        return found[0]


def of_file(path: str, data: bytes) -> str:
    """What a file of the log says: a tile has only its size, a bundle its entries, a zip each of its files."""
    if path.endswith(("/log/download", ".zip")):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return "\n".join(f"{name}: {of_file(name, archive.read(name))}" for name in archive.namelist())
    if "/tile/entries/" in path and not path.endswith("/"):
        return "\n".join(json.dumps(without_digests(json.loads(entry))) for entry in unbundled(data))
    if "/tile/" in path:
        return f"{len(data)} bytes"
    return unsalted(data.decode())


def without_digests(leaf: dict[str, Any]) -> dict[str, Any]:
    """What a leaf says in clear; without its day where not even who has a part in it is told."""
    if {"from", "by"} & set(leaf.get("withheld", ())):
        leaf = leaf | {"day": "(withheld)"}
    return leaf | {"sd": sorted(leaf["sd"])} if "sd" in leaf else leaf


def of_receipt(text: str) -> str:
    """What a receipt says: the entry in clear, and what opens it."""
    receipt = parsed(text)
    extra = json.loads(receipt.extra)
    leaf = json.loads(urlsafe_b64decode(extra["leaf"] + "=="))
    told = {field: opened(disclosure) for field, disclosure in extra["openings"].items()}
    return f"entry {receipt.index}: {without_digests(leaf)} {told}"


def of_letter(letter: EmailMessage) -> str:
    """What a letter says, as text and as a page, and what is attached to it."""
    said = [part(letter, "plain"), part(letter, "html")]
    for each in letter.iter_attachments():
        content = each.get_content()
        text = content.decode() if isinstance(content, bytes) else str(content)
        said.append(f"{each.get_filename()}: {text}" if HEADER not in text else of_receipt(text))
    return unsalted("\n".join(said))
