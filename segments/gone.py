"""What a live segment asks for and is gone for good: a product, a form, another segment.

A comparison with what is gone holds for nobody, so that the members would silently be nobody, or everybody.
"""

from __future__ import annotations

from collections.abc import Iterator

from leads.conditions import Node, Vocabulary
from leads.conditions.errors import refuse
from leads.conditions.nodes import All, Any, Compare, Did, Not, Related
from leads.conditions.operators import FieldType
from leads.conditions.vocabulary import Choices, Field, rows_of
from segments.definition import Definition
from segments.models import Segment

Path = tuple[str, ...]


def must_exist(definition: Definition, vocabulary: Vocabulary) -> None:
    """Raise InvalidCondition, with the position, unless every record that is asked for is there.

    One query for the steps and one for each field of records.
    """
    asked: dict[Choices, list[tuple[Path, str, int]]] = {}
    for path, field, ids in _records(definition.node, vocabulary, ()):
        assert field.choices is not None
        asked.setdefault(field.choices, []).extend((path, field.label, pk) for pk in ids)
    for choices, places in asked.items():
        there = choices.labels([pk for _, _, pk in places])
        for path, label, pk in places:
            if pk not in there:
                refuse(path, f"the {label} with the number {pk} does not exist any more", "one that does")
    steps = [step.segment_id for step in definition.steps]
    known = set(Segment.objects.alive().filter(pk__in=steps).values_list("pk", flat=True)) if steps else set()
    for number, pk in enumerate(steps):
        if pk not in known:
            refuse(("steps", str(number)), "its segment does not exist any more", "one that does")


def _records(node: Node, vocabulary: Vocabulary, path: Path) -> Iterator[tuple[Path, Field, list[int]]]:
    """Each comparison with records: its position, its field, the ids."""
    if isinstance(node, All | Any):
        kind = "all" if isinstance(node, All) else "any"
        for number, child in enumerate(node.nodes):
            yield from _records(child, vocabulary, (*path, kind, str(number)))
    elif isinstance(node, Not):
        yield from _records(node.node, vocabulary, (*path, "not"))
    elif isinstance(node, Did | Related) and node.where is not None:
        yield from _records(node.where, rows_of(node, vocabulary), (*path, "where"))
    elif isinstance(node, Compare) and vocabulary.fields[node.field].type is FieldType.REFERENCE:
        values = node.value if isinstance(node.value, tuple) else (node.value,)
        ids = [value for value in values if type(value) is int]
        if ids and vocabulary.fields[node.field].choices is not None:
            yield (*path, "value"), vocabulary.fields[node.field], ids
