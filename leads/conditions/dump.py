"""Nodes back to JSON, as it is stored: what parse makes of it is the same nodes again."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any as AnyType

from leads.conditions.nodes import All, Any, Compare, Did, Everything, Node, Not, Operand, Related
from leads.conditions.parse import VERSION

Tree = dict[str, AnyType]


def to_json(node: Node) -> Tree:
    """The whole condition, with the version of the language it is written in."""
    return {"version": VERSION, **_tree(node)}


def _tree(node: Node) -> Tree:
    if isinstance(node, Everything):
        return {}
    if isinstance(node, All | Any):
        return {"all" if isinstance(node, All) else "any": [_tree(child) for child in node.nodes]}
    if isinstance(node, Not):
        return {"not": _tree(node.node)}
    if isinstance(node, Compare):
        tree: Tree = {"field": node.field, "op": node.op}
        return tree if node.value is None else {**tree, "value": _value(node.value)}
    if isinstance(node, Did):
        tree = {"did": node.behaviour, **_count(node)}
        options = ("within_days", "subject_contains", "not_in_last_days")
        tree |= {name: getattr(node, name) for name in options if getattr(node, name)}
    else:
        tree = {"related": node.relation, **_count(node)}
    return tree if node.where is None else {**tree, "where": _tree(node.where)}


def _count(node: Did | Related) -> Tree:
    least, most = node.at_least, node.at_most
    if most == 0:
        return {"none": True}
    if least == most:
        return {"exactly": least}
    told = {"at_least": least} if least > 1 or (least and most is not None) else {}
    return told if most is None else {**told, "at_most": most}


def _value(value: Operand) -> AnyType:
    if isinstance(value, tuple):
        return [_value(each) for each in value]
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else float(value)
    return value.isoformat() if isinstance(value, date) else value
