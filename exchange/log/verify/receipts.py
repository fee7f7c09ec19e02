"""Holding a log against receipts: the entry itself, and what was taken out of it since.

An erasure is complete or it is none: whoever is forgotten is named nowhere any more. A receipt still tells whom it
named, and so shows an erasure that only hides single entries.
"""

from collections.abc import Collection, Mapping
from typing import Any

from exchange.log.receipt import BadReceipt, CheckedReceipt, checked
from exchange.log.tiles import WIDTH
from exchange.log.verify.compare import Memory
from exchange.log.verify.folder import Folder
from exchange.log.verify.kinds import NAMING, members_in
from exchange.log.verify.remembered import Remembered
from exchange.log.verify.report import Report
from exchange.log.verify.rules import Rules

SIDES = ("from", "to")
NAMED = 20


class Receipts:
    """Compares receipts with a log that was read.

    `names` are the members whom the export lists, `mine` the numbers of whoever asks.
    """

    def __init__(
        self, folder: Folder, size: int, rules: Rules, *, names: Collection[int], mine: Collection[int], report: Report
    ) -> None:
        self.folder, self.size, self.rules, self.report = folder, size, rules, report
        self.names, self.mine = names, mine
        self._said: set[str] = set()
        self._proved: set[int] = set()
        self._missing = frozenset(rules.log.missing)

    def compare_all(self, memory: Memory) -> None:
        """Every receipt that was given; their checkpoints are compared like any others."""
        for kept, vkey in memory.receipts:
            self._compare(kept, vkey)
        for number in sorted(self.mine):
            self._own(number)
        self.report.notes += [
            f"{kept.where} is a receipt of a log that this one continues. Give that log's key to compare the entry, "
            "too."
            for kept in memory.keyless
        ]

    def _compare(self, kept: Remembered, vkey: str) -> None:
        try:
            receipt = checked(kept.receipt, vkey)
        except BadReceipt as error:
            self._fail(None, f"The receipt in {kept.where} does not hold: {error} Was the file changed?")
            return
        index = receipt.index
        if index >= self.size:
            return  # its checkpoint is of a larger log, which is said already
        entry = self.folder.entries(index // WIDTH, self.size)[index % WIDTH]
        if entry != receipt.leaf:
            self._fail(index, _exchanged(index, kept.where, receipt))
            return
        self._proved.add(index)
        self.report.compared.append(f"{kept.where}: entry {index} is still the one that it proves")
        for name, value in receipt.told.items():
            if (by := self.rules.gone.get((index, name))) is not None:
                self._taken_out(kept.where, index, name, value, by)
            elif (index, name) in self._missing:
                self.report.notes.append(f"{kept.where} still opens “{name}” of entry {index}, which the export hides.")

    def _own(self, number: int) -> None:
        """Tell whoever asks which entries are between them and somebody else, so that they notice an invented one."""
        log = self.rules.log
        theirs = [index for index in range(self.size) if number in (log.givers[index], log.receivers[index])]
        unproved = [index for index in theirs if index not in self._proved]
        yours = f"Favors here that are yours, m{number}: {len(theirs):,}."
        if unproved:
            some = ", ".join(map(str, unproved[:NAMED])) + (" and more" if len(unproved) > NAMED else "")
            yours += (
                f" No receipt that you gave proves these entries: {some}. Look at them: one that you know nothing of "
                "was invented."
            )
        elif theirs:
            yours += " Your receipts prove all of them."
        self.report.notes.append(yours)

    def _taken_out(self, where: str, index: int, name: str, value: Any, by: int) -> None:
        cause = "by a decision"
        if self.rules.log.others[by].kind == "erase":
            cause = "because somebody was forgotten"
            for member in members_in(value) if name in NAMING else []:
                self._not_forgotten(where, index, name, member, by)
        self.report.notes.append(f"{where} still opens “{name}” of entry {index}, which entry {by} took out {cause}.")

    def _not_forgotten(self, where: str, index: int, name: str, member: int, by: int) -> None:
        """Fail where the member whom an `erase` entry took out is told elsewhere, and so was not forgotten."""
        elsewhere = self._mention(member)
        if member in self.mine:
            proof = f"it was you, m{member}"
        elif elsewhere is not None:
            proof = f"it was m{member}, whom entry {elsewhere} still names"
        elif member in self.names:
            proof = f"it was m{member}, whom members.jsonl still lists"
        else:
            return
        sentence = (
            f"Entry {by} took “{name}” out of entry {index} as if somebody was forgotten, and {where} proves that "
            f"{proof}. Whoever is forgotten is forgotten everywhere, so somebody hides this entry behind an erasure. "
            "Show the receipt to the group, and ask the organisers."
        )
        self._fail(by, sentence)

    def _mention(self, member: int) -> int | None:
        """An entry whose openings in the export name a member."""
        log = self.rules.log
        for sides in (log.givers, log.receivers):
            if member in sides:
                return sides.index(member)
        for index, told in log.told.items():
            for name, value in told.items():
                if name in NAMING and member in members_in(value):
                    return index
        return None

    def _fail(self, entry: int | None, sentence: str) -> None:
        if sentence not in self._said:
            self._said.add(sentence)
            self.report.findings.add(entry, sentence)


def _exchanged(index: int, where: str, receipt: CheckedReceipt) -> str:
    return (
        f"Entry {index} is not the entry that {where} proves{_told(receipt.told)}: it was changed, moved or dropped "
        "after the receipt was given. Keep the receipt, it is the proof; show it to the group, and ask the organisers."
    )


def _told(told: Mapping[str, Any]) -> str:
    if set(SIDES) <= told.keys():
        return f", that {told['from']} helped {told['to']}"
    return ""
