"""Generated conditions: valid trees over a vocabulary."""

from __future__ import annotations

from random import Random
from typing import Any

from leads.conditions import Vocabulary
from leads.conditions.days import PERIODS
from leads.conditions.operators import FieldType, Takes
from leads.conditions.vocabulary import Field
from tests.leads.conditions.values import BEHAVIOURS, DAYS, NUMBERS, TEXTS, Ids, several


def scalar(random: Random, field: Field, ids: Ids) -> Any:
    """A valid value for a field."""
    if field.type in (FieldType.CHOICE, FieldType.MULTI_CHOICE):
        assert field.choices is not None
        return random.choice(field.choices.offered())[0]
    if field.type is FieldType.REFERENCE:
        if field.name in ids:
            return random.choice(ids[field.name])
        assert field.choices is not None
        return random.choice(field.choices.offered())[0]
    if field.type is FieldType.YES_NO:
        return random.random() < 0.5
    pools: dict[FieldType, list[Any]] = {FieldType.TEXT: TEXTS, FieldType.NUMBER: NUMBERS}
    return random.choice(pools.get(field.type, DAYS))


def comparison(random: Random, vocabulary: Vocabulary, ids: Ids) -> dict[str, Any]:
    """A valid comparison; every type of field is as likely as the others."""
    kinds = sorted({field.type for field in vocabulary.fields.values()})
    kind = random.choice(kinds if len(kinds) < 8 else [*kinds, FieldType.TEXT, FieldType.TEXT])
    field = random.choice([field for field in vocabulary.fields.values() if field.type is kind])
    operator = random.choice(list(field.operators.values()))

    def one() -> Any:
        return scalar(random, field, ids)

    value: Any = {
        Takes.NOTHING: lambda: None,
        Takes.ONE: one,
        Takes.SEVERAL: lambda: several(random, one, 1, 3),
        Takes.TWO: lambda: sorted([one(), one()]),
        Takes.DAYS: lambda: random.randint(1, 6),
        Takes.YEAR_DAYS: lambda: random.choice([1, 2, 6, 40, 365, 366]),
        Takes.PERIOD: lambda: random.choice(PERIODS),
    }[operator.takes]()
    return {"field": field.name, "op": operator.name, "value": value}


def a_count(random: Random) -> dict[str, Any]:
    """How many: what it may say of it, or nothing."""
    least = random.randint(1, 4)
    return random.choice(
        [
            {},
            {"none": True},
            {"at_least": least},
            {"at_most": least},
            {"exactly": least},
            {"at_least": least, "at_most": least + random.randint(0, 2)},
        ]
    )


def behaviour(random: Random, vocabulary: Vocabulary, ids: Ids, depth: int) -> dict[str, Any]:
    tree: dict[str, Any] = {"did": random.choice(BEHAVIOURS), **a_count(random)}
    if random.random() < 0.5:
        tree["within_days"] = random.randint(2, 6)
    if random.random() < 0.3:
        tree["subject_contains"] = random.choice(TEXTS)
    if random.random() < 0.3 and "none" not in tree and tree.keys() & {"at_least", "exactly"}:
        tree["not_in_last_days"] = 1
    if vocabulary.interaction and random.random() < 0.4:
        tree["where"] = a_tree(random, vocabulary.interaction, ids, max(depth - 1, 0))
    return tree


def related(random: Random, vocabulary: Vocabulary, ids: Ids, depth: int) -> dict[str, Any]:
    relation = random.choice(list(vocabulary.relations.values()))
    tree: dict[str, Any] = {"related": relation.name, **a_count(random)}
    if random.random() < 0.85:
        tree["where"] = a_tree(random, relation.vocabulary, ids, max(depth - 1, 0))
    return tree


def a_tree(random: Random, vocabulary: Vocabulary, ids: Ids, depth: int = 3) -> dict[str, Any]:
    """A valid tree of up to `depth` levels of groups."""
    if depth == 0 or random.random() < 0.4:
        chance = random.random()
        if chance < 0.2 and vocabulary.behaviours:
            return behaviour(random, vocabulary, ids, depth)
        if chance > 0.7 and vocabulary.relations:
            return related(random, vocabulary, ids, depth)
        return comparison(random, vocabulary, ids)
    kind = random.choice(["all", "any", "not"])
    if kind == "not":
        return {"not": a_tree(random, vocabulary, ids, depth - 1)}
    return {kind: several(random, lambda: a_tree(random, vocabulary, ids, depth - 1), 1, 3)}
