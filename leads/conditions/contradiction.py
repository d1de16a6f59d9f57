"""Conditions that no row can meet, as far as that can be told from the condition alone. Never says so by mistake.

A condition is taken apart into comparisons that must hold together, and others of which one must; those on one field
are compared with each other (`ranges.py`). What different fields, behaviours or relations have to do with each other
is not looked at, but for one that is asked for and ruled out at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from leads.conditions.nodes import All, Any, Compare, Everything, Node, Not
from leads.conditions.ranges import Asked, nothing_left
from leads.conditions.vocabulary import Vocabulary


@dataclass
class _Parts:
    """What must hold (True) or must not (False), and for each choice its ways, of which one must be gone."""

    literals: list[tuple[Node, bool]] = field(default_factory=list)
    choices: list[list[tuple[Node, bool]]] = field(default_factory=list)


def never_holds(node: Node, vocabulary: Vocabulary) -> bool:
    """Whether it is certain that no row meets the condition."""
    return _never([(node, True)], [], vocabulary)


def _never(asked: Sequence[tuple[Node, bool]], known: Sequence[tuple[Node, bool]], vocabulary: Vocabulary) -> bool:
    """Whether `asked` cannot hold beside `known`, which is of literals."""
    parts = _Parts(literals=list(known))
    for node, wanted in asked:
        _take_apart(node, wanted, parts, vocabulary)
    if _contradict(parts.literals, vocabulary):
        return True
    return any(all(_never([way], parts.literals, vocabulary) for way in ways) for ways in parts.choices)


def _take_apart(node: Node, wanted: bool, parts: _Parts, vocabulary: Vocabulary) -> None:
    if isinstance(node, Not):
        _take_apart(node.node, not wanted, parts, vocabulary)
    elif isinstance(node, All | Any):
        if isinstance(node, All) is wanted:
            for each in node.nodes:
                _take_apart(each, wanted, parts, vocabulary)
        else:
            parts.choices.append([(each, wanted) for each in node.nodes])
    elif isinstance(node, Compare):
        complement = vocabulary.fields[node.field].operators[node.op].complement_of
        plain = Compare(node.field, complement, node.value) if complement else node
        parts.literals.append((plain, wanted is not bool(complement)))
    else:
        parts.literals.append((node, wanted))


def _contradict(literals: Sequence[tuple[Node, bool]], vocabulary: Vocabulary) -> bool:
    said = set(literals)
    if (Everything(), False) in said or any((node, not wanted) in said for node, wanted in said):
        return True
    asked: dict[str, Asked] = {}
    for node, wanted in literals:
        if isinstance(node, Compare):
            of_field = asked.setdefault(node.field, Asked([], []))
            (of_field.wanted if wanted else of_field.unwanted).append(node)
    return any(nothing_left(vocabulary.fields[name].type, of_field) for name, of_field in asked.items())
