"""Whole lines of a letter, written for the wire once, in however many letters they stand.

Quoted-printable looks at one line after another, so that lines which were encoded apart may stand together.
"""

from binascii import a2b_qp, b2a_qp
from collections.abc import Iterable

OUTSIDE = bytes(range(128, 256))
END = b"\r\n"


class Lines:
    """Some whole lines as quoted-printable. `size` is their length in bytes with plain line ends, and so many of these
    bytes lie `outside` ASCII.
    """

    __slots__ = ("outside", "size", "wire")

    def __init__(self, text: str) -> None:
        data = text.encode()
        lines = data.splitlines() or [b""]
        plain = END.join(lines) + END
        self.size = len(plain) - len(lines)
        self.outside = 0 if text.isascii() else len(plain) - len(plain.translate(None, OUTSIDE))
        self.wire = b2a_qp(plain, istext=True)

    @classmethod
    def joined(cls, some: Iterable["Lines"]) -> "Lines":
        """Lines that stand together wherever they stand, as one."""
        found, lines = cls.__new__(cls), list(some)
        found.size = sum([one.size for one in lines])
        found.outside = sum([one.outside for one in lines])
        found.wire = b"".join([one.wire for one in lines])
        return found

    def __str__(self) -> str:
        return a2b_qp(self.wire).replace(END, b"\n").decode()


class Block(tuple[Lines, ...]):
    """Lines that stand in a letter one after another."""

    __slots__ = ()
