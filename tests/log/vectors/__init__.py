"""Reads the public test vectors, which lie beside the repository; SOURCE.md says what they are and where from."""

import json
import os
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
