"""One value and the record that it is for: whether it is written there, and what the decision says of it."""

from __future__ import annotations

from typing import Any

from forms_intake.models import Update
from forms_intake.processing.intents import Said

FILLED, OVERWRITTEN, KEPT, SAME, LEFT, THEIRS = "filled", "overwritten", "kept", "same", "left", "theirs"
"""What became of a value: written where nothing was, or instead of another; what was known kept; known already; never
written by this field; somebody else's.
"""


def effect(record: Any, said: Said) -> dict[str, Any]:
    """What `put` is about to do with a value, for the decision: {field, did, before}; `before` where it had another."""
    current = record.custom.get(said.target.name) if said.target.custom else getattr(record, said.target.name)
    line: dict[str, Any] = {"field": attribute(said)}
    if current == said.value:
        return line | {"did": SAME}
    if current in (None, "", []):
        return line | {"did": LEFT if said.update == Update.NEVER else FILLED}
    did = OVERWRITTEN if said.update == Update.OVERWRITE else KEPT
    return line | {"did": did, "before": current if isinstance(current, (str, int, list)) else str(current)}


def attribute(said: Said) -> str:
    """The attribute a value is for, within its record: "email", "custom.budget"."""
    return f"custom.{said.target.name}" if said.target.custom else said.target.name


def put(record: Any, said: Said) -> set[str]:
    """Put one value on a record if its field allows; the column that changed, if any."""
    current = record.custom.get(said.target.name) if said.target.custom else getattr(record, said.target.name)
    is_blank = current in (None, "", [])
    if current == said.value or said.update == Update.NEVER or (said.update == Update.FILL and not is_blank):
        return set()
    if said.target.custom:
        record.custom = {**record.custom, said.target.name: said.value}
        return {"custom"}
    setattr(record, said.target.name, said.value)
    return {said.target.name}
