"""exchange group: groups, from the operator's side."""

import click
from flask import current_app

from exchange.cli.app import at_base, in_app, up_to_date
from exchange.domain import groups


@click.group()
def group() -> None:
    """Make groups."""


@group.command()
@click.argument("slug")
@click.argument("name")
@click.option("--organiser", required=True, metavar="EMAIL", help="The first organiser's e-mail address.")
@click.option("--zone", default="UTC", show_default=True, help="The group's time zone, such as America/New_York.")
@in_app
def create(slug: str, name: str, organiser: str, zone: str) -> None:
    """Make a group. Prints a link with which its organiser signs in, once."""
    up_to_date()
    made, token = groups.create(
        slug,
        name,
        organiser=organiser,
        zone=zone,
        host=current_app.extensions["settings"].host,
        at=current_app.extensions["clock"](),
    )
    click.echo(f"{made.name} is made, at {at_base(f'/g/{made.slug}/')}")
    click.echo(f"{organiser} signs in once with this link, within 14 days: {at_base(f'/join/{token}')}")
