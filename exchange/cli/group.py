"""exchange group: groups, from the operator's side."""

import json

import click
from flask import current_app

from exchange.cli.app import at_base, in_app, up_to_date
from exchange.cli.bar import bar
from exchange.domain import accounts, clearing, deleting, deletion_page, groups
from exchange.domain.desk import handover
from exchange.domain.errors import NotFound
from exchange.sentences import LANGUAGES
from exchange.storage.db import db


@click.group()
def group() -> None:
    """Make groups, say who organises where nobody does, and delete what two people want deleted."""


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


@group.command()
@click.option("--json", "as_json", is_flag=True, help="As a JSON list, for other programs.")
@in_app
def deletions(as_json: bool) -> None:
    """The groups that an organiser wants deleted, and whose word it takes besides."""
    up_to_date()
    found = deletion_page.everywhere(at=current_app.extensions["clock"]())
    if as_json:
        click.echo(json.dumps([_row(one) for one in found], indent=1, ensure_ascii=False))
    elif not found:
        click.echo("No group is to be deleted.")
    else:
        for one in found:
            click.echo(_sentence(one))


def _row(one: deletion_page.Proposed) -> dict[str, object]:
    return {
        "group": one.group.slug,
        "since": one.proposed_at.isoformat(),
        "from": one.from_at.isoformat(),
        "until": one.until_at.isoformat(),
        "second": "administrator" if one.by_administrator else "organiser",
    }


def _sentence(one: deletion_page.Proposed) -> str:
    second = "the site's administrator" if one.by_administrator else "another organiser"
    return (
        f"{one.group.slug}  {second} can agree from {one.from_at:%Y-%m-%d %H:%M} to {one.until_at:%Y-%m-%d %H:%M} UTC"
    )


@group.command()
@click.argument("slug")
@click.option("--administrator", required=True, metavar="EMAIL", help="The site's administrator who agrees.")
@click.option("--name", required=True, help="The group's name, so that no other group is deleted by mistake.")
@in_app
def delete(slug: str, administrator: str, name: str) -> None:
    """Agree, as the site's administrator, that the group SLUG be deleted, as its only organiser has proposed.

    What was in it is taken out before this command ends, and cannot come back.
    """
    up_to_date()
    found, at = groups.named(slug), current_app.extensions["clock"]()
    person = accounts.by_email(db.session(), administrator)
    if person is None or not person.is_administrator:
        raise NotFound(f"Nobody with the address {administrator} administers the site.")
    group_id, said = found.id, found.name
    deleting.agree(group_id, by=person, name=name, settings=current_app.extensions["settings"], at=at)
    every = clearing.rows(group_id)
    with bar("Taking out") as progress:
        while clearing.step(group_id):
            progress(every - clearing.rows(group_id), every)
    click.echo(f"{said} is deleted. Its last checkpoint stays at {at_base(f'/g/{slug}/log/checkpoint')}")
