"""Letters as files, where there is no SMTP server: one .eml each, in the instance folder."""

import re
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

from exchange.config import Settings
from exchange.mail.parcel import Parcel

MOST = 50
WEEKLY = "digest"
MOST_WEEKLY = 10
DIGITS = 8
_NUMBER = re.compile(r"<(?:letter|digest)-(\d+)-")


def folder(settings: Settings) -> Path:
    """Where the files lie."""
    return settings.instance / "mail"


def name_of(parcel: Parcel) -> str:
    """The name of a letter's file: its number and its kind. What is sent again has the same name."""
    found = _NUMBER.match(parcel.message_id)
    number = int(found[1]) if found else 0
    return f"{number:0{DIGITS}}-{parcel.kind}.eml"


def newest_files(settings: Settings) -> list[dict[str, Any]]:
    """The newest letters first, at most fifty: to, subject, at, text.

    Weekly letters, which all come at once, leave room for the others.
    """
    paths = sorted(folder(settings).glob("*.eml"), key=_order, reverse=True)
    weekly = [path for path in paths if path.stem.endswith(f"-{WEEKLY}")]
    crowd = set(weekly[MOST_WEEKLY:])
    newest = [path for path in paths if path not in crowd][:MOST]
    return sorted(map(_read, newest), key=lambda letter: letter["at"], reverse=True)


def _order(path: Path) -> tuple[int, int, str]:
    number = path.name.partition("-")[0]
    return (path.stat().st_mtime_ns, int(number) if number.isdigit() else 0, path.name)


def _read(path: Path) -> dict[str, Any]:
    message = message_from_bytes(path.read_bytes(), policy=default)
    body = message.get_body(("plain",))
    return {
        "to": str(message["To"]),
        "subject": str(message["Subject"]),
        "at": message["Date"].datetime,
        "text": body.get_content().replace("\r\n", "\n") if body else "",
    }
