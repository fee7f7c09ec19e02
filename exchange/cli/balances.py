"""exchange balances: what each member gave and received, as the log says."""

import json

import click
from sqlalchemy import select

from exchange import log
from exchange.cli.app import in_app, up_to_date
from exchange.domain import groups
from exchange.log import Balance
from exchange.storage.db import db
from exchange.storage.membership import Membership, MembershipState
from exchange.storage.person import Person

COLUMNS = ("given", "received", "people_helped", "people_helped_by")
HEADINGS = ("gave", "received", "people helped", "helped by people")


@click.command()
@click.argument("slug")
@click.option("--json", "as_json", is_flag=True, help="As a JSON list, for other programs.")
@in_app
def balances(slug: str, as_json: bool) -> None:
    """What each active member of the group SLUG gave and received, over all time.

    By name, or with --json by e-mail address; never by who gave most.
    """
    up_to_date()
    found = _found(groups.named(slug).id)
    if as_json:
        found.sort(key=lambda one: one[0].person.email)
        rows = [
            {"member": member.person.email} | {name: getattr(balance, name) for name in COLUMNS}
            for member, balance in found
        ]
        click.echo(json.dumps(rows, indent=1, ensure_ascii=False))
        return
    if not found:
        click.echo("This group has no active members.")
        return
    found.sort(key=lambda one: (one[0].name.casefold(), one[0].number))
    for line in _aligned(found):
        click.echo(line)


def _found(group_id: int) -> list[tuple[Membership, Balance]]:
    session = db.session()
    counts = log.balances(session, group_id)
    members = session.scalars(
        select(Membership)
        .join(Person)
        .where(Membership.group_id == group_id, Membership.state == MembershipState.ACTIVE)
    )
    return [(member, counts.get(member.id, Balance())) for member in members]


def _aligned(found: list[tuple[Membership, Balance]]) -> list[str]:
    rows: list[tuple[str, ...]] = [("member", "", *HEADINGS)]
    rows += [
        (member.name, member.person.email, *(f"{getattr(balance, name):,}" for name in COLUMNS))
        for member, balance in found
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if place < 2 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
