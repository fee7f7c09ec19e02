"""exchange init: bring the database up to date."""

import click

from exchange.cli.app import in_app
from exchange.storage import migrate
from exchange.storage.db import db


@click.command()
@in_app
def init() -> None:
    """Make the tables, or bring them up to date."""
    before, newest = migrate.current(db.engine), migrate.newest()
    migrate.upgrade(db.engine)
    if before == newest:
        click.echo("The database is up to date; nothing was changed.")
    elif before:
        click.echo(f"The database went from {before} to {newest}.")
    else:
        click.echo(f"The database is made, at {newest}.")
