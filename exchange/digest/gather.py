"""Reading what a batch of letters needs, with a number of statements that does not depend on how many there are.

Each reader has a window of their own, and each letter the moment at which it is sent. What is read once for all of
them, the boards and what came to pass, spans all the windows; `compose` then looks at one reader's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from exchange.digest import boards, past, people, waits
from exchange.digest.facts import (
    CameOf,
    Carried,
    Due,
    Group,
    GroupWeek,
    Happened,
    Member,
    Note,
    Reader,
    Waiting,
)
from exchange.digest.kept import Kept
from exchange.domain.members import YEAR
from exchange.log import notes as signed
from exchange.storage.among import among
from exchange.storage.digest import DigestIssue, IssueState

Gathered = dict[int, tuple[Reader, list[GroupWeek]]]
LAST_LETTERS = 4


def gather(
    session: Session, issues: Sequence[Due], *, folder: Path, at: datetime | None = None, kept: Kept | None = None
) -> Gathered:
    """By issue id, the reader and what is known for them in each group that their letter is about.

    At most one issue for each person. `folder` holds the last checkpoints (`settings.checkpoints`), `at` is the moment
    of sending, the end of each window if none is given; `kept` is what earlier batches have read. Whoever takes part in
    no group has an empty list.
    """
    if not issues:
        return {}
    readers = people.readers(session, issues, at)
    members, groups = people.members(session, list(readers))
    known = _Known.read(session, readers, members, groups, folder, kept or Kept())
    return {
        reader.issue_id: (reader, [known.week(reader, group, member) for group, member in members[person_id]])
        for person_id, reader in readers.items()
    }


@dataclass(frozen=True)
class _Known:
    """What was read for all readers of a batch."""

    boards: boards.Boards
    waiting: Mapping[int, list[Waiting]]
    thanks: Mapping[int, list[CameOf]]
    happened: Mapping[int, Happened]
    years: past.Years
    notes: Mapping[int, list[Note]]
    newest: Mapping[int, signed.Note]
    carried: Mapping[int, Mapping[str, int]]
    before: Mapping[tuple[str, int], str]

    @classmethod
    def read(
        cls,
        session: Session,
        readers: Mapping[int, Reader],
        members: people.Members,
        groups: dict[int, Group],
        folder: Path,
        kept: Kept,
    ) -> "_Known":
        """Read it all."""
        every = readers.values()
        span = min(one.window_from for one in every), max(one.window_until for one in every)
        now = min(one.now for one in every)
        asked = [
            waits.Asked(member.id, group, member.organiser, readers[person].now)
            for person, some in members.items()
            for group, member in some
        ]
        ids = [one.member_id for one in asked]
        newest = signed.newest(session, groups, folder=folder)
        carried = _carried(session, readers)
        wanted = {
            (newest[group.id].origin, size)
            for person, some in members.items()
            for group, _ in some
            if group.id in newest and (size := carried.get(person, {}).get(newest[group.id].origin))
        }
        return cls(
            boards=boards.read(session, groups, ids, readers, until=span[1], now=now, kept=kept),
            waiting=waits.read(session, asked),
            thanks=past.thanks(session, groups, ids, span),
            happened=kept.some(
                "happened", span, groups, lambda some: past.happened(session, {one: groups[one] for one in some}, span)
            ),
            years=past.years(session, ids, (now - YEAR).date()),
            notes=past.notes(session, groups, span),
            newest=newest,
            carried=carried,
            before=signed.at(session, wanted),
        )

    def week(self, reader: Reader, group: Group, member: Member) -> GroupWeek:
        """What of it is known for one reader in one group."""
        return GroupWeek(
            group=group,
            member=member,
            board=self.boards.at(group.id, reader.window_until),
            hidden=self.boards.hidden.get(member.id, frozenset()),
            answered=self.boards.answered.get(member.id, frozenset()),
            seen=self.boards.seen_before(reader.person_id, reader.window_from),
            waiting=self.waiting.get(member.id, ()),
            thanks=self.thanks.get(member.id, ()),
            happened=self.happened[group.id],
            tally=self.years.tally(member.id, (reader.now - YEAR).date(), (reader.window_from, reader.window_until)),
            notes=self.notes.get(group.id, ()),
            checkpoint=self._checkpoint(reader, group),
        )

    def _checkpoint(self, reader: Reader, group: Group) -> Carried | None:
        note = self.newest.get(group.id)
        if note is None:
            return None
        size = self.carried.get(reader.person_id, {}).get(note.origin, 0)
        before = self.before.get((note.origin, size), "")
        return Carried(group, note.origin, note.size, note.text, size if before else 0, before)


def _carried(session: Session, readers: Mapping[int, Reader]) -> dict[int, Mapping[str, int]]:
    """By person, the checkpoints that their last letter before this window carried: sizes by origin. One statement."""
    rows = session.execute(_last_letters(), {"people": readers})
    return {row.person_id: row.carried for row in rows if row.window_until <= readers[row.person_id].window_from}


@cache
def _last_letters() -> Select[*tuple[Any, ...]]:
    """By person, the last letters, the newest one last."""
    place = func.row_number().over(partition_by=DigestIssue.person_id, order_by=DigestIssue.window_until.desc())
    sent = (
        select(DigestIssue.person_id, DigestIssue.window_until, DigestIssue.carried, place.label("place"))
        .where(among(DigestIssue.person_id, "people"), DigestIssue.state == IssueState.SENT)
        .subquery()
    )
    return select(sent).where(sent.c.place <= LAST_LETTERS).order_by(sent.c.place.desc())
