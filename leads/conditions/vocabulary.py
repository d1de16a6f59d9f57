"""What may be asked: fields, behaviours and related records. Filled in by `vocabularies.py`; knows no model itself."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from django.db.models import F, Q, QuerySet
from django.db.models.expressions import Combinable

from leads.conditions.nodes import Did, Related
from leads.conditions.operators import OPERATORS, FieldType, Operator

Choice = str | int


class Choices(Protocol):
    """The values a field offers."""

    def offered(self) -> list[tuple[Choice, str]]:
        """Every value on offer with its label, in the order to show them."""
        ...

    def labels(self, values: Collection[Choice]) -> dict[Choice, str]:
        """The labels of those of `values` that exist."""
        ...

    def found(self, words: str, most: int) -> list[tuple[Choice, str]]:
        """At most so many of those whose label has every word of `words`."""
        ...


@dataclass(frozen=True)
class FixedChoices:
    """Choices known beforehand."""

    pairs: tuple[tuple[Choice, str], ...]

    def offered(self) -> list[tuple[Choice, str]]:
        return list(self.pairs)

    def labels(self, values: Collection[Choice]) -> dict[Choice, str]:
        return {value: label for value, label in self.pairs if value in values}

    def found(self, words: str, most: int) -> list[tuple[Choice, str]]:
        terms = words.casefold().split()
        return [pair for pair in self.pairs if all(term in pair[1].casefold() for term in terms)][:most]


@dataclass(frozen=True)
class Field:
    """One thing that can be compared.

    `label` is how a sentence calls it ("contact's country"), `group` under what an editor lists it. `value` is the
    column or expression, NULL where there is nothing or nothing of this type. A number may have `choices`: its
    labelled steps. `archived`: no longer offered, but stored conditions may still ask for it. `indexed`: there is an
    index on the expression. `there`: where it does not hold, there is no value either.
    """

    name: str
    label: str
    type: FieldType
    value: F | Combinable
    group: str = ""
    choices: Choices | None = None
    archived: bool = False
    indexed: bool = False
    there: Q | None = None

    @property
    def operators(self) -> Mapping[str, Operator]:
        return OPERATORS[self.type]


@dataclass(frozen=True)
class Relation:
    """Records that belong to a row: none, one or several.

    `label` and `plural` are how a sentence calls them ("contact of the account"). `rows` gives them, each once, as a
    queryset that refers to the row as OuterRef; `vocabulary` says what may be asked of one of them.
    """

    name: str
    label: str
    plural: str
    rows: Callable[[], QuerySet]
    vocabulary: Vocabulary


@dataclass(frozen=True)
class Vocabulary:
    """The only list of what may be asked of one kind of subject.

    `fields` by public name, `behaviours` (type to words) and `interactions`, which gives the interactions of a
    row's contact as a queryset that refers to the row as OuterRef; `interaction` says what may be asked of one of
    them (None: nothing). `relations` by public name.
    """

    subject: str
    fields: Mapping[str, Field]
    behaviours: Mapping[str, str] = field(default_factory=dict)
    interactions: Callable[[], QuerySet] | None = None
    interaction: Vocabulary | None = None
    relations: Mapping[str, Relation] = field(default_factory=dict)


@dataclass(frozen=True)
class Offer:
    """What an app above adds to a vocabulary: to the row's own fields, to its relations, to an interaction's fields."""

    fields: tuple[Field, ...] = ()
    relations: tuple[Relation, ...] = ()
    interaction: tuple[Field, ...] = ()


def rows_of(node: Did | Related, vocabulary: Vocabulary) -> Vocabulary:
    """What may be asked of the rows that `node` counts."""
    of = vocabulary.interaction if isinstance(node, Did) else vocabulary.relations[node.relation].vocabulary
    assert of is not None, "parse has refused what cannot be asked"
    return of
