"""What a real SMTP server of the tests does with letters."""

import socket
from typing import Any

from aiosmtpd.smtp import Envelope


class Postbox:
    """What the server does: takes letters, or answers as told."""

    def __init__(self, *, pipelining: bool = False) -> None:
        self.pipelining = pipelining
        self.careless = False  # goes on although it has refused the sender, or the reader
        self.unknown = ""
        self.taken: list[Envelope] = []
        self.connections = 0
        self.at_rcpt = self.at_mail = self.at_data = ""

    async def handle_EHLO(  # noqa: N802 (aiosmtpd's name)
        self, _server: Any, session: Any, _envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        """Count who calls."""
        self.connections += 1
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", responses[-1]] if self.pipelining else responses

    async def handle_MAIL(  # noqa: N802 (aiosmtpd's name)
        self, _server: Any, _session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take the sender."""
        if self.at_mail and not self.careless:
            return self.at_mail
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.at_mail or "250 OK"

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take the reader."""
        if address == self.unknown:
            envelope.rcpt_tos += [address] if self.careless else []
            return "550 5.1.1 No such user"
        if self.at_rcpt:
            return self.at_rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's name)
        """Take the letter."""
        if not self.at_data and self.unknown not in envelope.rcpt_tos:
            self.taken.append(envelope)
        return self.at_data or "250 OK"


def free_port() -> int:
    """A port on which nobody listens yet."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
