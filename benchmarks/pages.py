"""The figures of pages beside a bare Flask hello world, on the same server in the same run.

    python -m benchmarks.pages [--database sqlite|postgres] [--size small|large] [--in-process] [--folder FOLDER]
                               [--only-make]

Signed in, at 500 members and 20,000 favors, then at EXCHANGE_BENCH_MEMBERS (100,000) members and EXCHANGE_BENCH_FAVORS
(1,000,000) favors; 0 leaves the large one out. For each page: milliseconds in process, statements, bytes and bytes
compressed; then, with `serve` and hello world on two gunicorn workers each, requests a second and p50 and p99 at
EXCHANGE_BENCH_CLIENTS (4) connections at a time, each for ten requests, over EXCHANGE_BENCH_SECONDS (4). Exit status 1
where a limit is missed. With a folder the sites are made there once, and kept: a run in pieces compares what its pieces
have found.
"""

import gzip
import json
import os
import re
import socket
import subprocess
import sys
import time
from argparse import ArgumentParser
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import NamedTuple

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from benchmarks.pages_world import SLUG, opened, site
from exchange.config import Settings
from exchange.domain import sign_ins
from exchange.storage.db import db
from exchange.storage.membership import Membership
from exchange.storage.person import Person

SMALL = (500, 20_000)
LARGE = (
    int(os.environ.get("EXCHANGE_BENCH_MEMBERS", "100000")),
    int(os.environ.get("EXCHANGE_BENCH_FAVORS", "1000000")),
)
CLIENTS = int(os.environ.get("EXCHANGE_BENCH_CLIENTS", "4"))
SECONDS = float(os.environ.get("EXCHANGE_BENCH_SECONDS", "4"))
OF_A_VISITOR = 10
READER = 137
ROUNDS = 30
PAGES = {
    "board": "",
    "search": "search?q=cargo+insurance",
    "log": "log",
    "member": f"members/{101 + READER}",
    "group": "numbers",
    "directory": "members/?help=escrow",
}
MOST_MS, MOST_STATEMENTS, FIRST_VISIT, SHARE, SLOWER = 30.0, 8, 100_000, 30, 1.3


class Page(NamedTuple):
    """What one page costs in process: milliseconds on the clock and of the processor, statements, bytes."""

    ms: float
    cpu: float
    statements: int
    size: int
    packed: int


class Served(NamedTuple):
    """What one page does on the server."""

    rate: float
    p50: float
    p99: float


def main() -> int:
    """Measure everything, print each figure when it is there. Returns the exit status."""
    said = ArgumentParser()
    said.add_argument("--database", choices=("sqlite", "postgres"))
    said.add_argument("--size", choices=("small", "large"))
    said.add_argument("--in-process", action="store_true")
    said.add_argument("--only-make", action="store_true")
    said.add_argument("--folder", type=Path)
    chosen = said.parse_args()
    sizes = {"small": SMALL, "large": LARGE}
    missed = 0
    with TemporaryDirectory(prefix="exchange-pages-") as name:
        folder = chosen.folder or Path(name)
        for kind in (chosen.database,) if chosen.database else ("sqlite", "postgres"):
            for size in (chosen.size,) if chosen.size else sizes:
                members, favors = sizes[size]
                if not members:
                    continue
                begun, place = perf_counter(), folder / f"{kind}-{size}"
                with site(kind, place, members, favors, kept=chosen.folder is not None) as settings:
                    print(f"\n{kind}, {members:,} members, {favors:,} favors, made in {perf_counter() - begun:.0f} s")
                    if chosen.only_make:
                        continue
                    bad, served = measured(settings, serve=not chosen.in_process)
                missed += bad
                if served:
                    (folder / f"{kind}-{size}.json").write_text(
                        json.dumps({page: one.p99 for page, one in served.items()})
                    )
            missed += compared(folder, kind)
    return 1 if missed else 0


def compared(folder: Path, kind: str) -> int:
    """The p99 of the large size beside that of the small one, where both are known: how many limits were missed."""
    both = [folder / f"{kind}-{size}.json" for size in ("small", "large")]
    if not all(one.exists() for one in both):
        return 0
    small, large = (json.loads(one.read_text()) for one in both)
    missed = 0
    for page in (page for page in small if page in large):
        times = large[page] / small[page]
        missed += line(f"{page}: p99 at the large size", f"{times:.2f} times", SLOWER, times <= SLOWER)
    return missed


def measured(settings: Settings, *, serve: bool) -> tuple[int, dict[str, Served]]:
    """Every page of one site: how many limits were missed, and what the server did."""
    missed = 0
    with opened(settings) as app:
        cookie = signed_in(app)
        for page, path in PAGES.items():
            one = in_process(app, f"/g/{SLUG}/{path}", cookie)
            value = f"{one.ms:.1f} ms ({one.cpu:.1f} of the processor), {one.statements} statements, "
            value += f"{one.size:,} bytes, {one.packed:,} packed"
            kept = one.ms <= MOST_MS and one.statements <= MOST_STATEMENTS
            missed += line(page, value, f"{MOST_MS:.0f} ms, {MOST_STATEMENTS} statements", kept)
        first = first_visit(app, cookie)
        missed += line(
            "first visit of the board, compressed", f"{first:,} bytes", f"{FIRST_VISIT:,}", first < FIRST_VISIT
        )
    return (missed, {}) if not serve else on_server(settings, cookie, missed)


def on_server(settings: Settings, cookie: str, missed: int) -> tuple[int, dict[str, Served]]:
    """Every page, with hello world before it and after it: a machine that others use is not always as fast."""
    found: dict[str, Served] = {}
    hello = [sys.executable, "-m", "gunicorn", "benchmarks.hello:app", "-w", "2", "-k", "gthread", "--threads", "4"]
    env = {
        "EXCHANGE_DATABASE_URL": settings.database_url,
        "EXCHANGE_SECRET_KEY": settings.secret_key,
        "EXCHANGE_LOG_KEY": b64encode(settings.log_key).decode(),
        "EXCHANGE_INSTANCE_PATH": str(settings.instance),
    }
    with (
        running(hello) as bare,
        running([sys.executable, "-m", "exchange", "serve", "--workers", "2"], env) as port,
    ):
        for path in PAGES.values():
            load(port, f"/g/{SLUG}/{path}", cookie, 0.5)
        before = load(bare, "/", "", SECONDS / 2)
        line("hello world", said(before), "", kept=True)
        for page, path in PAGES.items():
            found[page] = one = load(port, f"/g/{SLUG}/{path}", cookie, SECONDS)
            after = load(bare, "/", "", SECONDS / 2)
            beside = (before.rate + after.rate) / 2
            share, before = beside / one.rate, after
            said_of_it = f"{said(one)}, 1/{share:.0f} of {beside:,.0f}"
            missed += line(page, said_of_it, f"1/{SHARE} of hello world", share <= SHARE)
    return missed, found


def line(what: str, value: str, limit: object, kept: bool) -> bool:
    """Print one figure; whether its limit was missed."""
    print(f"  {what:<38}{value:<82}{limit!s:<26}{'ok' if kept else 'MISSED'}", flush=True)
    return not kept


def said(one: Served) -> str:
    """A figure of the server in words."""
    return f"{one.rate:,.0f} requests a second, p50 {one.p50 * 1e3:.1f} ms, p99 {one.p99 * 1e3:.1f} ms"


def signed_in(app: Flask) -> str:
    """The cookie of a member who has been here today."""
    found = select(Person).join(Membership).where(Membership.number == 100 + READER)
    client = app.test_client()
    with client.session_transaction() as kept:
        person = db.session.scalars(found).one()
        key = sign_ins.begin(person, browser="Firefox", system="Linux", at=app.extensions["clock"]())
        kept["_user_id"], kept["_fresh"] = key, True
    db.session.remove()
    with app.app_context():
        client.get(f"/g/{SLUG}/")  # notes that the member was here, in the cookie too
    cookie = client.get_cookie("session")
    assert cookie is not None
    return f"session={cookie.value}"


def get(client: FlaskClient, path: str, cookie: str) -> bytes:
    """One page, in a context of its own: Flask would share what it keeps for a request with one that is there."""
    with client.application.app_context():
        response = client.get(path, headers={"Cookie": cookie})
    assert response.status_code == 200, (path, response.status_code)
    return bytes(response.data)


def in_process(app: Flask, path: str, cookie: str) -> Page:
    """The median of several rounds, after some to warm up."""
    client, statements, spent, worked, body = app.test_client(use_cookies=False), [], [], [], b""
    db.session.remove()

    def count(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", count)
    for _ in range(ROUNDS + 5):
        statements.clear()
        begun, so_far = perf_counter(), process_time()
        body = get(client, path, cookie)
        spent.append(perf_counter() - begun)
        worked.append(process_time() - so_far)
    event.remove(db.engine, "before_cursor_execute", count)
    if os.environ.get("EXCHANGE_BENCH_STATEMENTS"):
        print("\n".join(f"    {' '.join(one.split())[:220]}" for one in statements))
    return Page(
        median(spent[5:]) * 1e3, median(worked[5:]) * 1e3, len(statements), len(body), len(gzip.compress(body, 6))
    )


def first_visit(app: Flask, cookie: str) -> int:
    """The board with all that it loads, compressed."""
    client = app.test_client(use_cookies=False)
    body = get(client, f"/g/{SLUG}/", cookie)
    loaded = set(re.findall(rb'(?:href|src)="(/static/[^"]+)"', body))
    return sum(len(gzip.compress(one, 6)) for one in (body, *(get(client, path.decode(), cookie) for path in loaded)))


@contextmanager
def running(command: list[str], env: dict[str, str] | None = None) -> Iterator[int]:
    """A server in processes of its own, on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    where = ["--port", str(port)] if env else ["--bind", f"127.0.0.1:{port}", "--no-control-socket"]
    server = subprocess.Popen([*command, *where], env=os.environ | (env or {}), stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), 0.2).close()
                break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait(30)


def load(port: int, path: str, cookie: str, seconds: float) -> Served:
    """So many connections that ask again as soon as they are answered."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(lambda _: ask(port, path, cookie, 1.0), range(CLIENTS)))
        begun = perf_counter()
        spent = [one for some in pool.map(lambda _: ask(port, path, cookie, seconds), range(CLIENTS)) for one in some]
        took = perf_counter() - begun
    return Served(len(spent) / took, median(spent), quantiles(spent, n=100)[98])


def ask(port: int, path: str, cookie: str, seconds: float) -> list[float]:
    """One visitor after another, each on a connection of their own: seconds of each answer. A connection stays with the
    worker that has taken it, so with a few that last both workers rarely have as much to do.
    """
    connection, spent = HTTPConnection("127.0.0.1", port, timeout=60), list[float]()
    until = perf_counter() + seconds
    while perf_counter() < until:
        if len(spent) % OF_A_VISITOR == 0:
            connection.close()
        begun = perf_counter()
        connection.request("GET", path, headers={"Cookie": cookie})
        response = connection.getresponse()
        response.read()
        assert response.status == 200, (path, response.status)
        spent.append(perf_counter() - begun)
    connection.close()
    return spent


if __name__ == "__main__":
    sys.exit(main())
