"""An SMTP server on this machine."""

from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller

from tests.mail.postbox import Postbox, free_port


@pytest.fixture
def box() -> Postbox:
    return Postbox()


@pytest.fixture
def server(box: Postbox) -> Iterator[Controller]:
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield controller
    controller.stop(no_assert=True)
