"""Inserting many rows that say nearly the same."""

from datetime import UTC, datetime, timedelta, timezone

from sqlalchemy import select

from exchange.storage.digest import DigestIssue, DigestRun, IssueState
from exchange.storage.insert import insert_alike
from tests.people import NOON

HERE = timezone(timedelta(hours=2))


def test_rows_are_written_as_they_are_with_what_all_of_them_say(session, ada, ben, cleo):
    same = {"run_id": a_run(session), "period": "2026-W43", "state": IssueState.SKIPPED, "reason": "paused"}
    same |= dict.fromkeys(("window_until", "due_at", "next_try_at"), NOON)
    rows = [issue(ada, 7, NOON), issue(ben, 8, NOON.astimezone(HERE) - timedelta(days=1))]

    assert insert_alike(session, DigestIssue, rows, same=same) == 2

    first, second = session.scalars(select(DigestIssue).order_by(DigestIssue.id)).all()
    assert (first.id, first.person_id, first.window_from) == (7, ada.person_id, NOON)
    assert (second.id, second.person_id, second.window_from) == (8, ben.person_id, NOON - timedelta(days=1))
    for row in (first, second):
        assert {name: getattr(row, name) for name in same} == same
        assert (row.carried, row.shown, row.attempts, row.holder, row.leased_until) == ({}, None, 0, "", None)


def test_what_is_there_stays_and_is_not_counted(session, ada, ben, cleo):
    same = {"run_id": a_run(session), "period": "2026-W43"}
    same |= dict.fromkeys(("window_until", "due_at", "next_try_at"), NOON)
    assert insert_alike(session, DigestIssue, [issue(ada, 7, NOON)], same=same) == 1

    again = [issue(ada, 9, NOON), issue(ben, 8, NOON), issue(cleo, 10, NOON)]
    assert insert_alike(session, DigestIssue, again, same=same) == 2
    assert insert_alike(session, DigestIssue, [], same=same) == 0

    assert session.scalars(select(DigestIssue.id).order_by(DigestIssue.id)).all() == [7, 8, 10]


def issue(member, issue_id: int, window_from: datetime) -> dict[str, object]:
    return {"id": issue_id, "person_id": member.person_id, "window_from": window_from}


def a_run(session) -> int:
    run = DigestRun(moment=NOON.astimezone(UTC), begun_at=NOON)
    session.add(run)
    session.flush()
    return run.id
