"""Reads the public test vectors, which lie beside the repository; SOURCE.md says what they are and where from."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SHARED

FOLDER = Path(os.environ.get("EXCHANGE_LOG_VECTORS", SHARED / "data" / "log-vectors"))


def published(name: str) -> Any:
    """The vectors in `<name>.json`; without them the test is skipped."""
    if not FOLDER.is_dir():
        pytest.skip("../shared/data/log-vectors is not here, so the published vectors cannot be tried")
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


GOS_TESTS = Path("/usr/share/gocode/src/golang.org/x/mod/sumdb/note/note_test.go")


def gos_text() -> str:
    """The text that Go's own tests sign, out of Debian's golang-golang-x-mod-dev; without it the test is skipped."""
    if not GOS_TESTS.is_file():
        pytest.skip("Go's examples are not here: they need golang-golang-x-mod-dev")
    found = re.search(r"\ttext := `([^`]+)`", GOS_TESTS.read_text(encoding="utf-8"))
    assert found
    return found[1]
