"""The reporter's identity stands nowhere: in no letter, log entry, export, page or sentence about standing aside."""

import json
import re
from base64 import urlsafe_b64decode
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from exchange import log
from exchange.domain import download, favors, ties
from exchange.domain.desk import appeals, cases, objections, public, questions, views
from exchange.domain.errors import NotYours
from exchange.domain.ties import TieKind
from exchange.mail import deliver
from exchange.storage.desk import Act, Outcome, Report
from exchange.storage.letter import Letter
from exchange.storage.membership import Role
from tests.builders import offered
from tests.domain.desk.casework import DAY, WHY, made, plain, reported
from tests.mail.bag import Bag
from tests.people import NOON, joined

NOTE = "I know where this came from."


@pytest.fixture
def reporter(session, group):
    """Nobody else has anything of this name."""
    return joined(session, group, "Xanthippe Quill", email="quillx@bar.example")


def everything_said(session, group, readers, administrators, case, at):
    """What pages, exports, letters and the log say to each reader."""
    said = [repr(public.public(seen_by=reader, at=at)) + repr(public.mine(seen_by=reader, at=at)) for reader in readers]
    said += [repr(cases.desk(seen_by=reader, at=at)) for reader in readers if reader.is_organiser]
    for reader in [one for one in readers if one.is_organiser] + administrators:
        try:
            said.append(repr(views.show(case.id, seen_by=reader, at=at)))
        except NotYours as aside:
            said.append(str(aside))
    said += [repr(cases.handed(by=one, at=at)) for one in administrators]
    for reader in [None, *readers]:
        entries = log.entries(session, group.id, kinds=["decision", "role"], seen_by_id=reader.id if reader else None)
        said += [repr((one.told, one.what, [m.name for m in one.by], [m.name for m in one.about])) for one in entries]
    said += [json.dumps(one.facts) + one.kind for one in session.scalars(select(Letter))]
    return said


@pytest.mark.parametrize("close", [False, True])
def test_who_reported_is_told_to_nobody(session, group, settings, olga, otto, ada, ben, cleo, rosa, reporter, close):
    if close:
        ties.declare(reporter.number, by=olga, kind=TieKind.FAMILY, at=NOON)
        deliver(at=NOON, settings=settings, transport=Bag())  # what the tie itself tells the two
    post = offered(ada, closes_at=NOON + 30 * DAY, event_at=None)
    since = max(session.scalars(select(Letter.id)), default=0)
    case = reported(post, reporter, note=NOTE)
    readers = [ada, ben, cleo, olga, otto]
    said = everything_said(session, group, readers, [rosa], case, NOON) if case.handed_at else []
    said += everything_said(session, group, readers, [], case, NOON)

    asked = questions.ask(case_report(session, case), by=otto, text="Which line is it?", at=NOON)
    said += everything_said(session, group, readers, [], case, NOON)
    questions.answer(asked.id, by=reporter, text="The second one.", at=NOON)
    said += everything_said(session, group, readers, [], case, NOON)
    assert any("The second one." in text for text in said)
    objections.object_to(case.id, olga.number, by=reporter, why="They are close.", at=NOON)
    made(case, otto, Act.HIDE)
    said += everything_said(session, group, readers, [], case, NOON)
    found = appeals.appeal(public.mine(seen_by=ada, at=NOON)[0].id, by=ada, why="No.", at=NOON)
    if not appeals_handed(found):
        appeals.answer(found.id, Outcome.OVERTURNED, by=olga, why="It is fine.", at=NOON)
    said += everything_said(session, group, readers, [], case, NOON + DAY)
    bag = Bag()
    deliver(at=NOON + DAY, settings=settings, transport=bag)
    written = [message for message in bag.letters if "quillx@" not in str(message["To"])]
    said += [str(message) + plain(message) for message in written]

    assert since >= 0
    assert len(said) > 20
    for text in said:
        for secret in ("Xanthippe", "Quill", "quillx", f'm{reporter.number}"', f"m{reporter.number}'"):
            assert secret not in text, text


def case_report(session, case):
    return session.scalars(select(Report.id).filter_by(case_id=case.id)).one()


def appeals_handed(found):
    return found.handed_at is not None


def test_nor_what_they_wrote_outside_the_desk(session, group, olga, otto, ada, ben, reporter):
    case = reported(offered(ada), reporter, note=NOTE)
    made(case, olga, Act.HIDE)

    for reader in (ada, ben):
        assert NOTE not in repr(public.public(seen_by=reader, at=NOON)) + repr(public.mine(seen_by=reader, at=NOON))
    assert all(NOTE not in json.dumps(one.facts) for one in session.scalars(select(Letter)))
    assert all(NOTE not in repr(one.told) + one.what for one in log.entries(session, group.id))


def test_nor_in_what_members_and_organisers_download_of_the_log(
    session, settings, olga, otto, ada, ben, reporter, favor
):
    """The directory names every member; what was decided names none but who decided."""
    favors.confirm(favor.id, by=ben, at=NOON)
    case = reported(offered(ada), reporter, note=NOTE)
    made(case, olga, Act.HIDE)

    for reader in (ada, olga, otto):
        _name, file = download.packed(seen_by=reader, settings=settings, at=NOON)
        with file, ZipFile(file) as bundle:
            openings = next(name for name in bundle.namelist() if name.endswith("openings.jsonl"))
            told = b64_all(bundle.read(openings).decode())
        assert WHY in told
        assert f'm{reporter.number}"' not in told
        assert NOTE not in told


def b64_all(lines):
    """Every opening in words."""
    found = re.findall(r'"([A-Za-z0-9_-]{40,})"', lines)
    return "".join(urlsafe_b64decode(one + "=" * (-len(one) % 4)).decode(errors="replace") for one in found)


def test_an_organiser_who_stands_aside_cannot_tell_the_reporter_from_the_author_of_a_withheld_favor(
    session, olga, otto, ada, reporter
):
    """Both read the same sentence."""
    ties.declare(reporter.number, by=olga, kind=TieKind.FAMILY, at=NOON)
    case = reported(offered(ada), reporter)

    (line,) = cases.desk(seen_by=olga, at=NOON).aside
    assert line.aside == "You are close to somebody in this case."
    assert (otto.role, case.about_id) == (Role.ORGANISER, ada.id)
