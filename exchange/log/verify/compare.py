"""Holding a log against what its readers remember: older checkpoints, also those of the log that it continues."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from exchange.log.checkpoint import Checkpoint, parsed, read, short_code
from exchange.log.note import BadNote
from exchange.log.verify.remembered import Remembered
from exchange.log.verify.report import Report, counted


@dataclass(frozen=True)
class Older:
    """A remembered checkpoint. `wrong` says why its signature cannot be believed; empty where it was verified."""

    kept: Remembered
    checkpoint: Checkpoint
    wrong: str = ""

    @property
    def size(self) -> int:
        """How many entries the log had."""
        return self.checkpoint.size

    @property
    def code(self) -> str:
        """The short code that members compare."""
        return short_code(self.checkpoint.text())


@dataclass
class Memory:
    """Everything that was given to compare with, sorted by the log that it belongs to.

    `own` are checkpoints of this log, `former` by origin those of the logs that it continues, `keys` the verifier keys
    by name. `receipts` stand beside the key that verifies them, `keyless` ones are of a former log whose key nobody
    gave. `strange` names other logs, with where they were found.
    """

    own: list[Older] = field(default_factory=list)
    former: dict[str, list[Older]] = field(default_factory=dict)
    receipts: list[tuple[Remembered, str]] = field(default_factory=list)
    keyless: list[Remembered] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)
    other_keys: list[Remembered] = field(default_factory=list)
    strange: list[tuple[str, str]] = field(default_factory=list)

    @property
    def older(self) -> list[Older]:
        """All checkpoints, of this log and of those that it continues."""
        return self.own + [one for some in self.former.values() for one in some]


def sorted_out(kept: Iterable[Remembered], *, origin: str, former: Iterable[str], vkey: str) -> Memory:
    """What belongs to the log of that origin and key, and to those that it continues."""
    found = Memory(former={name: [] for name in former}, keys={origin: vkey})
    rest = []
    for one in kept:
        if not one.vkey:
            rest.append(one)
        elif one.vkey != found.keys.setdefault(one.vkey.partition("+")[0], one.vkey):
            found.other_keys.append(one)
    for one in rest:
        try:
            checkpoint = parsed(one.checkpoint.rpartition("\n\n")[0] + "\n")
        except BadNote:
            continue  # looks like a checkpoint and is none, so there is nothing to compare
        if checkpoint.origin != origin and checkpoint.origin not in found.former:
            found.strange.append((checkpoint.origin, one.where))
            continue
        key = found.keys.get(checkpoint.origin, "")
        older = Older(one, checkpoint, _wrong(one.checkpoint, key))
        found.former.get(checkpoint.origin, found.own).append(older)
        if one.receipt and not key:
            found.keyless.append(one)
        elif one.receipt and not older.wrong:
            found.receipts.append((one, key))
    return found


def _wrong(note: str, vkey: str) -> str:
    if not vkey:
        return "nobody gave the key of that log"
    try:
        read(note, vkey)
    except BadNote as error:
        return str(error).rstrip(".")
    return ""


def compare(memory: Memory, checkpoint: Checkpoint, roots: Mapping[int, bytes], report: Report) -> None:
    """Compare the remembered checkpoints of this log with its roots by size."""
    for key in memory.other_keys:
        sentence = (
            f"{key.where} holds another key for this log than the export: {key.vkey}. The key was exchanged, or one of "
            "the two is forged; ask the organisers, and other members, which key they have."
        )
        report.findings.add(None, sentence)
    fits: list[Older] = []
    differing: list[Older] = []
    for one in sorted(memory.own, key=lambda older: older.size):
        if one.wrong:
            report.findings.add(None, _not_signed(one))
        elif one.size > checkpoint.size:
            report.findings.add(checkpoint.size, _behind(one, checkpoint.size))
        else:
            (fits if roots[one.size] == one.checkpoint.root else differing).append(one)
    for one in differing:
        report.findings.add(_since(fits, one), _fork(one, fits))
    report.compared += [
        f"{one.kept.where}: the first {counted(one.size, 'entry', 'entries')}, as they were then" for one in fits
    ]


def _since(fits: list[Older], one: Older) -> int:
    return max((older.size for older in fits if older.size < one.size), default=0)


def _not_signed(one: Older) -> str:
    return (
        f"The checkpoint in {one.kept.where} bears the name of this log and cannot be believed: {one.wrong}. Either "
        "that file was changed, or the log has another key now than it had then; compare the key with one that you "
        "kept."
    )


def _behind(one: Older, size: int) -> str:
    return (
        f"The export is older than {one.kept.where}: it has {counted(size, 'entry', 'entries')}, and {one.size:,} were "
        f"signed there. If a new export has no more, entries {size} to {one.size - 1} were taken back, as when "
        "yesterday's backup is put in place of the log; ask the organisers for them, and show them that file."
    )


def _fork(one: Older, fits: list[Older]) -> str:
    since = _since(fits, one)
    known = [older for older in fits if older.size == since]
    where = (
        f" The first {since:,} are still as {known[0].kept.where} remembers them, so the difference lies in entries "
        f"{since} to {one.size - 1}."
        if known
        else ""
    )
    return (
        f"This is not the log that {one.kept.where} remembers: the log's own key signed {one.size:,} other entries "
        f"there (code {one.code}).{where} Somebody changed, dropped or reordered entries afterwards, or shows "
        "different logs to different people. Keep both, they prove it; compare the code with other members, and ask "
        "the organisers."
    )
