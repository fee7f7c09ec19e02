"""What the doctor says of settings and the machine: addresses, keys, the queue, room, the clock, who is in charge."""

import json
import shutil
import socket
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from exchange.cli.doctor_letters import Said
from exchange.config import Misconfigured, Settings
from exchange.mail.smtp import Smtp
from exchange.queues import opener
from exchange.storage.group import Group
from exchange.storage.letter import Letter
from exchange.storage.person import Person
from exchange.storage.site_text import SiteText, TextKind

ROOM = 500_000_000
AHEAD = timedelta(minutes=10)
SHORTEST_TOKEN = 20
WAITS_SECONDS = 5


def settings_said(settings: Settings) -> Iterator[Said]:
    """What can be said without the database."""
    yield from _mail(settings)
    yield _queue(settings)
    yield _room(settings)
    if settings.production:
        yield _reachable(settings)
    if settings.secret_key in settings.secrets_before:
        yield "keys", False, "EXCHANGE_SECRET_KEY stands in EXCHANGE_SECRET_KEY_BEFORE, too: it was never changed."
    if 0 < len(settings.metrics_token) < SHORTEST_TOKEN:
        yield "metrics", False, "EXCHANGE_METRICS_TOKEN is shorter than 20 characters, so it can be guessed."
    if settings.bounces_box and not settings.bounces_to:
        yield "bounces", False, "EXCHANGE_BOUNCES_BOX is set and EXCHANGE_BOUNCES_TO is not: nothing comes back there."


def _mail(settings: Settings) -> Iterator[Said]:
    domain = settings.letters_from.rpartition("@")[2]
    if settings.production and ("." not in domain or _here(domain)):
        yield "sender", False, f"Letters would come from {settings.letters_from}: set EXCHANGE_MAIL_FROM."
    if not settings.smtp_url:
        return
    try:
        server = Smtp(settings.smtp_url)
    except Misconfigured as unreadable:
        yield "server", False, str(unreadable)
        return
    why = silence(server.host, server.port)
    where = f"{server.host}:{server.port}"
    yield "server", not why, f"The mail server {where} does not answer: {why}" if why else f"{where} takes letters."
    if server.user and not server.password:
        yield "server", False, "EXCHANGE_SMTP_URL names a user without a password."


def silence(host: str, port: int) -> str:
    """Why nothing answers there, empty if something does."""
    try:
        with closing(socket.create_connection((host, port), timeout=WAITS_SECONDS)):
            return ""
    except OSError as error:
        return error.strerror or str(error) or type(error).__name__


def _queue(settings: Settings) -> Said:
    try:
        storage = opener(settings.queue_url)()
        try:
            storage.queue_size()
        finally:
            storage.close()
    except Misconfigured as unreadable:
        return "queue", False, str(unreadable)
    except Exception as error:
        why = str(error).strip().partition("\n")[0] or type(error).__name__
        return "queue", False, f"The queue does not answer, so work waits for up to a minute: {why}"
    return "queue", True, "The queue answers."


def _room(settings: Settings) -> Said:
    try:
        free = shutil.disk_usage(settings.instance).free
    except OSError:
        return "room", True, "How much room there is cannot be said."  # the instance folder is found by itself
    if free < ROOM:
        return "room", False, f"Only {free // 1_000_000:,} MB are free where {settings.instance} lies."
    return "room", True, f"There is room where {settings.instance} lies: {free // 1_000_000:,} MB."


def _reachable(settings: Settings) -> Said:
    host = urlsplit(settings.base_url).hostname or ""
    if _here(host):
        return "address", False, f"Links in letters lead to {host}, which only this machine or network reaches."
    return "address", True, f"Links in letters lead to {host}."


def _here(host: str) -> bool:
    """Whether an address means this machine, or a network that is nobody else's."""
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal"))
    return address.is_private or address.is_loopback


def house_said(session: Session, settings: Settings, *, at: datetime) -> Iterator[Said]:
    """What the database tells: whether the clock went back, the keys fit, and somebody is in charge."""
    newest = session.scalar(select(func.max(Letter.created_at)))
    if newest is not None and newest > at + AHEAD:
        yield (
            "clock",
            False,
            f"A letter was written at {newest:%Y-%m-%d %H:%M} UTC, which is yet to come. Set the clock.",
        )
    yield from _second_factors(session)
    if not settings.production:
        return
    if session.scalar(select(Person.id).where(Person.is_administrator, Person.active).limit(1)) is None:
        yield "administrator", False, "Nobody administers the site. Run: exchange admin grant EMAIL"
    if session.get(SiteText, TextKind.IMPRINT) is None:
        yield "texts", False, f"Nobody has written who runs this site. Open {settings.base_url}/admin/texts/imprint"
    for slug in session.scalars(select(Group.slug).where(Group.invented).order_by(Group.slug)):
        yield "group", False, f"{slug}: this is the example with invented people, and no group of yours."


def _second_factors(session: Session) -> Iterator[Said]:
    known = set(current_app.config["SECURITY_TOTP_SECRETS"])
    kept = session.scalars(select(Person.tf_totp_secret).where(Person.tf_totp_secret.is_not(None)))
    lost = sum(json.loads(one or "{}").get("enckey", {}).get("t") not in known for one in kept)
    if lost:
        way_out = "EXCHANGE_SECRET_KEY was changed; put the one before it into EXCHANGE_SECRET_KEY_BEFORE."
        yield "keys", False, f"Second factors that cannot be read: {lost:,}. {way_out}"
