"""What an entry that is no favor reads like: a row of the projection, and who has a part in it.

The same words serve the writing of an entry and its rebuilding from leaf and openings.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

# Kinds that are shown with what their leaf says in clear and their openings tell; favors have columns of their own.
PLAIN = frozenset({"correction", "decision", "erase", "redact", "role", "setting"})
# Which openings name members, and what part they have.
NAMING = {"correction": {"by": "by"}, "role": {"by": "by", "member": "target"}, "setting": {"by": "by"}} | {
    "decision": {"by": "by", "target": "target"}
}
TELLING = {"role": ("role",), "setting": ("setting", "old", "new"), "decision": ("act", "rule", "target")}


def row(said: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of an entry, from what its leaf says and its openings tell.

    A decision is `withheld` as a whole only where it is even withheld who decided: others then read no day.
    """
    kind = said["k"]
    hidden = said.get("withheld", [])
    return {
        "kind": kind,
        "day": date.fromisoformat(said["day"]),
        "counts": False,
        "category": told.get("kind", ""),
        "what": told.get("why", ""),
        "withheld": "by" in hidden,
        "of": _of(said),
        "told": _told(said, told),
    }


def _of(said: Mapping[str, Any]) -> int | None:
    if said["k"] == "redact":
        return int(said["what"][0][0])
    found = said.get("as" if said["k"] == "erase" else "of")
    return None if found is None else int(found)


def _told(said: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any] | None:
    if said["k"] == "erase":
        return {"openings": len(said["what"])}
    if said["k"] == "redact":
        return {"by_decision": said["by_decision"], "what": said["what"]}
    found = {field: told[field] for field in TELLING.get(said["k"], ()) if field in told}
    if "withheld" in said and said["k"] == "decision":
        found["withheld"] = said["withheld"]
    return found or None


def parts(kind: str, told: Mapping[str, Any]) -> dict[str, list[str]]:
    """By the part that they have, `by` or `target`, members as the log writes them: `m17`."""
    return {
        part: [name for name in str(told[field]).split(",") if name.startswith("m")]
        for field, part in NAMING.get(kind, {}).items()
        if field in told
    }
