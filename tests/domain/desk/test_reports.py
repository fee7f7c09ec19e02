"""Reports: who may, what opens, who hears of it, and that nobody reads who it was."""

import pytest
from sqlalchemy import select

from exchange.domain.desk import cases, decisions, reports, rules, views
from exchange.domain.desk.pages import TargetKind
from exchange.domain.errors import BadInput, NotFound, Refusal
from exchange.storage.desk import Act, CaseState, Report
from tests.builders import letters_to
from tests.people import NOON

WHY = "Sending clients in return for clients is what the rules rule out."


def rule_of(member):
    return rules.rules(seen_by=member)[2].id


def test_a_report_waits_at_the_desk_without_who_made_it(session, post, olga, ben):
    case = reports.report(TargetKind.POST, post.id, by=ben, rule=rule_of(ben), note="A trade.", at=NOON)

    (line,) = cases.desk(seen_by=olga, at=NOON).waiting
    assert (line.case_id, line.title, line.name, line.reports) == (case.id, post.title, "Ada Farouk", 1)
    page = views.show(case.id, seen_by=olga, at=NOON)
    assert [(one.rule, one.note) for one in page.reports] == [(rules.USUAL[2], "A trade.")]
    assert "Ben" not in repr(page.reports)
    assert letters_to(session, olga) == ["at_desk"]


def test_a_decision_ends_it(session, post, olga, ben):
    case = reports.report(TargetKind.POST, post.id, by=ben, rule=rule_of(ben), at=NOON)

    decision = decisions.decide(case.id, Act.HIDE, by=olga, rule=rule_of(olga), why=WHY, at=NOON)

    assert decision is not None
    assert case.state is CaseState.DECIDED
    assert post.state == "hidden"
    assert cases.desk(seen_by=olga, at=NOON).waiting == []
