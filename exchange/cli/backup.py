"""exchange backup, exchange restore: the whole database as one file, and the way back."""

import sys
from pathlib import Path

import click
from flask import current_app
from sqlalchemy import func, select

from exchange import log
from exchange.cli.app import in_app, up_to_date
from exchange.storage import backup as copies
from exchange.storage.db import db
from exchange.storage.group import Group
from exchange.storage.membership import Membership

ELSEWHERE = (
    "It holds neither the keys nor the last checkpoints: keep EXCHANGE_LOG_KEY, EXCHANGE_SECRET_KEY and the folder"
)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@in_app
def backup(file: Path) -> None:
    """Copy the database into FILE, while the site goes on."""
    up_to_date()
    settings = current_app.extensions["settings"]
    db.session.remove()
    try:
        copies.back_up(db.engine, file, at=current_app.extensions["clock"]())
    except copies.BadBackup as bad:
        click.echo(str(bad), err=True)
        sys.exit(1)
    click.echo(f"The database is copied into {file}, {file.stat().st_size / 1e6:,.1f} MB: {_held()}.")
    click.echo(f"{ELSEWHERE} {settings.checkpoints} somewhere else.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--replace", is_flag=True, help="Even if the database holds something: that is gone then.")
@in_app
def restore(file: Path, replace: bool) -> None:
    """Put what FILE holds in the place of the database. End the web server and the workers first."""
    db.session.remove()
    try:
        manifest = copies.restore(db.engine, file, replace=replace)
    except copies.BadBackup as bad:
        click.echo(str(bad), err=True)
        sys.exit(1)
    click.echo(f"The database is as it was on {manifest.made_at[:16].replace('T', ' at ')} UTC: {_held()}.")
    click.echo("Now run: exchange doctor. It says, too, whether a log was signed further than this backup goes.")


def _held() -> str:
    session = db.session()
    groups = session.scalar(select(func.count()).select_from(Group)) or 0
    members = session.scalar(select(func.count()).select_from(Membership)) or 0
    entries = sum(log.size(session, group) for group in session.scalars(select(Group.id).filter_by(deleted_at=None)))
    return f"{_count(groups, 'group')}, {_count(members, 'member')}, {_count(entries, 'entry', 'entries')} in the log"


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"
