"""When a field is shown: always, or when another one has some value. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Op(StrEnum):
    IS = "is"
    IS_NOT = "is_not"
    FILLED = "filled"
    EMPTY = "empty"


WORDS = {Op.IS: "is", Op.IS_NOT: "is not", Op.FILLED: "is filled in", Op.EMPTY: "is empty"}


@dataclass(frozen=True)
class Shown:
    """A field is shown when the one called `key` is (or is not) one of `values`, or is filled in (or empty).

    Of several choices one is enough. Yes and no are "yes" and "no". `is_not` is the exact opposite of `is`.
    """

    key: str
    op: Op
    values: tuple[str, ...] = ()

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Whether it is shown beside these accepted values; a field that is not shown itself has none."""
        said = texts_of(values.get(self.key))
        if self.op in (Op.FILLED, Op.EMPTY):
            return bool(said) == (self.op == Op.FILLED)
        return bool(set(said) & set(self.values)) == (self.op == Op.IS)


def shown_of(stored: Any) -> Shown | None:
    """What a field's `show_when` says; None when it is always shown, or says nothing that makes sense."""
    if not isinstance(stored, dict) or stored.get("op") not in set(Op) or not isinstance(stored.get("key"), str):
        return None
    values = stored.get("values") or []
    return Shown(stored["key"], Op(stored["op"]), tuple(str(one) for one in values if isinstance(one, str)))


def texts_of(value: Any) -> list[str]:
    """A value as the texts a browser would send for it; [] when it is blank."""
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    if isinstance(value, list):
        return [str(one) for one in value]
    return [str(value)] if value not in (None, "") else []
