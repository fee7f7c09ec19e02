"""Settings from the environment, as one typed object. The README lists them in one table."""

import base64
import os
import secrets
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

LOG_KEY_BYTES = 32
SHORTEST_SECRET = 32
LONGEST_BOUNCES = 25  # characters before the @ that leave room for what is written behind them


class Misconfigured(Exception):  # noqa: N818 (read as a sentence: "the server is misconfigured")
    """The environment does not hold what the server needs. The sentence says what, and how to mend it."""


@dataclass(frozen=True)
class Settings:
    """What the operator decides. `smtp_url` and `log_key` may be empty outside production.

    `secrets_before` are the keys before `secret_key`: what they have signed stays good until its time is over.
    `bounces_to` is the address that letters come back to, `bounces_box` the Maildir or IMAP folder that is read there.
    `mail_per_second` and `mail_per_domain` limit e-mails a second, over all workers; 0 is no limit. Without a
    `metrics_token` there are no metrics.
    """

    production: bool
    secret_key: str
    database_url: str
    queue_url: str
    smtp_url: str
    base_url: str
    log_key: bytes
    instance: Path
    demo: bool = False
    sender: str = ""
    clock_offset: Path | None = None
    secrets_before: tuple[str, ...] = ()
    bounces_to: str = ""
    bounces_box: str = ""
    mail_per_second: float = 0.0
    mail_per_domain: float = 0.0
    metrics_token: str = ""

    @property
    def host(self) -> str:
        """The host under which logs are founded and letters are sent."""
        return urlsplit(self.base_url).netloc

    @property
    def checkpoints(self) -> Path:
        """Where the last checkpoint of each log is kept, outside the database and its backups."""
        return self.instance / "checkpoints"

    @property
    def letters_from(self) -> str:
        """The address that letters come from."""
        return self.sender or f"exchange@{urlsplit(self.base_url).hostname}"

    @property
    def secure(self) -> bool:
        """Whether people reach the site by TLS, so that cookies may insist on it."""
        return self.base_url.startswith("https://")


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings. Outside production missing keys are made once, in the instance folder.

    Raises:
        Misconfigured: production lacks a secret, or a value cannot be used.
    """
    env = os.environ if environment is None else environment
    production = env.get("EXCHANGE_ENV", "") == "production"
    instance = Path(env.get("EXCHANGE_INSTANCE_PATH", "") or "instance").resolve()
    secret = env.get("EXCHANGE_SECRET_KEY", "")
    log_key = env.get("EXCHANGE_LOG_KEY", "")
    offset = env.get("EXCHANGE_CLOCK_OFFSET_FILE", "")
    if production:
        _complete(secret, log_key, env)
    instance.mkdir(parents=True, exist_ok=True)
    secret = secret or kept(instance / "secret-key", lambda: secrets.token_urlsafe(48))
    log_key = log_key or kept(
        instance / "log-key", lambda: base64.b64encode(secrets.token_bytes(LOG_KEY_BYTES)).decode()
    )
    return Settings(
        production=production,
        secret_key=secret,
        database_url=_database(env.get("EXCHANGE_DATABASE_URL", "") or f"sqlite:///{instance / 'exchange.sqlite'}"),
        queue_url=env.get("EXCHANGE_QUEUE_URL", "") or f"sqlite:///{instance / 'queue.sqlite'}",
        smtp_url=env.get("EXCHANGE_SMTP_URL", ""),
        base_url=_base(env.get("EXCHANGE_BASE_URL", "") or "http://127.0.0.1:8000"),
        log_key=_log_key(log_key),
        instance=instance,
        demo=env.get("EXCHANGE_DEMO", "") == "1" and not production,
        sender=env.get("EXCHANGE_MAIL_FROM", ""),
        clock_offset=None if production or not offset else Path(offset),
        secrets_before=tuple(env.get("EXCHANGE_SECRET_KEY_BEFORE", "").replace(",", " ").split()),
        bounces_to=_bounces(env.get("EXCHANGE_BOUNCES_TO", "")),
        bounces_box=env.get("EXCHANGE_BOUNCES_BOX", ""),
        mail_per_second=_rate(env, "EXCHANGE_MAIL_PER_SECOND"),
        mail_per_domain=_rate(env, "EXCHANGE_MAIL_PER_DOMAIN"),
        metrics_token=env.get("EXCHANGE_METRICS_TOKEN", ""),
    )


def _complete(secret: str, log_key: str, env: Mapping[str, str]) -> None:
    if len(secret) < SHORTEST_SECRET:
        raise Misconfigured(
            "EXCHANGE_SECRET_KEY is missing or shorter than 32 characters. "
            "Make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
        )
    if not log_key:
        raise Misconfigured(
            "EXCHANGE_LOG_KEY is missing. Make one with: openssl rand -base64 32, and keep a copy off this machine."
        )
    if not env.get("EXCHANGE_BASE_URL"):
        raise Misconfigured("EXCHANGE_BASE_URL is missing. Set it to the address that people open, with https://.")


def _log_key(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        key = b""
    if len(key) != LOG_KEY_BYTES:
        raise Misconfigured("EXCHANGE_LOG_KEY is not 32 bytes in base64. Make one with: openssl rand -base64 32")
    return key


def _base(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path.strip("/"):
        raise Misconfigured(f"EXCHANGE_BASE_URL is “{url}”; it has to look like https://exchange.example.")
    return url.rstrip("/")


def _database(url: str) -> str:
    for plain in ("postgres://", "postgresql://"):
        if url.startswith(plain):
            return "postgresql+psycopg://" + url.removeprefix(plain)
    if not url.startswith(("sqlite:", "postgresql+psycopg:")):
        raise Misconfigured("EXCHANGE_DATABASE_URL has to begin with sqlite: or postgresql:.")
    return url


def _bounces(address: str) -> str:
    local, at, domain = address.rpartition("@")
    if address and not (at and domain and local.isascii() and 0 < len(local) <= LONGEST_BOUNCES):
        raise Misconfigured(f"EXCHANGE_BOUNCES_TO is “{address}”; it has to look like bounces@exchange.example.")
    return address


def _rate(env: Mapping[str, str], name: str) -> float:
    text = env.get(name, "")
    try:
        rate = float(text or 0)
    except ValueError:
        rate = -1.0
    if not 0 <= rate < float("inf"):
        raise Misconfigured(f"{name} is “{text}”; it has to be a number of e-mails a second, such as 5 or 0.5.")
    return rate


def kept(path: Path, make: Callable[[], str]) -> str:
    """The text of a file that only its owner can read; made once, by whichever process comes first."""
    if not path.exists():
        handle, draft = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "w") as file:
            file.write(make() + "\n")
        with suppress(FileExistsError):
            os.link(draft, path)
        Path(draft).unlink()
    return path.read_text().strip()


def random_password() -> str:
    """Three groups of four letters and digits that cannot be mistaken for each other; about 59 bits."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(3))


def clock(settings: Settings) -> Callable[[], datetime]:
    """What tells the moment. Outside production a file may hold seconds to add, so that a rehearsal can move on."""
    path = settings.clock_offset
    if path is None:
        return lambda: datetime.now(UTC)

    def moved() -> datetime:
        text = path.read_text().strip() if path.exists() else ""
        return datetime.now(UTC) + timedelta(seconds=float(text or 0))

    return moved
