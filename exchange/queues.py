"""The kinds of queue that can wake a worker: SQLite, Redis, PostgreSQL. Each library is loaded only if it is used."""

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from exchange.config import Misconfigured

ANSWER_SECONDS = 2


def opener(url: str) -> Callable[[], Any]:
    """What opens the queue at this address. Nothing is opened yet, and a library is loaded only if it is used."""
    kind, _, rest = url.partition("://")
    if kind == "sqlite" and rest.startswith("/") and len(rest) > 1:
        return partial(_sqlite, rest.removeprefix("/"))
    if kind in {"redis", "rediss"} and _is_redis(url):
        return partial(_redis, url)
    if kind in {"postgres", "postgresql", "postgresql+psycopg"} and _is_postgres(f"postgresql://{rest}"):
        return partial(_postgres, f"postgresql://{rest}")
    raise Misconfigured(
        "EXCHANGE_QUEUE_URL has to look like sqlite:////path/queue.sqlite, postgresql://host/database, "
        "redis://host:6379/0 or rediss://host:6379/0."
    )


def _is_redis(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0 and (parts.path.strip("/") or "0").isdigit()
    except ValueError:
        return False


def _is_postgres(dsn: str) -> bool:
    import psycopg

    try:
        return bool(psycopg.conninfo.conninfo_to_dict(dsn))
    except psycopg.ProgrammingError:
        return False


def _sqlite(path: str) -> Any:
    from huey.storage import SqliteStorage

    return SqliteStorage("exchange", filename=path, timeout=ANSWER_SECONDS, fsync=False)


def _redis(url: str) -> Any:
    from huey.storage import RedisStorage
    from redis import ConnectionPool
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    pool = ConnectionPool.from_url(
        url, socket_connect_timeout=ANSWER_SECONDS, socket_timeout=ANSWER_SECONDS, retry=Retry(NoBackoff(), 0)
    )
    return RedisStorage("exchange", connection_pool=pool)


def _postgres(dsn: str) -> Any:
    from huey.storage import PostgresStorage

    patience = {"connect_timeout": ANSWER_SECONDS, "tcp_user_timeout": ANSWER_SECONDS * 1000}
    return PostgresStorage("exchange", dsn=dsn, application_name="exchange queue", **patience)
