"""Runs programs that share no code with Exchange. They are tools of the tests and no part of the product.

The first is Go's `golang.org/x/mod/sumdb/{tlog,note}`, of the people who wrote the checksum database and the tiles, by
way of `checklog.go` beside this file. The second is Sigstore's `@sigstore/verify`, by way of `receipt.cjs`: `aics-tlog`
of PyPI would have been simpler, but every version of it needs Python 3.12, and Exchange supports 3.11.
"""

import atexit
import os
import shutil
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest

HERE = Path(__file__).parent
GOPATH = Path("/usr/share/gocode")
SECONDS = 120


class NotBelieved(Exception):  # noqa: N818 (the log is not believed, the program worked)
    """An independent program found something wrong; the message is what it said."""


def check_with_go(url: str, vkey: str, token: str | None = None, old: Path | None = None) -> str:
    """Have the Go program check the whole log at an address. Returns its one line with figures and seconds.

    It reads `checkpoint` and `tile/...` below the address, with the read token if there is one: the signature, every
    tile, every entry, an inclusion proof of each, consistency with many earlier sizes, and with the checkpoint that
    stands in the file `old`. Without Go the test is skipped.

    Raises:
        NotBelieved: something does not hold.
    """
    options = [f"-url={url}", f"-vkey={vkey}"]
    options += [f"-token={token}"] if token else []
    options += [f"-old={old}"] if old else []
    return _said([_checklog(), *options]).strip()


def opened_by_go(notes: Sequence[bytes], vkey: str, folder: Path) -> list[bytes | None]:
    """The text of each note as Go's `note.Open` reads it, or None where it refuses the note."""
    file = folder / "notes"
    file.write_text("".join(b64encode(note).decode() + "\n" for note in notes), encoding="ascii")
    answers = _said([_checklog(), f"-vkey={vkey}", f"-notes={file}"]).split()
    return [None if answer == "-" else b64decode(answer) for answer in answers]


def check_with_sigstore(receipt: Path, vkey: str) -> str:
    """Have Sigstore's verifier check a receipt of ours. Returns its one line.

    Without Node or its packages the test is skipped.

    Raises:
        NotBelieved: something does not hold.
    """
    node = shutil.which("node")
    if node is None or not (HERE / "node_modules" / "@sigstore" / "verify").is_dir():
        pytest.skip("Sigstore's verifier is not here: it needs nodejs, npm and `npm ci` in tests/log/independent")
    return _said([node, str(HERE / "receipt.cjs"), str(receipt), vkey]).strip()


@cache
def _checklog() -> str:
    """The Go program, compiled once for all the tests of this process."""
    go = shutil.which("go")
    if go is None or not (GOPATH / "src/golang.org/x/mod/sumdb/tlog").is_dir():
        pytest.skip("Go's log packages are not here: they need golang-go and golang-golang-x-mod-dev")
    folder = mkdtemp(prefix="exchange-checklog-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    program = f"{folder}/checklog"
    # With a C compiler Debian's compiled standard library can be used; without one, building takes 20 seconds.
    settings = {
        "GO111MODULE": "off",
        "GOPATH": str(GOPATH),
        "GOFLAGS": "",
        "CGO_ENABLED": "01"[bool(shutil.which("gcc"))],
    }
    subprocess.run(
        [go, "build", "-o", program, str(HERE / "checklog.go")],
        env=os.environ | settings,
        check=True,
        timeout=SECONDS,
    )
    return program


def _said(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    if done.returncode:
        raise NotBelieved(done.stderr.strip())
    return done.stdout
