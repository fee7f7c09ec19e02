"""An IMAP server of the tests: one folder, and no more commands than are needed."""

import re
import socketserver
import threading
from typing import Any, Self


class Imap(socketserver.ThreadingTCPServer):
    """Holds e-mails in INBOX; `seen` are the numbers of those that were marked as read."""

    daemon_threads = allow_reuse_address = True

    def __init__(self, contents: list[bytes], password: str = "p@ss/word") -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.contents, self.password, self.seen = contents, password, set[int]()

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def url(self, password: str = "p%40ss%2Fword", folder: str = "INBOX") -> str:
        """The address of the folder."""
        return f"imap://bounces:{password}@127.0.0.1:{self.server_address[1]}/{folder}"


class _Talk(socketserver.StreamRequestHandler):
    server: Imap

    def handle(self) -> None:
        self._say(b"* OK here")
        for line in self.rfile:
            tag, command, *rest = line.rstrip(b"\r\n").split(b" ", 2)
            answer: Any = getattr(self, f"_{command.decode().lower()}", None)
            said = answer(rest[0] if rest else b"") if answer else b"BAD what"
            self._say(tag + b" " + said)
            if command.upper() == b"LOGOUT":
                return

    def _say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")

    def _capability(self, _rest: bytes) -> bytes:
        self._say(b"* CAPABILITY IMAP4rev1")
        return b"OK done"

    def _login(self, rest: bytes) -> bytes:
        return b"OK done" if self.server.password.encode() in rest else b"NO wrong password"

    def _select(self, rest: bytes) -> bytes:
        self._say(b"* %d EXISTS" % len(self.server.contents))
        return b"OK done" if b"INBOX" in rest else b"NO there is no such folder"

    def _search(self, _rest: bytes) -> bytes:
        unseen = [number for number in range(1, len(self.server.contents) + 1) if number not in self.server.seen]
        self._say(b"* SEARCH " + b" ".join(b"%d" % number for number in unseen))
        return b"OK done"

    def _fetch(self, rest: bytes) -> bytes:
        number = int(rest.split()[0])
        content = self.server.contents[number - 1]
        self.wfile.write(b"* %d FETCH (BODY[] {%d}\r\n" % (number, len(content)) + content)
        self._say(b")")
        return b"OK done"

    def _store(self, rest: bytes) -> bytes:
        found = re.fullmatch(rb"(\d+) \+FLAGS \(\\Seen\)", rest)
        assert found
        self.server.seen.add(int(found[1]))
        return b"OK done"

    def _logout(self, _rest: bytes) -> bytes:
        self._say(b"* BYE")
        return b"OK done"
