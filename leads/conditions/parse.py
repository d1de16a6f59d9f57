"""JSON to nodes. Whatever comes in, either a node comes out or InvalidCondition, naming the position."""

from __future__ import annotations

import difflib
from collections.abc import Callable

from leads.conditions.counting import KEYS, parsed_count
from leads.conditions.errors import InvalidCondition, refuse
from leads.conditions.nodes import All, Any, Compare, Did, Everything, Node, Not, Operand, Related
from leads.conditions.operators import Operator, Takes, listed
from leads.conditions.values import DAYS_OF_A_YEAR, LONGEST_LIST, days, echo, one_value, period_name, text
from leads.conditions.vocabulary import Field, Vocabulary

VERSION = 1
DEEPEST = 10
"""How many levels of all, any, not and where may stand inside each other."""
MOST_NODES = 200


def parse(tree: object, vocabulary: Vocabulary, *, stored: bool = False) -> Node:
    """The checked form of a condition as JSON has it (dict, list, str, int, float, bool, None).

    `{}` and None mean everything. With `stored`, archived fields and choices that are no longer on offer are let
    through: what was valid when it was saved goes on working. Raises InvalidCondition.
    """
    if isinstance(tree, dict) and "version" in tree:
        version = tree["version"]
        if isinstance(version, bool) or version != VERSION:
            raise InvalidCondition(path="version", problem=f"{echo(version)} is unknown", expected=str(VERSION))
        tree = {key: value for key, value in tree.items() if key != "version"}
    if tree is None or tree == {}:
        return Everything()
    return _Parser(vocabulary, stored).node(tree, (), 1)


class _Parser:
    """One run over one tree; counts its nodes."""

    def __init__(self, vocabulary: Vocabulary, stored: bool, nodes: int = 0) -> None:
        self.vocabulary, self.stored, self.nodes = vocabulary, stored, nodes
        self.kinds: dict[str, Callable[[dict, tuple[str, ...], int], Node]] = {
            "all": self.group,
            "any": self.group,
            "not": self.negation,
            "field": self.comparison,
        }
        if vocabulary.behaviours:
            self.kinds["did"] = self.behaviour
        if vocabulary.relations:
            self.kinds["related"] = self.related

    def node(self, tree: object, path: tuple[str, ...], depth: int) -> Node:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            refuse(path, "too many conditions", f"at most {MOST_NODES} in one tree")
        if depth > DEEPEST:
            refuse(path, "nested too deeply", f"at most {DEEPEST} levels")
        expected = f"an object with one of {', '.join(self.kinds)}"
        if not isinstance(tree, dict):
            refuse(path, f"{echo(tree)} is not a condition", expected)
        found = [kind for kind in self.kinds if kind in tree]
        if len(found) != 1:
            refuse(path, f"{listed(found, 'and')} at once" if found else "this is not a condition", expected)
        return self.kinds[found[0]](tree, path, depth)

    def group(self, tree: dict, path: tuple[str, ...], depth: int) -> Node:
        kind = "all" if "all" in tree else "any"
        only(tree, {kind}, path)
        inner, here = tree[kind], (*path, kind)
        if not isinstance(inner, list) or not inner:
            refuse(here, f"{echo(inner)} is no list of conditions", "a list with at least one condition")
        if len(inner) > MOST_NODES:
            refuse(here, "too many conditions", f"at most {MOST_NODES} in one tree")
        nodes = tuple(self.node(child, (*here, str(index)), depth + 1) for index, child in enumerate(inner))
        return All(nodes) if kind == "all" else Any(nodes)

    def negation(self, tree: dict, path: tuple[str, ...], depth: int) -> Node:
        only(tree, {"not"}, path)
        return Not(self.node(tree["not"], (*path, "not"), depth + 1))

    def comparison(self, tree: dict, path: tuple[str, ...], depth: int) -> Node:
        only(tree, {"field", "op", "value"}, path)
        field = self.field(tree["field"], (*path, "field"))
        expected = f"one of {', '.join(field.operators)}"
        if "op" not in tree:
            refuse(path, "the operator is missing", f'"op", {expected}')
        name = tree["op"]
        operator = field.operators.get(name) if isinstance(name, str) else None
        if operator is None:
            refuse((*path, "op"), f"{field.label} ({field.type}) has no operator {echo(name)}", expected)
        return Compare(field.name, operator.name, self.operand(tree, field, operator, path))

    def field(self, name: object, path: tuple[str, ...]) -> Field:
        field = self.vocabulary.fields.get(name) if isinstance(name, str) else None
        known = [each.name for each in self.vocabulary.fields.values() if not each.archived]
        if field is None:
            near = difflib.get_close_matches(name[:100], known, n=3) if isinstance(name, str) else []
            hint = listed(near) if near else f"one of {', '.join(known)}"
            refuse(path, f"there is no field {echo(name)}", hint)
        if field.archived and not self.stored:
            refuse(path, f"the field {field.name} is archived", f"one of {', '.join(known)}")
        return field

    def operand(self, tree: dict, field: Field, operator: Operator, path: tuple[str, ...]) -> Operand:
        here = (*path, "value")
        if operator.takes is Takes.NOTHING:
            if tree.get("value") is not None:
                refuse(here, f"{operator.name} takes no value", "nothing")
            return None
        if "value" not in tree:
            refuse(path, "the value is missing", f'"value", {operator.takes.value}')
        value = tree["value"]
        if operator.takes is Takes.DAYS:
            return days(value, here)
        if operator.takes is Takes.YEAR_DAYS:
            return days(value, here, DAYS_OF_A_YEAR)
        if operator.takes is Takes.PERIOD:
            return period_name(value, here)
        if operator.takes is Takes.ONE:
            return one_value(field, value, here, self.stored)
        if not isinstance(value, list) or not value or len(value) > LONGEST_LIST:
            refuse(here, f"{echo(value)} will not do", f"{operator.takes.value}, 1 to {LONGEST_LIST} of them")
        if operator.takes is Takes.TWO and len(value) != 2:
            refuse(here, f"{len(value)} values", operator.takes.value)
        several = tuple(one_value(field, item, (*here, str(i)), self.stored) for i, item in enumerate(value))
        if operator.takes is Takes.TWO and several[0] > several[1]:  # type: ignore[operator]
            refuse(here, "the first value is above the second", operator.takes.value)
        return several

    def behaviour(self, tree: dict, path: tuple[str, ...], depth: int) -> Node:
        only(tree, {"did", "within_days", "subject_contains", "not_in_last_days", "where"} | KEYS, path)
        kind = tree["did"]
        if not isinstance(kind, str) or kind not in self.vocabulary.behaviours:
            refuse(
                (*path, "did"),
                f"there is no behaviour {echo(kind)}",
                f"one of {', '.join(self.vocabulary.behaviours)}",
            )
        least, most = parsed_count(tree, path)
        window = tree.get("within_days")
        within = None if window is None else days(window, (*path, "within_days"))
        subject = tree.get("subject_contains")
        about = "" if subject is None else text(subject, (*path, "subject_contains"))
        quiet = self.quiet(tree, path, least, within)
        return Did(kind, least, within, about, most, quiet, self.where(tree, path, depth, self.vocabulary.interaction))

    def quiet(self, tree: dict, path: tuple[str, ...], least: int, within: int | None) -> int | None:
        """How long ago the last time must be."""
        given, here = tree.get("not_in_last_days"), (*path, "not_in_last_days")
        if given is None:
            return None
        quiet = days(given, here)
        if not least:
            refuse(here, "what need not have happened has no last time", "at_least or exactly beside it, or nothing")
        if within is not None and quiet >= within:
            refuse(here, f"never so in the last {within} days", f"a whole number below {within}")
        return quiet

    def related(self, tree: dict, path: tuple[str, ...], depth: int) -> Node:
        only(tree, {"related", "where"} | KEYS, path)
        name, known = tree["related"], self.vocabulary.relations
        relation = known.get(name) if isinstance(name, str) else None
        if relation is None:
            refuse((*path, "related"), f"there are no related records {echo(name)}", f"one of {', '.join(known)}")
        least, most = parsed_count(tree, path)
        return Related(relation.name, least, most, self.where(tree, path, depth, relation.vocabulary))

    def where(self, tree: dict, path: tuple[str, ...], depth: int, of: Vocabulary | None) -> Node | None:
        """What is asked of each of the rows that are counted; `of` is what may be."""
        if tree.get("where") in (None, {}):
            return None
        if of is None:
            refuse((*path, "where"), "this cannot be asked of a behaviour here", "nothing")
        inner = _Parser(of, self.stored, self.nodes)
        node = inner.node(tree["where"], (*path, "where"), depth + 1)
        self.nodes = inner.nodes
        return node


def only(tree: dict, keys: set[str], path: tuple[str, ...]) -> None:
    """Refuse any other key: a misspelt one would silently widen the condition."""
    for key in tree:
        if key not in keys:
            refuse(path, f"the key {echo(key)} is unknown here", f"only {listed(sorted(keys), 'and')}")
