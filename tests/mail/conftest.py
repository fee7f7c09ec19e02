"""An SMTP server on this machine."""

from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller

from exchange.mail import receipts as receipts_of_letters
from exchange.storage.letter import Letter
from tests.mail.postbox import Postbox, free_port

RECEIPT = b"c2sp.org/tlog-proof@v1\n(the rest of a receipt)\n"


@pytest.fixture(autouse=True)
def receipts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The entry of these letters stands in no log: they carry the same receipt whenever they are written."""

    def kept(letter: Letter, _settings: object) -> receipts_of_letters.Receipt | None:
        entry = letter.facts.get("entry")
        if letter.kind not in receipts_of_letters.KINDS or entry is None:
            return None
        data = RECEIPT if letter.facts.get("signed", True) else b""
        return receipts_of_letters.Receipt(entry, f"bar-{entry}.tlog-proof", data)

    monkeypatch.setattr("exchange.mail.render.receipt_of", kept)


@pytest.fixture(params=["one command at a time", "several commands at once"])
def box(request: pytest.FixtureRequest) -> Postbox:
    """A server of either kind: one that offers PIPELINING, and one that does not."""
    return Postbox(pipelining=request.param == "several commands at once")


@pytest.fixture
def server(box: Postbox) -> Iterator[Controller]:
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield controller
    controller.stop(no_assert=True)
