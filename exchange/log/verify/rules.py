"""What entries say about earlier ones: corrections, erasures and redactions, and whether every gap is accounted for."""

from collections import Counter
from collections.abc import Callable

from exchange.log.verify.kinds import FAVOR_FIELDS, KINDS, TEXTS
from exchange.log.verify.leaves import Leaf
from exchange.log.verify.report import Findings
from exchange.log.verify.stretch import FAVOR, HIDDEN, NOBODY, VOID, Place, Stretch

_ASK = "The server never writes that, so somebody wrote it by other means; ask the organisers."


class Rules:
    """Reads a whole log in order.

    Afterwards `gone` holds, by opening, the entry that says that it was taken out; `erasures` by `erase` entry the
    first one of the same person; the log's marks know what is void, and a giver or receiver who was forgotten is
    `nameless(entry)` of the first `erase` entry.
    """

    def __init__(self, log: Stretch) -> None:
        self.log = log
        self.gone: dict[Place, int] = {}
        self.erasures: dict[int, int] = {}
        self.findings = Findings()
        self._missing = set(log.missing)
        self._opened = set(log.opened)
        self._voided: dict[int, int] = {}

    def read(self) -> None:
        """Read every entry that is no favor, then look for openings that nobody accounts for."""
        reading: dict[str, Callable[[int, Leaf], None]] = {
            "correction": self._correction,
            "erase": self._erase,
            "redact": self._redact,
        }
        if (first := self.log.others.get(0)) is None or first.kind != "genesis":
            self.findings.add(0, f"Entry 0 does not begin a log. {_ASK}")
        for index, leaf in sorted(self.log.others.items()):
            if leaf.kind == "genesis" and index:
                self.findings.add(index, f"Entry {index} begins a log in the middle of another one. {_ASK}")
            elif leaf.kind in reading:
                reading[leaf.kind](index, leaf)
        for index, name in self.log.missing:
            if (index, name) not in self.gone:
                self.findings.add(index, _unaccounted(index, name))

    @property
    def tally(self) -> Counter[str]:
        """How many openings are here, and how many are not by cause."""
        causes = Counter[str](self.log.others[entry].kind for entry in self.gone.values())
        causes["hidden"] = sum(place not in self.gone for place in self.log.missing)
        return self.log.tally + causes

    def _correction(self, index: int, leaf: Leaf) -> None:
        of = leaf.said["of"]
        if of >= index or not self.log.marks[of] & FAVOR:
            found = self.log.others.get(of) if of < index else None
            what = "a correction itself" if found and found.kind == "correction" else "no earlier favor"
            self.findings.add(index, f"Entry {index} voids entry {of}, which is {what}. {_ASK}")
            return
        if of in self._voided:
            self.findings.add(index, f"Entry {index} voids entry {of}, which entry {self._voided[of]} voids. {_ASK}")
        if bool(leaf.withheld) != bool(self.log.marks[of] & HIDDEN):
            which = "withholds by whom and why, and entry {} withholds nothing" if leaf.withheld else "tells by whom"
            what = which.format(of) if leaf.withheld else f"tells by whom, and entry {of} is withheld"
            self.findings.add(index, f"Entry {index} voids entry {of} and {what}. {_ASK}")
        self._voided[of] = index
        self.log.marks[of] |= VOID

    def _erase(self, index: int, leaf: Leaf) -> None:
        first = leaf.said.get("as", index)
        if "as" in leaf.said and self.erasures.get(first) != first:
            self.findings.add(index, f"Entry {index} goes on with the erasure of entry {first}, which is none. {_ASK}")
            first = index
        self.erasures[index] = first
        why = "because somebody was forgotten"
        taken = [place for place in map(tuple, leaf.said["what"]) if self._takes_out(index, place, why)]
        for place in taken:
            self._forget(index, first, place)
        for of, name in taken:
            if name == "what" and not {self._who(of, side, first) for side in ("from", "to")} & {True}:
                sentence = (
                    f"Entry {index} takes out what entry {of} was about as if somebody was forgotten, and forgets "
                    "neither of its two. A text is taken out by a decision; ask the organisers why there is none."
                )
                self.findings.add(index, sentence)

    def _forget(self, index: int, first: int, place: Place) -> None:
        of, name = place
        if name not in {"from", "to"}:
            return
        sides = self.log.givers if name == "from" else self.log.receivers
        sides[of] = nameless(first)
        if self.log.givers[of] == self.log.receivers[of]:
            self.findings.add(index, f"Entry {index} forgets both sides of entry {of} as if they were one. {_ASK}")

    def _who(self, of: int, side: str, first: int) -> bool:
        return self.gone.get((of, side)) is not None and self.erasures.get(self.gone[of, side]) == first

    def _redact(self, index: int, leaf: Leaf) -> None:
        decision = leaf.said["by_decision"]
        found = self.log.others.get(decision)
        if decision >= index or found is None or found.kind != "decision":
            sentence = (
                f"Entry {index} takes texts out by the decision of entry {decision}, which is no earlier decision: "
                "somebody hides a text for which nobody answers. Ask the organisers who decided it, and why."
            )
            self.findings.add(index, sentence)
        for place in map(tuple, leaf.said["what"]):
            if place[1] not in TEXTS:
                sentence = (
                    f"Entry {index} takes “{place[1][:20]}” out of entry {place[0]} by a decision, and only texts "
                    "may be taken out like that: somebody hides who did what. Ask the organisers."
                )
                self.findings.add(index, sentence)
            self._takes_out(index, place, "by a decision")

    def _takes_out(self, index: int, place: Place, why: str) -> bool:
        """Note that an entry says that an opening is gone. False if there never was such an opening."""
        of, name = place
        if of >= index or name not in self._fields(of):
            self.findings.add(index, f"Entry {index} takes “{name[:20]}” out of entry {of}, which has none. {_ASK}")
            return False
        if place in self.gone:
            twice = f"Entry {index} takes “{name}” out of entry {of}, as entry {self.gone[place]} did already. {_ASK}"
            self.findings.add(index, twice)
            return False
        if place not in self._missing and (not self._is_withheld(of, name) or place in self._opened):
            sentence = (
                f"The opening “{name}” of entry {of} is said to be gone and is still here: entry {index} took it out "
                f"{why}. Whoever made this export kept what should not be kept; pass it to nobody, ask the organisers."
            )
            self.findings.add(of, sentence)
        self.gone[place] = index
        return True

    def _fields(self, index: int) -> tuple[str, ...]:
        if self.log.marks[index] & FAVOR:
            return FAVOR_FIELDS
        leaf = self.log.others.get(index)
        return tuple(KINDS[leaf.kind].fields) if leaf else ()

    def _is_withheld(self, index: int, name: str) -> bool:
        if self.log.marks[index] & FAVOR:
            return bool(self.log.marks[index] & HIDDEN) and name in {"from", "tie", "to", "what"}
        return name in self.log.others[index].withheld


def nameless(entry: int) -> int:
    """The stand-in for whom an `erase` entry forgot: below NOBODY, and different for each."""
    return NOBODY - 1 - entry


def _unaccounted(index: int, name: str) -> str:
    return (
        f"The opening “{name}” of entry {index} is missing, and no later entry says that it was taken out: whoever "
        "made this export hides it. Ask them for it, and ask the parties, whose receipts still open it."
    )
