"""The three kinds of queue, each by its real server."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as NotThere

from tests.databases import fresh
from tests.jobs.running import eventually, free_port


@pytest.fixture(scope="session")
def postgres_queue(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("queue")
    with fresh("postgres", folder, f"queue_{worker_id}") as url:
        yield url.replace("postgresql+psycopg://", "postgresql://", 1)


@pytest.fixture(scope="session")
def redis_queue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("Left out: the queue on Redis, because redis-server is not on this machine.")
    folder, port = tmp_path_factory.mktemp("redis"), free_port()
    server = subprocess.Popen(
        [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)],
        stdout=subprocess.DEVNULL,
    )
    with Redis(port=port) as client:
        eventually(lambda: _answers(client), what="a Redis that answers")
    yield f"redis://127.0.0.1:{port}/0"
    server.terminate()
    server.wait(10)


def _answers(client: Redis) -> bool:
    try:
        return bool(client.ping())
    except NotThere:
        return False


@pytest.fixture(params=["sqlite", "postgres", "redis"])
def queue_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a real queue of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'queue.sqlite'}"
    return str(request.getfixturevalue(f"{request.param}_queue"))
