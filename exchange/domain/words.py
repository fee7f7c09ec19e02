"""What people type: cleaned, measured, and refused with a sentence when it cannot be taken."""

import unicodedata
from typing import Any

from flask_babel import lazy_gettext as _

from exchange.domain.errors import BadInput

LINE = 120
TEXT = 5_000
NOTE = 500


def line(value: str, *, field: str, name: Any, most: int = LINE, required: bool = True) -> str:
    """One line of text: white space folded, controls taken out, at most `most` characters.

    Raises BadInput naming the field when it is empty though required, or too long.
    """
    clean = " ".join(_visible(value.replace("\t", " ").replace("\n", " ").replace("\r", " ")).split())
    return _measured(clean, field=field, name=name, most=most, required=required)


def text(value: str, *, field: str, name: Any, most: int = TEXT, required: bool = False) -> str:
    """Several lines of text: line ends made one kind, controls taken out, at most `most` characters."""
    clean = _visible(value.replace("\r\n", "\n").replace("\r", "\n"), keep="\n\t").strip()
    return _measured(clean, field=field, name=name, most=most, required=required)


def email(value: str, *, field: str = "email") -> str:
    """An address in lower case. Whether it can receive letters, only a letter can tell."""
    clean = _visible(value).strip().lower()
    before, at, after = clean.rpartition("@")
    if not at or not before or "." not in after or len(clean) > 254 or any(c.isspace() or c in ',;<>"' for c in clean):
        raise BadInput(_("“%(address)s” is not an e-mail address.", address=clean[:80]), field=field)
    return clean


def _visible(value: str, keep: str = "") -> str:
    normal = unicodedata.normalize("NFC", value)
    return "".join(c for c in normal if c in keep or unicodedata.category(c) not in {"Cc", "Cs", "Co", "Cn"})


def _measured(clean: str, *, field: str, name: Any, most: int, required: bool) -> str:
    if required and not any(unicodedata.category(c)[0] not in "ZC" for c in clean):
        raise BadInput(_("%(name)s is empty. A few words are enough.", name=name), field=field)
    if len(clean) > most:
        raise BadInput(
            _(
                "%(name)s has %(length)s characters; %(most)s fit.",
                name=name,
                length=f"{len(clean):,}",
                most=f"{most:,}",
            ),
            field=field,
        )
    return clean
