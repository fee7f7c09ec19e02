"""exchange doctor: what is misconfigured, in sentences."""

import json
import stat
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import click
from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from exchange import log
from exchange.cli import doctor_letters, doctor_settings
from exchange.cli.app import in_app
from exchange.config import Settings
from exchange.log import kept, regrown, signing
from exchange.storage import migrate
from exchange.storage.db import db
from exchange.storage.group import Group
from exchange.storage.letter import Letter, LetterState
from exchange.storage.membership import Membership, MembershipState, Role

KEYS = ("secret-key", "log-key")
WAITS_AT_MOST = timedelta(hours=1)
DIFFERENCES_SHOWN = 20


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at, and whether it is as it should be."""

    about: str
    fine: bool
    sentence: str


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As a JSON list, for other programs.")
@click.option("--worker", "only_worker", is_flag=True, help="Only whether the worker does what is due, which is quick.")
@in_app
def doctor(as_json: bool, only_worker: bool) -> None:
    """Say what is misconfigured, and how to mend it. The exit status is 1 if anything is."""
    findings = []
    at = current_app.extensions["clock"]()
    for finding in worked(at=at) if only_worker else examined(current_app.extensions["settings"], at=at):
        findings.append(finding)
        if not as_json:
            click.echo(f"{'fine ' if finding.fine else 'WRONG'}  {finding.sentence}")
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=1, ensure_ascii=False))
    if not all(finding.fine for finding in findings):
        sys.exit(1)


def examined(settings: Settings, *, at: datetime) -> Iterator[Finding]:
    """Everything there is to look at, one after the other."""
    yield _instance(settings)
    yield _keys(settings)
    yield _smtp(settings)
    yield _address(settings)
    yield from (Finding(*said) for said in doctor_settings.settings_said(settings))
    yield from (Finding(*said) for said in doctor_letters.records(settings))
    database = _database()
    yield database
    if not database.fine:
        return
    session = db.session()
    yield from (Finding(*said) for said in doctor_settings.house_said(session, settings, at=at))
    yield _failed(session)
    yield from worked(at=at)
    for group in session.scalars(select(Group).filter_by(deleted_at=None).order_by(Group.slug)):
        yield _organised(session, group)
        yield from _log(session, group)
        yield _checkpoint(session, group, settings)


def worked(*, at: datetime) -> Iterator[Finding]:
    """Whether what is due is done."""
    session = db.session()
    yield _late(session, at)
    yield from (Finding(*said) for said in doctor_letters.weekly(session, at=at))


def _instance(settings: Settings) -> Finding:
    try:
        with tempfile.TemporaryFile(dir=settings.instance):
            pass
    except OSError as error:
        return Finding(
            "instance", False, f"The instance folder {settings.instance} cannot be written to: {error.strerror}."
        )
    return Finding("instance", True, f"The instance folder {settings.instance} can be written to.")


def _keys(settings: Settings) -> Finding:
    """Keys that were made here may be read by their owner alone; those of the environment are not ours to look at."""
    kept = [path for name in KEYS if (path := settings.instance / name).exists()]
    open_ones = [str(path) for path in kept if stat.S_IMODE(path.stat().st_mode) & 0o077]
    if open_ones:
        paths = " ".join(open_ones)
        return Finding("keys", False, f"Others on this machine can read the keys. Run: chmod 600 {paths}")
    if not kept:
        return Finding("keys", True, "No keys are kept in the instance folder.")
    return Finding("keys", True, "Only their owner can read the keys in the instance folder.")


def _smtp(settings: Settings) -> Finding:
    if settings.smtp_url:
        return Finding("smtp", True, "Letters go out by the server that EXCHANGE_SMTP_URL names.")
    if settings.production:
        return Finding("smtp", False, "No letter can leave: set EXCHANGE_SMTP_URL to your mail server.")
    return Finding("smtp", True, f"Letters become files in {settings.instance / 'mail'}, since this is no production.")


def _address(settings: Settings) -> Finding:
    if settings.production and not settings.secure:
        return Finding(
            "address", False, f"People would sign in without TLS: EXCHANGE_BASE_URL is {settings.base_url}, not https."
        )
    return Finding("address", True, f"People reach the site at {settings.base_url}.")


def _database() -> Finding:
    try:
        current = migrate.current(db.engine)
    except SQLAlchemyError as error:
        cause = str(getattr(error, "orig", None) or error).strip().splitlines() or ["no reason was given"]
        return Finding("database", False, f"The database does not answer: {cause[0]}")
    newest = migrate.newest()
    if not current:
        return Finding("database", False, "The database has no tables yet. Run: exchange init")
    if current != newest:
        return Finding(
            "database", False, f"The database is at {current} and this version needs {newest}. Run: exchange init"
        )
    return Finding("database", True, f"The database answers and is up to date, at {current}.")


def _failed(session: Session) -> Finding:
    failed = session.scalar(select(func.count()).select_from(Letter).filter_by(state=LetterState.FAILED)) or 0
    if not failed:
        return Finding("letters", True, "No letter has failed.")
    last = select(Letter.why_failed).filter_by(state=LetterState.FAILED).order_by(Letter.id.desc()).limit(1)
    reason = session.scalar(last) or "not known"
    return Finding("letters", False, f"Letters that could not be sent: {failed:,}. The reason of the latest: {reason}")


def _late(session: Session, at: datetime) -> Finding:
    waiting, oldest = session.execute(
        select(func.count(), func.min(Letter.due_at)).where(
            Letter.state.in_([LetterState.DUE, LetterState.LEASED]), Letter.due_at < at - WAITS_AT_MOST
        )
    ).one()
    if not waiting:
        return Finding("waiting", True, "No letter waits for longer than an hour.")
    since = f"{oldest:%Y-%m-%d %H:%M} UTC"
    return Finding(
        "waiting", False, f"Letters that wait for longer than an hour: {waiting:,}, since {since}. Does the worker run?"
    )


def _organised(session: Session, group: Group) -> Finding:
    organisers = session.scalar(
        select(func.count())
        .select_from(Membership)
        .filter_by(group_id=group.id, role=Role.ORGANISER, state=MembershipState.ACTIVE)
    )
    if not organisers:
        return Finding("group", False, f"{group.slug}: the group has no active organiser.")
    return Finding("group", True, f"{group.slug}: active organisers: {organisers}.")


def _log(session: Session, group: Group) -> Iterator[Finding]:
    torn = regrown.torn(session, group.id)
    try:
        found = log.compare(session, group.id)
    except (LookupError, TypeError, ValueError) as error:
        found = log.Comparison(differences=[f"An entry of the log is not written as entries are: {error}"])
    if not found.differences:
        yield Finding(
            "log", True, f"{group.slug}: all {found.entries:,} entries of the log agree with what the pages show."
        )
    if not torn:
        yield Finding("log", True, f"{group.slug}: the tree and the checkpoints of the log are what its entries give.")
    differences = [*found.differences, *torn]
    for difference in differences[:DIFFERENCES_SHOWN]:
        yield Finding("log", False, f"{group.slug}: {difference}")
    if (more := len(differences) - DIFFERENCES_SHOWN) > 0:
        yield Finding("log", False, f"{group.slug}: the log differs in {more:,} more places.")


def _checkpoint(session: Session, group: Group, settings: Settings) -> Finding:
    """Whether the database still holds what this server has signed."""
    try:
        agreed = signing.agreeing(session, group.id, key=settings.log_key, folder=settings.checkpoints)
    except kept.NotSigned as refusal:
        return Finding("checkpoint", False, str(refusal))
    if agreed is None:
        return Finding("checkpoint", True, f"{group.slug}: this server keeps no checkpoint of the log yet.")
    path = kept.path_of(settings.checkpoints, agreed.origin)
    return Finding(
        "checkpoint",
        True,
        f"{group.slug}: the log goes on from the checkpoint of {agreed.size:,} entries that is kept in {path}.",
    )
