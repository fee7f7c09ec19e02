"""Taking the text out of an entry, where it should not have been written: parties, kind and day stay."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from exchange import log
from exchange.domain import letters, words
from exchange.domain.desk import recusal, standing
from exchange.domain.desk.recusal import People
from exchange.domain.errors import NotFound, NotYours, Refusal
from exchange.domain.invitations import organising
from exchange.log import Entry
from exchange.storage import search
from exchange.storage.db import db, locked, transaction
from exchange.storage.desk import Decision
from exchange.storage.favor import Correction, Favor
from exchange.storage.letter import Letter, LetterState
from exchange.storage.membership import Membership

# The field of each kind of entry that holds somebody's own words.
TEXTS = {"favor": "what", "correction": "why", "decision": "why"}
NOBODY = 0  # no membership has this id
OF_CORRECTIONS = frozenset({"corrected", "correction_proposed"})


def show(index: int, *, seen_by: Membership, at: datetime) -> Entry:
    """The entry whose text the reader may take out.

    Raises NotFound where there is no text that organisers may read, NotYours for anybody but a free organiser.
    """
    organising(seen_by)
    entry = log.entry(db.session(), seen_by.group_id, index, seen_by_id=seen_by.id)
    if entry is None or entry.kind not in TEXTS or entry.closed or not entry.what:
        raise NotFound(_("There is no such text in the log."))
    if not possible(entry, seen_by=seen_by, at=at):
        raise NotYours(_("A text is taken out by an organiser who has no part in it and is close to nobody who has."))
    return entry


def possible(entry: Entry, *, seen_by: Membership, at: datetime) -> bool:
    """Whether the reader may take the text out: an organiser who would not stand aside from it at the desk."""
    if entry.kind not in TEXTS or not entry.what or entry.withheld or not seen_by.is_organiser:
        return False
    session = db.session()
    return recusal.free(session, seen_by, _people(session, entry, seen_by.group_id), at)


def _people(session: Session, entry: Entry, group_id: int) -> People:
    """Who has a part in an entry; in one of the desk's also those of its case, whom the entry does not name."""
    of = {entry.of} if entry.of is not None else set()
    named = set(_named(entry)).union(*log.parties(session, group_id, of).values())
    decision = session.scalar(select(Decision).filter_by(group_id=group_id, entry=entry.index))
    if decision is None:
        return People(NOBODY, named=frozenset(named))
    part = standing.people(session, decision.case)
    return replace(part, named=part.named | named, narrow=False)


def take_out(index: int, *, by: Membership, why: str, at: datetime) -> Entry:
    """A free organiser takes an entry's text out, for a reason that everybody reads; all concerned are told.

    What repeats it goes too: the favor's title and thanks, the decision that made a correction, letters not yet sent.
    Raises NotFound, NotYours, BadInput without a reason, Refusal when it is gone already.
    """
    why = words.text(why, field="why", name=_("The reason"), most=words.NOTE, required=True)
    with transaction() as session:
        entry = show(index, seen_by=by, at=at)
        favor = _favor(session, entry, by.group_id)
        people = _concerned(session, entry, favor)
        texts = [entry, *_repeating(session, entry, by)]
        decision = log.record_decision(
            session, act="redacted", by=[by], rule="redaction", why=why, at=at, about=people, entry=index
        )
        what = [(text.index, TEXTS[text.kind]) for text in texts]
        try:
            log.record_redaction(session, decision=decision, group_id=by.group_id, what=what, at=at)
        except ValueError as gone:
            raise Refusal(_("This text was taken out a moment before.")) from gone
        _empty(session, favor, texts)
        for member in people:
            _tell(session, member, entry, favor, why, at)
        search.forget(session)
    return entry


def _named(entry: Entry) -> list[int]:
    """The members whom an entry names, by id."""
    return [member.id for member in (entry.giver, entry.receiver, *entry.by, *entry.about) if member is not None]


def _favor(session: Session, entry: Entry, group_id: int) -> Favor | None:
    """The favor that an entry is or is about, locked."""
    about = entry.index if entry.kind == "favor" else entry.of
    found = session.scalar(select(Favor.id).filter_by(group_id=group_id, entry=about)) if about is not None else None
    return locked(session, Favor, found) if found else None


def _concerned(session: Session, entry: Entry, favor: Favor | None) -> list[Membership]:
    """Everybody who has a part in an entry, once."""
    ids = dict.fromkeys([*([favor.giver_id, favor.receiver_id] if favor else []), *_named(entry)])
    return [session.get_one(Membership, member_id) for member_id in ids]


def _repeating(session: Session, entry: Entry, by: Membership) -> list[Entry]:
    """An organiser's correction and the decision that made it stand beside each other with the same words."""
    beside = entry.index + {"correction": -1, "decision": 1}.get(entry.kind, 0)
    other = log.entry(session, by.group_id, beside, seen_by_id=by.id) if beside != entry.index else None
    pair = {one.kind: one for one in (entry, other) if one is not None}
    same = pair.keys() == {"correction", "decision"} and pair["decision"].told.get("act") == "corrected"
    return [other] if other is not None and same and other.of == entry.of and other.what else []


def _empty(session: Session, favor: Favor | None, texts: Sequence[Entry]) -> None:
    """Empty what repeats a text beside the log: on pages, and in letters that wait."""
    if favor is None:
        return
    emptied = {text.index for text in texts}
    if favor.entry in emptied:
        favor.title = favor.thanks = ""
        log.reword_favor(session, favor)
    for correction in session.scalars(select(Correction).filter_by(favor_id=favor.id)):
        if correction.entry in emptied:
            correction.why = ""
    waiting = select(Letter).filter_by(group_id=favor.group_id, state=LetterState.DUE)
    path = letters.path(favor.giver.group, "favors", favor.id)
    for letter in session.scalars(waiting.where(Letter.facts["path"].as_string() == path)):
        gone = {"title", "thanks"} if favor.entry in emptied else {"why"} if letter.kind in OF_CORRECTIONS else set()
        letter.facts = letter.facts | dict.fromkeys(gone & letter.facts.keys(), "")
    session.flush()


def _tell(session: Session, member: Membership, entry: Entry, favor: Favor | None, why: str, at: datetime) -> None:
    page = ("favors", favor.id) if favor and entry.kind != "decision" else ("log",)
    letters.tell(
        session,
        "redacted",
        member,
        once=f"group:{member.group_id}:entry:{entry.index}:redacted",
        at=at,
        entry=entry.index,
        of=entry.kind,
        why=why,
        path=letters.path(member.group, *page),
    )
