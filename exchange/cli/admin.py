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


@admin.command("forget-second-factor")
@click.argument("email")
@in_app
def forget_second_factor(email: str) -> None:
    """Let somebody sign in with the password alone who lost their app and their recovery codes.

    Make sure that it is them who ask: whoever has their password signs in after this.
    """
    up_to_date()
    person = accounts.forget_second_factor(email)
    click.echo(f"{person.name} ({person.email}) signs in with the password alone now, and was signed out everywhere.")
