"""exchange group: groups, from the operator's side."""

import click
from flask import current_app

from exchange.cli.app import at_base, in_app, up_to_date
from exchange.domain import groups
from exchange.domain.desk import handover
from exchange.sentences import LANGUAGES


@click.group()
def group() -> None:
    """Make groups, and say who organises where nobody does."""


@group.command()
@click.argument("slug")
@click.argument("email")
@in_app
def organiser(slug: str, email: str) -> None:
    """Make the member with this address an organiser, where none is left or the last one must go. The log says so."""
    up_to_date()
    named = handover.name_from_outside(slug, email, by=None, at=current_app.extensions["clock"]())
    click.echo(f"{named.name} ({email}) organises {named.group.name} now, and is told so by letter.")


@group.command()
@click.argument("slug")
@click.argument("name")
@click.option("--organiser", required=True, metavar="EMAIL", help="The first organiser's e-mail address.")
@click.option("--language", type=click.Choice(list(LANGUAGES)), default="en", show_default=True, help="Of its words.")
@click.option("--zone", default="UTC", show_default=True, help="The group's time zone, such as America/New_York.")
@in_app
def create(slug: str, name: str, organiser: str, zone: str, language: str) -> None:
    """Make a group. Prints a link with which its organiser signs in, once."""
    up_to_date()
    made, token = groups.create(
        slug,
        name,
        organiser=organiser,
        zone=zone,
        language=language,
        host=current_app.extensions["settings"].host,
        at=current_app.extensions["clock"](),
    )
    click.echo(f"{made.name} is made, at {at_base(f'/g/{made.slug}/')}")
    click.echo(f"{organiser} signs in once with this link, within 14 days: {at_base(f'/join/{token}')}")
