"""exchange admin: the site's administrator."""

import click

from exchange.cli.app import in_app, up_to_date
from exchange.domain import accounts


@click.group()
def admin() -> None:
    """Say who administers the site."""


@admin.command()
@click.argument("email")
@in_app
def grant(email: str) -> None:
    """Make somebody with an account the site's administrator."""
    up_to_date()
    person = accounts.grant_administration(email)
    click.echo(f"{person.name} ({person.email}) administers the site now.")
