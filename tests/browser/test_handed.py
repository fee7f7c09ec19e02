"""The administrator's desk, a relayed question and asking to join, on pages of the filled demo, held to WCAG 2.2 AA."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from flask_security.utils import hash_password
from sqlalchemy import select

from exchange.domain import accounts, ties
from exchange.domain.desk import cases, questions, reports, rules, settings
from exchange.domain.desk.settings import Joining
from exchange.domain.ties import TieKind
from exchange.mail import links
from exchange.storage.db import db
from exchange.storage.desk import Case, CaseState, Report, TargetKind
from exchange.storage.membership import Membership, Role
from tests.browser.conftest import Site
from tests.browser.test_demo_pages import GROUP, hold_to_the_rules

pytestmark = pytest.mark.browser
PASSWORD = "a long and quiet river"


@dataclass(frozen=True)
class Places:
    """Pages by whom they are looked at: the administrator, a free organiser, the reporter, and a stranger."""

    administrator: list[str]
    organiser: tuple[str, list[str]]
    reporter: tuple[str, list[str]]
    stranger: list[str]


@pytest.fixture(scope="module")
def places(site: Site) -> Places:
    """The demo, in which one case is handed over, a question waits for a reporter, and strangers may ask."""
    site.command("demo", "--no-serve")
    now = datetime.now(UTC)
    with site.app.test_request_context():
        session = db.session()
        organisers = session.scalars(select(Membership).filter_by(role=Role.ORGANISER)).all()
        rosa = accounts.add(session, email="rosa@site.example", name="Rosa Root", at=now)
        rosa.is_administrator, rosa.password = True, hash_password(PASSWORD)
        session.commit()
        waiting = session.scalars(select(Case).filter_by(state=CaseState.OPEN, kind=TargetKind.POST)).all()
        first, second = waiting[:2]
        for organiser in organisers:
            ties.declare(first.about.number, by=organiser, kind=TieKind.FAMILY, at=now)
        cases.stand_aside(second.id, by=_free(organisers, second, now)[0], why="", at=now)
        cases_free = _free(organisers, second, now)[0]
        report = session.scalars(select(Report).filter_by(case_id=second.id)).first()
        assert report is not None
        asked = questions.ask(report.id, by=cases_free, text="Which partnership do you mean?", at=now)
        _reported_again(session.get_one(Case, first.id), now)
        changed = replace(settings.settled(seen_by=organisers[0]), joining=Joining.ASKING, question="Who knows you?")
        settings.change(changed, by=organisers[0], at=now)
        reporter = session.get_one(Membership, report.by_id)
        for member in (cases_free, reporter):
            member.person.password = hash_password(PASSWORD)
        session.commit()
        secret = site.app.extensions["settings"]
        come = links.address_link(secret, row=reporter.group_id, email="nora@new.example", at=now)
        tell = links.link(secret, verb="tell", row=asked.id, member=reporter.id, at=now)
        slug = GROUP.rpartition("/")[2]
        return Places(
            ["/admin/desk", f"/admin/desk/{first.id}", f"/groups/{slug}/organiser"],
            (cases_free.person.email, [f"{GROUP}/desk", f"{GROUP}/desk/{second.id}", f"{GROUP}/decisions"]),
            (reporter.person.email, [f"{GROUP}/reports"]),
            ["/", f"/ask/{slug}", come, tell],
        )


def _free(organisers: Sequence[Membership], case: Case, now: datetime) -> list[Membership]:
    return [one for one in organisers if case.id in {line.case_id for line in cases.desk(seen_by=one, at=now).waiting}]


def _reported_again(case: Case, now: datetime) -> None:
    """A further report finds no organiser free, and so the case is handed over."""
    told = set(db.session.scalars(select(Report.by_id).filter_by(case_id=case.id)))
    members = db.session.scalars(select(Membership).filter_by(group_id=case.group_id, role=Role.MEMBER, state="active"))
    other = next(one for one in members.all() if one.id not in told | {case.about_id})
    reports.report(TargetKind.POST, case.target_id, by=other, rule=rules.rules(seen_by=other)[2].id, at=now)
    assert db.session.get_one(Case, case.id).handed_at == now


def test_they_can_be_used_by_everybody(places, window) -> None:
    for email, paths in (("rosa@site.example", places.administrator), places.organiser, places.reporter):
        page = window()
        page.goto("/sign-in")
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "sign-in" not in url)
        for path in paths:
            assert hold_to_the_rules(page, path) == []
    page = window()
    for path in places.stranger:
        assert hold_to_the_rules(page, path) == []
