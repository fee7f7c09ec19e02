"""A second verifier, written from docs/log-format.md with Python's standard library alone: slow, short, and plain.

    python tests/log/verify/plain.py DIR

It checks everything but the signature, for which the library has no Ed25519. It shares no code with Exchange, so that
a mistake in one of the two shows as a difference.
"""

import base64
import json
import re
import sys
from collections import defaultdict
from datetime import date
from hashlib import sha256
from pathlib import Path

FIELDS = {
    "genesis": "",
    "favor": "from how kind tie to what",
    "correction": "by why",
    "role": "by member role",
    "setting": "by kind new old setting",
    "decision": "act by rule target why",
    "redact": "",
    "erase": "",
}
CLEAR = {"genesis": "prev", "favor": "counts", "correction": "of", "redact": "by_decision what", "erase": "what"}
WITHHELD = {"favor": [["from", "to", "what"], ["from", "tie", "to", "what"]], "correction": [["by", "why"]]}
MEMBERS, SLUG = "m[1-9][0-9]*(,m[1-9][0-9]*)*", "[a-z0-9][a-z0-9_-]{0,39}"
SHAPES = {
    ("favor", "from"): "m[1-9][0-9]*",
    ("favor", "to"): "m[1-9][0-9]*",
    ("favor", "how"): "receiver|time|settled|imported",
    ("favor", "kind"): SLUG,
    ("correction", "by"): MEMBERS,
    ("role", "member"): "m[1-9][0-9]*",
    ("role", "role"): SLUG,
    ("setting", "setting"): SLUG,
    ("setting", "kind"): f"({SLUG})?",
    ("decision", "act"): SLUG,
    ("decision", "target"): f"({MEMBERS}|e(0|[1-9][0-9]*))?",
} | {(kind, "by"): f"({MEMBERS})?" for kind in ("role", "setting", "decision")}


def tree(hashes):
    """MTH of RFC 6962, section 2.1."""
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << ((len(hashes) - 1).bit_length() - 1)
    return sha256(b"\x01" + tree(hashes[:split]) + tree(hashes[split:])).digest()


def numbered(n):
    """A tile's number in groups of three digits."""
    digits = f"{n:0{-(-len(str(n)) // 3) * 3}d}"
    groups = re.findall("...", digits)
    return "/".join([f"x{group}" for group in groups[:-1]] + groups[-1:])


def base64url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def well_formed(leaf):
    """Whether a leaf says what its kind says, and no more."""
    if repr(leaf.get("v")) != "1" or leaf.get("k") not in FIELDS:
        return False
    kind = leaf["k"]
    names = {"k", "v", *CLEAR.get(kind, "").split()} | ({"day"} if kind != "genesis" else set())
    names |= ({"sd"} if FIELDS[kind] else set()) | ({"as"} & leaf.keys() if kind == "erase" else set())
    names |= {"withheld"} & leaf.keys() if kind in {"favor", "correction", "decision"} else set()
    if leaf.keys() != names or " ".join(sorted(leaf.get("sd", {}))) != FIELDS[kind]:
        return False
    if kind == "decision" and "withheld" in leaf:
        some = leaf["withheld"]
        if not some or some != sorted(set(some)) or not set(some) <= {"by", "target", "why"}:
            return False
    elif "withheld" in leaf and leaf["withheld"] not in WITHHELD[kind]:
        return False
    try:
        return kind == "genesis" or date.fromisoformat(leaf["day"]).isoformat() == leaf["day"]
    except ValueError:
        return False


def fits(kind, field, value):
    """Whether a field's value has its shape."""
    if field == "tie":
        return type(value) is int and value in {0, 1}
    if field in {"old", "new"}:
        return type(value) is int or isinstance(value, str)
    return isinstance(value, str) and re.fullmatch(SHAPES.get((kind, field), "(?s:.)*"), value) is not None


def plainly(folder):
    """What does not hold, and by member what they gave and received, with how many people on each side and in all."""
    _origin, size, root = (folder / "checkpoint").read_text().split("\n")[:3]
    size, wrong = int(size), []
    level, hashes, data = 0, [], []
    for n in range(-(-size // 256)):
        width = min(256, size - n * 256)
        bundle = (folder / f"tile/entries/{numbered(n)}{'' if width == 256 else f'.p/{width}'}").read_bytes()
        while bundle:
            length = int.from_bytes(bundle[:2], "big")
            data.append(bundle[2 : 2 + length])
            bundle = bundle[2 + length :]
    hashes = [sha256(b"\x00" + one).digest() for one in data]
    if len(data) != size or base64.b64encode(tree(hashes)).decode() != root:
        wrong.append("root")
    row = hashes
    while row:
        for n in range(-(-len(row) // 256)):
            some = row[n * 256 : n * 256 + 256]
            name = f"tile/{level}/{numbered(n)}{'' if len(some) == 256 else f'.p/{len(some)}'}"
            if (folder / name).read_bytes() != b"".join(some):
                wrong.append(name)
        row = [tree(row[n * 256 : n * 256 + 256]) for n in range(len(row) // 256)]
        level += 1
    openings = {}
    for line in (folder / "openings.jsonl").read_bytes().splitlines():
        said = json.loads(line)
        openings[said["index"], said["field"]] = said["disclosure"]
    balances: dict[str, tuple[int, ...]] = {}
    return wrong + entries(data, openings, balances), balances


def entries(data, openings, balances):
    """Leaves, openings, and what entries say about earlier ones."""
    wrong, leaves, told, void = [], [], {}, {}
    gone: dict[tuple[int, str], int] = {}
    person: dict[int, int] = {}
    for index, one in enumerate(data):
        try:
            leaf = json.loads(one)
        except ValueError:
            leaf = {}
        if json.dumps(leaf, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() != one or not (
            well_formed(leaf)
        ):
            wrong.append(f"{index}: leaf")
            leaf = {"k": "?"}
        leaves.append(leaf)
        for field, digest in leaf.get("sd", {}).items():
            opening = openings.pop((index, field), None)
            if opening is None:
                continue
            salt, name, value = json.loads(base64.urlsafe_b64decode(opening + "=="))
            if base64url(sha256(opening.encode()).digest()) != digest or name != field or len(salt) != 22:
                wrong.append(f"{index}: opening {field}")
            elif not fits(leaf["k"], field, value):
                wrong.append(f"{index}: value of {field}")
            told[index, field] = value
        if (index == 0) != (leaf["k"] == "genesis"):
            wrong.append(f"{index}: genesis")
        if leaf["k"] == "correction":
            of = leaf["of"]
            fine = 0 <= of < index and leaves[of]["k"] == "favor" and of not in void
            if not fine or ("withheld" in leaf) != ("withheld" in leaves[of]):
                wrong.append(f"{index}: correction")
            void[of] = index
        if leaf["k"] in {"erase", "redact"}:
            wrong += taken_out(index, leaves, gone, person)
    wrong += [f"{place}: nobody has this opening" for place in openings]
    for index, leaf in enumerate(leaves):
        for field in leaf.get("sd", {}):
            here, covered = (index, field) in told, (index, field) in gone
            if here == covered and (here or field not in leaf.get("withheld", ())):
                wrong.append(f"{index}: {field} is here and gone" if here else f"{index}: {field} is missing")
    count(leaves, told, gone, person, void, balances)
    return wrong + [
        f"{index}: self" for index in range(len(leaves)) if told.get((index, "from"), 0) == told.get((index, "to"), 1)
    ]


def taken_out(index, leaves, gone, person):
    """An erasure or a redaction."""
    leaf, wrong = leaves[index], []
    if leaf["k"] == "erase":
        first = leaf.get("as", index)
        if "as" in leaf and person.get(first) != first:
            wrong.append(f"{index}: as")
        person[index] = first
    elif not (0 <= leaf["by_decision"] < index and leaves[leaf["by_decision"]]["k"] == "decision"):
        wrong.append(f"{index}: decision")
    for of, field in leaf["what"]:
        if of >= index or field not in leaves[of].get("sd", {}) or (of, field) in gone:
            wrong.append(f"{index}: takes out {of} {field}")
        elif leaf["k"] == "redact" and field not in {"what", "why"}:
            wrong.append(f"{index}: redacts {field}")
        gone.setdefault((of, field), index)
    if leaf["k"] == "erase":
        for of, field in leaf["what"]:
            sides = [person.get(gone.get((of, side))) == person[index] for side in ("from", "to")]
            if sum(sides) == 2 or (field == "what" and not any(sides)):
                wrong.append(f"{index}: sides of {of}")
    return wrong


def count(leaves, told, gone, person, void, balances):
    """Favors that count, and people."""
    helped, helped_by = defaultdict(list), defaultdict(list)
    for index, leaf in enumerate(leaves):
        if leaf["k"] == "favor" and leaf["counts"] and "withheld" not in leaf and index not in void:
            giver, receiver = (
                told.get((index, side)) or ("nobody", person.get(gone.get((index, side)))) for side in ("from", "to")
            )
            helped[giver].append(receiver)
            helped_by[receiver].append(giver)
    for member in {*helped, *helped_by}:
        gave, got = helped[member], helped_by[member]
        if isinstance(member, str):
            balances[member] = (len(gave), len(got), len(set(gave)), len(set(got)), len({*gave, *got}))


if __name__ == "__main__":
    found, numbers = plainly(Path(sys.argv[1]))
    for line in found or [f"{member} {balance}" for member, balance in sorted(numbers.items())]:
        print(line)  # noqa: T201 (a program)
    sys.exit(bool(found))
