"""What the doctor says of letters: what the domain's records need, what waits, and what comes back."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from exchange.config import Settings
from exchange.digest.issue import WAITING
from exchange.mail.pace import wall
from exchange.storage.digest import DigestIssue, unsent
from exchange.storage.pace import MailBreaker
from exchange.storage.suppression import Suppression

WAITS_AT_MOST = timedelta(hours=2)

# What it is about, whether it is fine, and the sentence.
Said = tuple[str, bool, str]

SPF = (
    "SPF: {returns}, which letters come back to, needs a TXT record that names every server which sends for it, "
    "such as “v=spf1 a:{server} -all”."
)
DKIM = (
    "DKIM: {server} has to sign for {domain}, the List-Unsubscribe headers among the rest, and "
    "SELECTOR._domainkey.{domain} needs a TXT record with its public key."
)
DMARC = "DMARC: _dmarc.{domain} needs a TXT record, such as “v=DMARC1; p=quarantine; rua=mailto:postmaster@{domain}”."
APART = (
    "Letters are from {domain} and come back to {returns}. SPF counts for DMARC only where both belong to one domain: "
    "choose EXCHANGE_MAIL_FROM and EXCHANGE_BOUNCES_TO in the same one."
)
UNREAD = (
    "Letters come back to {bounces}, and nobody reads them there: set EXCHANGE_BOUNCES_BOX, and run "
    "`exchange bounces` every hour."
)
READ = "Letters come back to {bounces}, and `exchange bounces` reads them there."
TO_SENDER = (
    "Letters come back to {sender}. With EXCHANGE_BOUNCES_TO and `exchange bounces`, addresses that do not exist get "
    "no more of them."
)


def records(settings: Settings) -> Iterator[Said]:
    """What SPF, DKIM and DMARC need, so that receivers believe that letters come from us."""
    server = urlsplit(settings.smtp_url).hostname if settings.smtp_url else ""
    if not server:
        return
    bounces, sender = settings.bounces_to, settings.letters_from
    domain, returns = (address.rpartition("@")[2] for address in (sender, bounces or sender))
    facts = {"server": server, "domain": domain, "returns": returns, "bounces": bounces, "sender": sender}
    for about, sentence in (("spf", SPF), ("dkim", DKIM), ("dmarc", DMARC)):
        yield about, True, sentence.format(**facts)
    if not _one_domain(domain, returns):
        yield "dmarc", False, APART.format(**facts)
    said = TO_SENDER if not bounces else READ if settings.bounces_box else UNREAD
    yield "bounces", said is not UNREAD, said.format(**facts)


def _one_domain(one: str, other: str) -> bool:
    """Whether the two are the same, or one lies within the other."""
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")


def weekly(session: Session, *, at: datetime) -> Iterator[Said]:
    """Weekly letters that wait for long, a server that takes none, and addresses that letters come back from."""
    waiting, oldest = session.execute(
        select(func.count(), func.min(DigestIssue.due_at)).where(
            unsent(*WAITING), DigestIssue.due_at < at - WAITS_AT_MOST
        )
    ).one()
    if waiting:
        since = f"{oldest:%Y-%m-%d %H:%M} UTC"
        yield "weekly", False, f"Weekly letters that wait for longer than two hours: {waiting:,}, since {since}."
    else:
        yield "weekly", True, "No weekly letter waits for longer than two hours."
    resting = session.scalar(select(MailBreaker).where(MailBreaker.until > wall()))
    if resting is not None:
        times = f"{resting.failures:,} times in a row"
        yield "server", False, f"The mail server has not taken letters, {times}. It said: {resting.why}"
    count = select(func.count()).select_from(Suppression).where(Suppression.since.is_not(None))
    if suppressed := session.scalar(count):
        yield "bounces", True, f"Addresses that get no letters, because they come back: {suppressed:,}."
