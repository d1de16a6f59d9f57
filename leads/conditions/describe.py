"""Nodes to an English sentence, for pages, explanations and audit."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone

from leads.conditions.counting import how_many, how_often
from leads.conditions.nodes import All, Any, Compare, Did, Everything, Node, Not, Operand, Related, Scalar
from leads.conditions.operators import FieldType, Takes, listed
from leads.conditions.vocabulary import Field, Vocabulary, rows_of


def describe(node: Node, vocabulary: Vocabulary) -> str:
    """Such as "contact's country is Norway and (sales rating is Hot or visited a page at least 3 times)"."""
    if isinstance(node, All):
        return _joined(node.nodes, "and", vocabulary)
    if isinstance(node, Any):
        return _joined(node.nodes, "or", vocabulary)
    if isinstance(node, Not):
        return f"not ({describe(node.node, vocabulary)})"
    if isinstance(node, Compare):
        return _comparison(vocabulary.fields[node.field], node)
    if isinstance(node, Did):
        return _behaviour(node, vocabulary)
    if isinstance(node, Related):
        return _related(node, vocabulary)
    assert isinstance(node, Everything)
    return f"every {vocabulary.subject}"


def value_words(field: Field, value: object) -> str:
    """What a record has in a field, for people: labels of choices, days as words, "nothing"."""
    if value is None or value in ("", []):
        return "nothing"
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    elif field.type is FieldType.DATE and isinstance(value, str):
        return value
    values = tuple(value) if isinstance(value, list | tuple) else (value,)
    return listed(_shown(field, values), "and")


def _joined(nodes: Iterable[Node], word: str, vocabulary: Vocabulary) -> str:
    alone = [_without_groups_of_one(node) for node in nodes]
    parts = [describe(node, vocabulary) for node in alone]
    if len(parts) == 1:
        return parts[0]
    return f" {word} ".join(
        f"({part})" if isinstance(node, All | Any) else part for node, part in zip(alone, parts, strict=True)
    )


def _without_groups_of_one(node: Node) -> Node:
    while isinstance(node, All | Any) and len(node.nodes) == 1:
        node = node.nodes[0]
    return node


def _comparison(field: Field, node: Compare) -> str:
    operator = field.operators[node.op]
    words = f"{field.label} {operator.words}"
    if operator.takes is Takes.NOTHING:
        return words
    if operator.takes in (Takes.DAYS, Takes.YEAR_DAYS):
        assert isinstance(node.value, int)
        return f"{words} {'1 day' if node.value == 1 and words.endswith('than') else _days(node.value)}"
    if operator.takes is Takes.PERIOD:
        return f"{words} {node.value}"
    values = node.value if isinstance(node.value, tuple) else (node.value,)
    shown = _shown(field, values)
    if operator.takes is Takes.TWO:
        return f"{words} {listed(shown, 'and')}"
    return f"{words} {listed(shown, 'and' if node.op == 'contains_all' else 'or')}"


def _shown(field: Field, values: tuple[Operand, ...]) -> list[str]:
    labels = {} if field.choices is None else field.choices.labels([_key(value) for value in values])
    missing = f"a {field.label} that is gone" if field.type is FieldType.REFERENCE else ""
    return [labels.get(_key(value)) or missing or _word(value) for value in values]


def _key(value: Operand) -> str | int:
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else str(value)
    return value if isinstance(value, str | int) else str(value)


def _word(value: Operand | Scalar) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value.normalize() + 0:f}"  # a sum is never -0
    if isinstance(value, date):
        return f"{value.day} {value:%B %Y}"
    text = str(value)
    plain = text == text.strip() and all(each.isalnum() or each in " .@-_" for each in text)
    return text if plain else f"“{text}”"


def _behaviour(node: Did, vocabulary: Vocabulary) -> str:
    words = vocabulary.behaviours[node.behaviour]
    never = node.at_most == 0
    parts = ["never" if never else "", words[:1].lower() + words[1:]]
    about = [f"about “{node.subject_contains}”"] if node.subject_contains else []
    if node.where is not None:
        about.append(f"where {describe(node.where, rows_of(node, vocabulary))}")
    if about:
        parts.append(f"({', '.join(about)})")
    if not never:
        parts.append(how_often(node.at_least, node.at_most))
    if node.within_days is not None:
        parts.append(f"in the last {_days(node.within_days)}")
    if node.not_in_last_days is not None:
        parts.append(f"but not in the last {_days(node.not_in_last_days)}")
    return " ".join(part for part in parts if part)


def _related(node: Related, vocabulary: Vocabulary) -> str:
    relation = vocabulary.relations[node.relation]
    words = f"there {how_many(node.at_least, node.at_most, relation.label, relation.plural)}"
    return words if node.where is None else f"{words} where ({describe(node.where, relation.vocabulary)})"


def _days(number: int) -> str:
    return "day" if number == 1 else f"{number} days"
