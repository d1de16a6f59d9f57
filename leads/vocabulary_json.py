"""A vocabulary as the editor of conditions reads it, and the values its fields have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Model, QuerySet

from leads.conditions.operators import OPERATORS, FieldType
from leads.conditions.phrases import PHRASES
from leads.conditions.vocabulary import Choice, Field, FixedChoices, Relation, Vocabulary

FEW = 40
"""So many choices come with the field; more are looked for as somebody types."""
FOUND = 12
LOOKED_AT = 4000
"""Values of text are those seen in so many of the latest records."""


def vocabulary_json(vocabulary: Vocabulary) -> dict[str, Any]:
    """Fields with their type and choices, behaviours, relations with what may be asked of each of them in turn."""
    return {
        "subject": vocabulary.subject,
        "fields": [_field(field) for field in vocabulary.fields.values()],
        "behaviours": [{"name": name, "label": words} for name, words in vocabulary.behaviours.items()],
        "interaction": vocabulary_json(vocabulary.interaction) if vocabulary.interaction else None,
        "relations": [_relation(relation) for relation in vocabulary.relations.values()],
    }


def operators_json() -> dict[str, list[dict[str, str]]]:
    """By type of field: each operator with the words before and after its value, and what it takes."""
    found: dict[str, list[dict[str, str]]] = {}
    for type, operators in OPERATORS.items():
        found[type.value] = []
        for name, operator in operators.items():
            before, _, after = PHRASES[name].partition("{}")
            takes = operator.takes.name.lower()
            found[type.value].append({"name": name, "words": before.strip(), "after": after.strip(), "takes": takes})
    return found


def _field(field: Field) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": field.name,
        "label": field.label,
        "group": field.group,
        "type": field.type.value,
        "archived": field.archived,
    }
    if isinstance(field.choices, FixedChoices) and len(field.choices.pairs) <= FEW:
        found["choices"] = field.choices.offered()
    return found


def _relation(relation: Relation) -> dict[str, Any]:
    return {
        "name": relation.name,
        "label": relation.label,
        "plural": relation.plural,
        "of": vocabulary_json(relation.vocabulary),
    }


@dataclass(frozen=True)
class Place:
    """Where something is asked inside a condition: what may be asked there; `model` unless of the subject itself."""

    vocabulary: Vocabulary
    model: type[Model] | None = None

    def rows(self, outermost: QuerySet) -> QuerySet:
        """The records there are; `outermost` those of the subject."""
        if self.model is None:
            return outermost
        manager = self.model._default_manager
        return manager.alive() if hasattr(manager, "alive") else manager.all()


def inner(vocabulary: Vocabulary, within: Iterable[str]) -> Place | None:
    """The place reached by going through relations and "did" (an interaction) one by one; None if there is no way."""
    place = Place(vocabulary)
    for name in within:
        here = place.vocabulary
        relation = here.relations.get(name)
        if name == "did" and here.interaction and here.interactions:
            place = Place(here.interaction, here.interactions().model)
        elif relation is not None:
            place = Place(relation.vocabulary, relation.rows().model)
        else:
            return None
    return place


def values_of(field: Field, rows: QuerySet, words: str) -> list[tuple[Choice, str]]:
    """Values with their labels in which `words` appear: what the field offers, or what the latest of `rows` have."""
    if field.choices is not None:
        return field.choices.found(words, FOUND)
    return _seen(field, rows, words) if field.type is FieldType.TEXT else []


def labels_of(field: Field, values: list[Choice]) -> Mapping[Choice, str]:
    """What those of `values` that are records or choices are called."""
    return field.choices.labels(values) if field.choices is not None else {}


def _seen(field: Field, rows: QuerySet, words: str) -> list[tuple[Choice, str]]:
    """The most frequent first. Bounded by the index of ids, whatever is asked."""
    latest = rows.select_related(None).order_by("-pk").values_list("pk", flat=True)[:LOOKED_AT]
    seen = (
        rows.model._default_manager.filter(pk__in=list(latest))
        .annotate(seen=field.value)
        .filter(seen__icontains=words)
        .exclude(seen="")
        .values("seen")
        .annotate(times=Count("pk"))
        .order_by("-times", "seen")
    )
    return [(each["seen"], each["seen"]) for each in seen[:FOUND]]
