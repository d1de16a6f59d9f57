"""Whether comparisons of one field leave any value that meets them all. Never says "nothing" by mistake."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from leads.conditions.nodes import Compare
from leads.conditions.operators import FieldType

Edge = tuple[Any, int]
"""A place on the line just before (0) or just behind (1) a value."""


@dataclass(frozen=True)
class Asked:
    """The comparisons of one field that must hold, and those that must not. None is the complement of another: those
    stand on the other side. Where one must hold, there is a value.
    """

    wanted: list[Compare]
    unwanted: list[Compare]


def nothing_left(type: FieldType, asked: Asked) -> bool:
    """Whether it is certain that no value, nor its absence, meets `asked`."""
    if not asked.wanted:
        return False
    if any(each.op == "is_filled" for each in asked.unwanted):
        return True
    if type is FieldType.MULTI_CHOICE:
        return _of_several(asked)
    if type in (FieldType.NUMBER, FieldType.DATE, FieldType.DATETIME):
        in_steps = type is not FieldType.NUMBER
        return _on_a_line(asked, SPANS, in_steps) or _on_a_line(asked, RELATIVE, in_steps)
    return _of_values(type, asked)


def _values(node: Compare) -> tuple[Any, ...]:
    return node.value if isinstance(node.value, tuple) else (node.value,)


def _of_several(asked: Asked) -> bool:
    """A field with several values at once."""
    needed = {value for node in asked.wanted if node.op == "contains_all" for value in _values(node)}
    banned = {value for node in asked.unwanted if node.op == "contains_any" for value in _values(node)}
    if needed & banned:
        return True
    if any(set(_values(node)) <= banned for node in asked.wanted if node.op == "contains_any"):
        return True
    return any(set(_values(node)) <= needed for node in asked.unwanted if node.op == "contains_all")


# A field with one of some values. Which letters the database folds depends on where it runs: texts that differ in case
# alone may be the same and may be not.


def _may_be_same(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one.casefold() == other.casefold() or one.upper() == other.upper()
    return bool(one == other)


def _may_have(value: str, words: str, how: Callable[[str, str], bool]) -> bool:
    return how(value.casefold(), words.casefold()) or how(value.upper(), words.upper())


HAS: Mapping[str, Callable[[str, str], bool]] = {
    "contains": lambda value, words: words in value,
    "begins_with": str.startswith,
    "ends_with": str.endswith,
}


def _of_values(type: FieldType, asked: Asked) -> bool:
    left: list[Any] | None = [True, False] if type is FieldType.YES_NO else None
    for node in asked.wanted:
        if node.op in ("is", "is_one_of"):
            offered = _values(node)
            left = [
                value
                for value in (offered if left is None else left)
                if any(_may_be_same(value, other) for other in offered)
            ]
    if left is None:
        return False
    return not any(_may_stay(value, asked) for value in left)


def _may_stay(value: Any, asked: Asked) -> bool:
    if any(value in _values(node) for node in asked.unwanted if node.op in ("is", "is_one_of")):
        return False
    if any(HAS[node.op](value, str(node.value)) for node in asked.unwanted if node.op in HAS):
        return False
    return all(_may_have(value, str(node.value), HAS[node.op]) for node in asked.wanted if node.op in HAS)


# A field on a line: numbers, days, and days counted from today.


Span = tuple[Edge | None, Edge | None]
SPANS: Mapping[str, Callable[[Any], Span]] = {
    "between": lambda pair: ((pair[0], 0), (pair[1], 1)),
    **dict.fromkeys(("is", "on"), lambda value: ((value, 0), (value, 1))),
    **dict.fromkeys(("greater", "after"), lambda value: ((value, 1), None)),
    **dict.fromkeys(("greater_or_equal", "on_or_after"), lambda value: ((value, 0), None)),
    **dict.fromkeys(("less", "before"), lambda value: (None, (value, 0))),
    **dict.fromkeys(("less_or_equal", "on_or_before"), lambda value: (None, (value, 1))),
}
RELATIVE: Mapping[str, Callable[[Any], Span]] = {
    "in_last_days": lambda days: ((-days, 0), (0, 1)),
    "in_next_days": lambda days: ((0, 0), (days, 1)),
    "over_days_ago": lambda days: (None, (-days, 0)),
    "over_days_ahead": lambda days: ((days, 1), None),
}


def _on_a_line(asked: Asked, spans: Mapping[str, Callable[[Any], Span]], in_steps: bool) -> bool:
    """Between the latest beginning and the earliest end there is nothing, or only what is ruled out.

    `in_steps`: nothing stands between a day and the next.
    """

    def span(node: Compare) -> Span:
        begin, end = spans[node.op](_on_line(node.value))
        return _stepped(begin, in_steps), _stepped(end, in_steps)

    inside = [span(node) for node in asked.wanted if node.op in spans]
    outside = [span(node) for node in asked.unwanted if node.op in spans]
    # What is ruled out up to, or from, some place on leaves the rest of the line.
    inside += [(end, None) for begin, end in outside if begin is None]
    inside += [(None, begin) for begin, end in outside if end is None]
    begin = max((begin for begin, _ in inside if begin is not None), default=None)
    end = min((end for _, end in inside if end is not None), default=None)
    if begin is None or end is None:
        return False
    holes = [(first, last) for first, last in outside if first is not None and last is not None]
    return begin >= end or any(first <= begin and end <= last for first, last in holes)


def _stepped(edge: Edge | None, in_steps: bool) -> Edge | None:
    return (edge[0] + edge[1], 0) if edge and in_steps else edge


def _on_line(value: Any) -> Any:
    """Days as numbers."""
    if isinstance(value, tuple):
        return tuple(_on_line(each) for each in value)
    return value.toordinal() if isinstance(value, date) else value
