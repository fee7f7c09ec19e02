"""Addresses of lists: filters that are sent by GET, kept in the address, and left out of it where they say nothing."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from exchange.web.language import zone

LONGEST = 200
LARGEST = 2**31


def tidy(names: Iterable[str], *, anchor: str | None = None, **usual: str) -> ResponseReturnValue | None:
    """The same address without filters that are empty or as usual; None where there is nothing to leave out."""
    sent = {name: value for name in names if (value := request.args.get(name)) is not None}
    kept = said(names, **usual)
    if sent.keys() == kept.keys():
        return None
    return redirect(url_for(str(request.endpoint), **kept, _anchor=anchor))  # type: ignore[arg-type]


def said(names: Iterable[str], **usual: str) -> dict[str, str]:
    """What the address says, without what says nothing."""
    values = {name: request.args.get(name, "").strip()[:LONGEST] for name in names}
    return {name: value for name, value in values.items() if value and value != usual.get(name)}


def number(name: str) -> int | None:
    """A number in the address, as far as there can be such a one."""
    found = request.args.get(name, type=int)
    return found if found is not None and 0 <= found < LARGEST else None


def beginning_of(name: str, *, days: int = 0) -> datetime | None:
    """When a day in the address begins for the reader, or so many days later; None for what is no day."""
    try:
        day = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    if not 1970 <= day.year <= 2200:
        return None
    return datetime.combine(day + timedelta(days=days), time(), tzinfo=zone())
