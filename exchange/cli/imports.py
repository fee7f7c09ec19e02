"""exchange import: members and past favors from files."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO

import click
from flask import current_app

from exchange.cli.app import in_app, up_to_date
from exchange.cli.bar import bar
from exchange.domain import groups
from exchange.domain import imports as files

FAULTS_SHOWN = 20

skipping = click.option("--skip-invalid", is_flag=True, help="Leave bad lines out, list them, and take the rest.")


@click.group(name="import")
def imports() -> None:
    """Bring in members and past favors from CSV files."""


@imports.command()
@click.argument("slug")
@click.argument("file", type=click.File("rb"))
@skipping
@click.option("--invite", is_flag=True, help="Send an invitation to everybody who is added.")
@in_app
def members(slug: str, file: IO[bytes], skip_invalid: bool, invite: bool) -> None:
    """Add the people of FILE to the group SLUG.

    Columns: email, name, and if you have them firm, practice, office, skills, wishes, joined_on.
    """
    up_to_date()
    with told_why(), bar("Adding members") as progress:
        done = files.members(
            slug,
            file.read(),
            at=current_app.extensions["clock"](),
            skip_invalid=skip_invalid,
            invite=invite,
            progress=progress,
        )
    name = groups.named(slug).name
    click.echo(f"{counted(done.added, 'member was', 'members were')} added to {name}.")
    if invite and done.added:
        click.echo(f"{counted(done.added, 'invitation is', 'invitations are')} on the way.")
    if done.known:
        click.echo(f"{counted(len(done.known), 'was', 'were')} in the group already; nothing of theirs was changed:")
        for email in done.known:
            click.echo(f"  {email}")
    _tell_rest(done)


@imports.command()
@click.argument("slug")
@click.argument("file", type=click.File("rb"))
@skipping
@in_app
def favors(slug: str, file: IO[bytes], skip_invalid: bool) -> None:
    """Enter the past favors of FILE into the log of the group SLUG.

    Columns: giver, receiver (e-mail addresses), at, category, title, and withheld if you have it.
    """
    up_to_date()
    with told_why(), bar("Entering favors") as progress:
        done = files.favors(
            slug,
            file.read(),
            at=current_app.extensions["clock"](),
            skip_invalid=skip_invalid,
            progress=progress,
        )
    name = groups.named(slug).name
    click.echo(f"{counted(done.added, 'favor was', 'favors were')} entered into the log of {name}.")
    _tell_rest(done)


def _tell_rest(done: files.Imported) -> None:
    if done.ignored_columns:
        names = ", ".join(f"“{name}”" for name in done.ignored_columns)
        click.echo(f"Columns that nobody reads here, and that were ignored: {names}.")
    if done.left_out:
        click.echo(f"{counted(len(done.left_out), 'line was', 'lines were')} left out:")
        for sentence in numbered(done.left_out):
            click.echo(sentence)


def counted(number: int, one: str, many: str) -> str:
    """A number with its noun."""
    return f"{number:,} {one if number == 1 else many}"


def numbered(faults: Sequence[files.Fault]) -> list[str]:
    """Each fault with the number of its line."""
    return [f"  line {fault.line}: {fault.sentence}" for fault in faults]


@contextmanager
def told_why() -> Iterator[None]:
    """A refused file ends the command with the lines that are wrong: the first twenty, and how many more."""
    try:
        yield
    except files.BadFile as refusal:
        click.echo(str(refusal), err=True)
        for sentence in numbered(refusal.lines[:FAULTS_SHOWN]):
            click.echo(sentence, err=True)
        if (more := len(refusal.lines) - FAULTS_SHOWN) > 0:
            click.echo(f"  and {counted(more, 'line', 'lines')} more. --skip-invalid takes the rest.", err=True)
        sys.exit(1)
