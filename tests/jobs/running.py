"""A site in processes of its own, and an SMTP server that remembers what it took."""

import asyncio
import email
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from flask import Flask

from exchange import create_app
from exchange.config import from_environment
from exchange.storage.db import db

PATIENCE = 30.0


def free_port() -> int:
    """A port on which nobody listens yet."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(true: Callable[[], Any], *, what: str, patience: float = PATIENCE) -> None:
    """Wait until it is true."""
    until = time.monotonic() + patience
    while not true():
        assert time.monotonic() < until, f"It did not come to be: {what}"
        time.sleep(0.05)


@dataclass(frozen=True)
class Taken:
    """An e-mail as it arrived. `number` is that of the first letter in it, and stays when it is sent again."""

    to: str
    kind: str
    message_id: str
    number: int
    text: str


@dataclass
class Sink:
    """Takes every e-mail, slowly if asked to, and remembers it."""

    seconds: float = 0.0
    taken: list[Taken] = field(default_factory=list)
    weekly: list[str] = field(default_factory=list)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 (aiosmtpd's name)
        """Take the e-mail."""
        message = email.message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        body, message_id = message.get_body(("plain",)), str(message["Message-ID"])
        if message["X-Exchange-Letter"] == "digest":  # on some days of the week these are due, too
            self.weekly.append(message_id)
            return "250 OK"
        assert body is not None
        number = int(message_id.removeprefix("<letter-").partition("-")[0])
        text = " ".join(body.get_content().split())
        self.taken.append(Taken(envelope.rcpt_tos[0], str(message["X-Exchange-Letter"]), message_id, number, text))
        await asyncio.sleep(self.seconds)
        return "250 OK"

    @property
    def extras(self) -> int:
        """How many e-mails came again."""
        return len(self.taken) - len({one.number for one in self.taken})


@contextmanager
def sink(seconds: float = 0.0) -> Iterator[tuple[Sink, str]]:
    """A running SMTP server and its address."""
    taker, port = Sink(seconds), free_port()
    controller = Controller(taker, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield taker, f"smtp://127.0.0.1:{port}"
    finally:
        controller.stop()


def instance(folder: Path, *, database: str, queue: str, smtp: str, port: int = 8000) -> dict[str, str]:
    """The environment of a fresh site whose database has its tables."""
    return os.environ | {
        "EXCHANGE_INSTANCE_PATH": str(folder),
        "EXCHANGE_DATABASE_URL": database,
        "EXCHANGE_QUEUE_URL": queue,
        "EXCHANGE_SMTP_URL": smtp,
        "EXCHANGE_BASE_URL": f"http://127.0.0.1:{port}",
    }


@contextmanager
def inside(env: dict[str, str]) -> Iterator[Flask]:
    """The same site in this process."""
    app = create_app(from_environment(env))
    with app.app_context():
        try:
            yield app
        finally:
            app.extensions["jobs"].queue.close()
            db.session.remove()
            db.engine.dispose()


def start(env: dict[str, str], output: Path, *words: str) -> subprocess.Popen[bytes]:
    """A command of the site, in a process group of its own."""
    with output.open("ab") as file:
        return subprocess.Popen(
            [sys.executable, "-m", "exchange", *words], env=env, stdout=file, stderr=file, process_group=0
        )


@contextmanager
def workers(env: dict[str, str], output: Path, *, number: int = 1) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Workers that have begun; whatever is left of them at the end is killed."""
    began = told(output).count("worker began")
    running = [start(env, output, "worker") for _ in range(number)]
    try:
        eventually(lambda: told(output).count("worker began") == began + number, what=f"workers: {told(output)}")
        yield running
    finally:
        for process in running:
            kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a process of ours and its children, at once."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def told(output: Path) -> str:
    """What the processes wrote."""
    return output.read_text() if output.exists() else ""
