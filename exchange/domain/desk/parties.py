"""Who has a part in cases and in appeals, asked for many of them at once: the menu of every page counts what waits."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from exchange.domain.desk.recusal import People
from exchange.storage.desk import Appeal, Aside, Case, Decision, Objection, Report, TargetKind
from exchange.storage.favor import Favor
from exchange.storage.membership import Membership
from exchange.storage.post import Post, Response

NARROW = frozenset({TargetKind.HELD_POST, TargetKind.APPLICATION})
FAVORS = frozenset({TargetKind.FAVOR, TargetKind.THANKS})
ANSWERS = frozenset({TargetKind.ANSWER})


def people(session: Session, waits: Sequence[tuple[Case, Appeal | None]]) -> list[People]:
    """Everybody who has a part in each case, or in an appeal against a decision of it."""
    wide = {case.id for case, appeal in waits if appeal is not None or case.kind not in NARROW}
    aside = _by_case(session, select(Aside.case_id, Aside.member_id), Aside.case_id, {case.id for case, _ in waits})
    objected = select(Objection.case_id, Objection.organiser_id).where(Objection.upheld.is_not(False))
    against = _by_case(session, objected, Objection.case_id, wide)
    reporters = _by_case(session, select(Report.case_id, Report.by_id), Report.case_id, wide)
    named = _named(session, [case for case, _ in waits if case.id in wide])
    found = []
    for case, appeal in waits:
        if appeal is None and case.kind in NARROW:
            found.append(People(case.about_id, aside=aside[case.id], narrow=True))
            continue
        found.append(
            People(
                about=case.about_id,
                named=named.get(case.id, frozenset()),
                reporters=reporters[case.id],
                deciders=_deciders(session, appeal.decision) if appeal else frozenset(),
                aside=aside[case.id],
                objected=against[case.id],
            )
        )
    return found


def _by_case(
    session: Session, pairs: Select[int, int], column: object, cases: Collection[int]
) -> defaultdict[int, frozenset[int]]:
    found: defaultdict[int, frozenset[int]] = defaultdict(frozenset)
    if cases:
        for case, member in session.execute(pairs.where(column.in_(cases))):  # type: ignore[attr-defined]
            found[case] |= {member}
    return found


def _named(session: Session, cases: Sequence[Case]) -> dict[int, frozenset[int]]:
    """By case who is named by the thing beside whoever wrote it: the other of two, or whose post was answered."""
    found: dict[int, frozenset[int]] = {}
    for kinds, named in ((FAVORS, _of_favors), (ANSWERS, _of_answers)):
        some = [case for case in cases if case.kind in kinds]
        by_target = named(session, {case.target_id for case in some}) if some else {}
        found |= {case.id: by_target.get(case.target_id, frozenset()) - {case.about_id} for case in some}
    return found


def _of_favors(session: Session, favors: Collection[int]) -> dict[int, frozenset[int]]:
    rows = session.execute(select(Favor.id, Favor.giver_id, Favor.receiver_id).where(Favor.id.in_(favors)))
    return {favor: frozenset(both) for favor, *both in rows}


def _of_answers(session: Session, answers: Collection[int]) -> dict[int, frozenset[int]]:
    rows = select(Response.id, Post.author_id).join(Post, Post.id == Response.post_id)
    return {answer: frozenset({author}) for answer, author in session.execute(rows.where(Response.id.in_(answers)))}


def _deciders(session: Session, decision: Decision) -> frozenset[int]:
    """The members who made a decision, whichever of their doors they came by."""
    administrator = select(Membership.id).filter_by(group_id=decision.group_id, person_id=decision.administrator_id)
    members = {decision.by_id, decision.second_id, session.scalar(administrator) if decision.administrator_id else None}
    return frozenset(one for one in members if one is not None)
