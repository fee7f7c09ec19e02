"""What a member sees of the proof: the state of the whole log, one entry with its way to it, and all of one's own."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from exchange import log
from exchange.config import Settings
from exchange.domain import proofs
from exchange.domain.errors import NotFound
from exchange.log import Entry
from exchange.log.checkpoint import parsed, short_code
from exchange.log.contained import Contained, taken_out
from exchange.log.signing import vkey_by_origin
from exchange.storage.db import db
from exchange.storage.membership import Membership

AT_ONCE = 500
# The order in which people would tell what an entry says.
TOLD_FIRST = ("from", "to", "what", "kind", "how", "tie", "act", "by", "member", "role", "setting", "old", "new")


@dataclass(frozen=True)
class State:
    """The log as it is signed now: its size, the note, the key, and the short code that members compare."""

    size: int
    note: str
    vkey: str
    code: str


@dataclass(frozen=True)
class Field:
    """One field of an entry, as far as its reader may know it.

    `value` is what it tells, None where it cannot be read: because it is `withheld`, or `gone` by the entry `by`, or
    because it is missing and nothing says why.
    """

    name: str
    value: Any = None
    opening: str = ""
    withheld: bool = False
    by: int | None = None


@dataclass(frozen=True)
class EntryPage:
    """An entry in words, and its proof; without the one it tells nothing of a group, without the other nothing is
    signed now.
    """

    index: int
    size: int
    entry: Entry | None
    state: State | None
    proof: Contained | None
    fields: list[Field]
    names: dict[str, str]


@dataclass(frozen=True)
class Checked:
    """One entry of the reader's that was checked: how many openings fit, and a sentence for whatever does not hold."""

    entry: Entry
    openings: int
    steps: int
    troubles: list[Any]


def state(*, seen_by: Membership, settings: Settings, at: datetime) -> State:
    """The log as it is signed now. Raises exchange.domain.proofs.NotSigned."""
    note = proofs.checkpoint(seen_by=seen_by, settings=settings, at=at)
    signed = parsed(note.rpartition("\n\n")[0] + "\n")
    return State(
        size=signed.size,
        note=note,
        vkey=vkey_by_origin(signed.origin, key=settings.log_key),
        code=short_code(note),
    )


def now_signed(*, seen_by: Membership, settings: Settings, at: datetime) -> State | None:
    """The same; None while the server does not sign, so that a page can say so and show the rest."""
    try:
        return state(seen_by=seen_by, settings=settings, at=at)
    except proofs.NotSigned:
        return None


def show(index: int, *, seen_by: Membership, settings: Settings, at: datetime) -> EntryPage:
    """One entry, and the way from it to what is signed. Raises NotFound where the log has none of that number."""
    session = db.session()
    size = log.size(session, seen_by.group_id)
    if index >= size:
        raise NotFound(_("There is no such entry."))
    signed = now_signed(seen_by=seen_by, settings=settings, at=at)
    proof = proofs.proved([index], seen_by=seen_by, note=signed.note)[0] if signed else None
    fields = list(_fields(proof, seen_by)) if proof else []
    return EntryPage(
        index=index,
        size=size,
        entry=log.entry(session, seen_by.group_id, index, seen_by_id=seen_by.id),
        state=signed,
        proof=proof,
        fields=fields,
        names=names(seen_by=seen_by, values=[field.value for field in fields]),
    )


def names(*, seen_by: Membership, values: list[Any]) -> dict[str, str]:
    """The names of those members of the group whom some values of openings number, such as `m17` or `m4,m17`."""
    found = {part for value in values if isinstance(value, str) for part in value.split(",")}
    numbers = {int(part[1:]) for part in found if part[:1] == "m" and part[1:].isdecimal() and len(part) < 10}
    if not numbers:
        return {}
    members = db.session.scalars(
        select(Membership).where(Membership.group_id == seen_by.group_id, Membership.number.in_(numbers))
    )
    return {f"m{member.number}": member.name for member in members}


def own(signed: State, *, seen_by: Membership) -> list[Checked]:
    """Everything with the reader in it, checked anew under what is signed, the newest first. Raises NotSigned."""
    found = list(_own_entries(seen_by, signed.size))
    proved = proofs.proved([entry.index for entry in found], seen_by=seen_by, note=signed.note)
    missing = [
        (one.index, name)
        for one in proved
        for name in one.said.get("sd", {})
        if name not in one.openings and name not in one.said.get("withheld", ())
    ]
    gone = taken_out(db.session(), seen_by.group_id, missing)
    unexplained = [place for place in missing if place not in gone]
    return [
        Checked(entry, len(one.openings), len(one.proof), list(_troubles(entry, one, unexplained)))
        for entry, one in zip(found, proved, strict=True)
    ]


def _own_entries(member: Membership, before: int) -> Iterator[Entry]:
    mine = partial(log.entries, db.session(), member.group_id, seen_by_id=member.id, member_id=member.id)
    while some := mine(before=before, limit=AT_ONCE):
        yield from some
        before = some[-1].index


def _troubles(entry: Entry, one: Contained, unexplained: list[tuple[int, str]]) -> Iterator[Any]:
    """What does not hold, in sentences."""
    if not one.is_contained:
        yield _("Its bytes do not lead to the signed fingerprint: it was changed after it was written, or moved.")
    for name in one.misfits:
        yield _("What is shown under “%(field)s” is not what it was written with.", field=name)
    for index, name in unexplained:
        if index == one.index:
            yield _("What stood under “%(field)s” is gone, and no entry of the log says why.", field=name)
    if not one.misfits and not _is_shown_so(entry, one):
        yield _("The page of the log shows it otherwise than the entry itself tells.")


def _is_shown_so(entry: Entry, one: Contained) -> bool:
    """Whether what pages show of an entry is what its leaf and openings say."""
    told = one.told
    sides = {"from": entry.giver, "to": entry.receiver}
    shown: dict[str, Any] = {name: f"m{member.number}" for name, member in sides.items() if member is not None}
    shown |= {"what": entry.what, "kind": entry.category, "how": entry.how} if entry.kind == "favor" else {}
    shown |= {"why": entry.what} if entry.kind in {"correction", "decision"} else {}
    same_day = "day" not in one.said or date.fromisoformat(one.said["day"]) == entry.day
    return same_day and all(told[name] == value for name, value in shown.items() if name in told)


def _place(name: str) -> tuple[int, str]:
    return (TOLD_FIRST.index(name) if name in TOLD_FIRST else len(TOLD_FIRST), name)


def _fields(one: Contained, reader: Membership) -> Iterator[Field]:
    told, withheld = one.told, one.said.get("withheld", ())
    missing = [(one.index, name) for name in one.said.get("sd", {}) if name not in told and name not in withheld]
    gone = taken_out(db.session(), reader.group_id, missing)
    for name in sorted(one.said.get("sd", {}), key=_place):
        if name in told:
            yield Field(name, told[name], one.openings[name])
        else:
            yield Field(name, withheld=name in withheld, by=gone.get((one.index, name)))
