"""exchange log checkpoint, vkey, export, receipt and renew: what the server signs."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click
from flask import current_app

from exchange.cli.app import in_app, up_to_date
from exchange.cli.bar import bar
from exchange.cli.export import active_member
from exchange.config import Settings
from exchange.domain import groups
from exchange.log import signing
from exchange.log.checkpoint import parsed, short_code
from exchange.log.contained import contained
from exchange.log.export import CannotExport, Outrun
from exchange.log.export import export as write_out
from exchange.log.kept import NotSigned
from exchange.log.nodes import TornTree
from exchange.log.renew import renew as begin_anew
from exchange.storage.db import db
from exchange.storage.group import Group

TRIES = 5

as_member = click.option("--as", "reader", metavar="EMAIL", help="With what this member may open and others may not.")


@click.command()
@click.argument("slug")
@in_app
def checkpoint(slug: str) -> None:
    """Sign what the log of the group SLUG holds, and print the signed note."""
    up_to_date()
    with told_why():
        click.echo(_checkpoint(groups.named(slug)), nl=False)


@click.command()
@click.argument("slug")
@in_app
def vkey(slug: str) -> None:
    """Print the key that verifies the checkpoints of the group SLUG."""
    up_to_date()
    click.echo(_vkey(groups.named(slug)))


@click.command()
@click.argument("slug")
@click.option("-o", "--output", metavar="DIR", required=True, type=click.Path(path_type=Path), help="A new folder.")
@as_member
@in_app
def export(slug: str, output: Path, reader: str | None) -> None:
    """Write the log of the group SLUG to a folder that “exchange log verify” can check anywhere.

    What favors withhold is left out, as for any member; with --as it holds what that member may open of it.
    """
    up_to_date()
    group = groups.named(slug)
    seen_by = active_member(group.id, reader) if reader else None
    with told_why():
        for _ in range(TRIES):
            note = _checkpoint(group)
            try:
                with bar("Writing the log") as progress:
                    session = db.session()
                    size = write_out(
                        session, group.id, output, seen_by=seen_by, note=note, vkey=_vkey(group), progress=progress
                    )
            except Outrun:
                db.session.rollback()
                continue
            click.echo(f"The log of {group.name} was written to {output}: {_so_many(size)}, code {short_code(note)}.")
            click.echo(f"Check it anywhere with: exchange log verify {output}")
            return
        raise CannotExport("The log changed all the time while it was written. Try again when there is less to do.")


@click.command()
@click.argument("slug")
@click.argument("index", type=click.IntRange(min=0))
@click.option("-o", "--output", metavar="FILE", required=True, type=click.Path(path_type=Path), help="A new file.")
@as_member
@in_app
def receipt(slug: str, index: int, output: Path, reader: str | None) -> None:
    """Write the receipt of entry INDEX in the log of the group SLUG: it proves the entry for ever."""
    up_to_date()
    group = groups.named(slug)
    seen_by = active_member(group.id, reader) if reader else None
    with told_why():
        note = _checkpoint(group)
        size = parsed(note.rpartition("\n\n")[0] + "\n").size
        if index >= size:
            raise CannotExport(f"The log of {group.name} has {_so_many(size)}, so there is no entry {index}.")
        reader_id = seen_by.id if seen_by else None
        (found,) = contained(db.session(), group.id, [index], note=note, reader_id=reader_id)
        _write_new(output, found.receipt.text())
    click.echo(f"The receipt of entry {index} was written to {output}, under the checkpoint of {_so_many(size)}.")


@click.command()
@click.argument("slug")
@click.option("--yes", is_flag=True, help="Do not ask.")
@in_app
def renew(slug: str, yes: bool) -> None:
    """End the log of the group SLUG where it cannot go on, and begin a new one with the same entries.

    For a database that was set back behind what was signed, and for a key that was lost or stolen. Every member sees
    it, and whoever kept a checkpoint can tell what was lost. It cannot be undone.
    """
    up_to_date()
    group = groups.named(slug)
    if not yes:
        click.confirm(f"End the log of {group.name} for good, and begin a new one?", abort=True)
    with told_why():
        settings = _settings()
        done = begin_anew(group.id, key=settings.log_key, folder=settings.checkpoints, host=settings.host, at=_now())
    click.echo(f"The log {done.ended} has ended. {_so_many(done.entries)} of it go on in {done.origin}.")
    if done.lost:
        click.echo(
            f"Signed before and lost: {_so_many(done.lost)}. Tell the members; their letters and receipts show it."
        )
    click.echo("Tell the members the new key:")
    click.echo(f"  {_vkey(group)}")


@contextmanager
def told_why() -> Iterator[None]:
    """What cannot be signed, read whole or written ends the command with a sentence."""
    try:
        yield
    except (NotSigned, TornTree, CannotExport) as refusal:
        click.echo(str(refusal), err=True)
        sys.exit(1)


def _checkpoint(group: Group) -> str:
    settings = _settings()
    return signing.checkpoint(group.id, key=settings.log_key, folder=settings.checkpoints, at=_now())


def _vkey(group: Group) -> str:
    return signing.vkey(db.session(), group.id, key=_settings().log_key)


def _settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found


def _now() -> datetime:
    moment: datetime = current_app.extensions["clock"]()
    return moment


def _so_many(number: int) -> str:
    return f"{number:,} {'entry' if number == 1 else 'entries'}"


def _write_new(path: Path, text: str) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise CannotExport(f"{path} is there already. Name a file that is new: nothing is overwritten.") from error
    except OSError as error:
        raise CannotExport(f"{path} cannot be written: {error.strerror}.") from error
    with os.fdopen(handle, "wb") as file:
        file.write(text.encode())
