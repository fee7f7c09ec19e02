"""exchange export: the log's favors as a file that can be imported again."""

import csv
import sys

import click
from sqlalchemy import select

from exchange.cli.app import in_app, up_to_date
from exchange.domain import accounts, entries, groups
from exchange.domain.errors import NotFound
from exchange.log.shown import Side
from exchange.storage.db import db
from exchange.storage.membership import Membership, MembershipState

COLUMNS = ("giver", "receiver", "at", "category", "title", "withheld")


@click.group()
def export() -> None:
    """Write out what a group's members may see."""


@export.command()
@click.argument("slug")
@click.option(
    "--as", "reader", metavar="EMAIL", help="As this member may see it, withheld favors of their own included."
)
@in_app
def favors(slug: str, reader: str | None) -> None:
    """Write the favors of a group as CSV: as any active member may see them, or as one may."""
    up_to_date()
    group = groups.named(slug)
    seen_by = active_member(group.id, reader) if reader else None
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(COLUMNS)
    for entry in entries.favors_of(group, seen_by=seen_by):
        giver, receiver = (_address(side) for side in (entry.giver, entry.receiver))
        out.writerow((giver, receiver, entry.day.isoformat(), entry.category, entry.what, int(entry.withheld)))


def _address(member: Side | None) -> str:
    """The address of a member; nothing for one who is withheld or was forgotten."""
    return member.email if member is not None and member.erased_by_entry is None else ""


def active_member(group_id: int, email: str) -> Membership:
    """The member of a group with this address. Raises NotFound for anybody else."""
    person = accounts.by_email(db.session(), email)
    found = select(Membership).filter_by(
        group_id=group_id, person_id=person.id if person else None, state=MembershipState.ACTIVE
    )
    member = db.session.scalar(found) if person else None
    if member is None:
        raise NotFound(f"{email} is no active member of this group.")
    return member
