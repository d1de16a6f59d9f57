"""When a lead is sales ready, said over several models: stored with a process as data, checked and evaluated here.

`{"model": id}` holds when the lead has reached that model's threshold; `{"all": [...]}`, `{"any": [...]}` and
`{"not": {...}}` put such together. A model that is stopped or deleted, or does not score the lead, is not reached.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q

from leads.models import Process, ReadinessPolicy
from scoring.errors import InvalidExpression
from scoring.models import ScoringModel

DEEPEST = 10
MOST = 50
EXPECTED = 'one of {"model": id}, {"all": [...]}, {"any": [...]} and {"not": {...}}'
JOINED = {"all": " and ", "any": " or "}


def check(tree: object, models: Collection[int] | None = None) -> None:
    """Raise InvalidExpression, with the position, unless the tree makes sense (over the models of these ids)."""
    if len(_check(tree, "", models, DEEPEST)) > MOST:
        raise InvalidExpression("", f"{MOST} models are the most")
    if holds(tree, ()):
        raise InvalidExpression("", "it holds for a lead that has reached no threshold at all")


def _check(tree: object, path: str, models: Collection[int] | None, deeper: int) -> list[int]:
    if not deeper:
        raise InvalidExpression(path, f"{DEEPEST} levels are the most")
    if not isinstance(tree, dict) or len(tree) != 1:
        raise InvalidExpression(path, f"expected {EXPECTED}")
    ((key, value),) = tree.items()
    here = f"{path}.{key}".strip(".")
    if key == "model":
        if type(value) is not int or (models is not None and value not in models):
            raise InvalidExpression(here, "there is no such scoring model")
        return [value]
    if key == "not":
        return _check(value, here, models, deeper - 1)
    if key not in JOINED or not isinstance(value, list) or not value:
        raise InvalidExpression(here, f"expected {EXPECTED}, no list empty")
    return [found for at, one in enumerate(value) for found in _check(one, f"{here}.{at}", models, deeper - 1)]


def holds(tree: Any, reached: Collection[int]) -> bool:
    """Whether it holds for a lead that has reached the thresholds of these models. `tree` is checked."""
    ((key, value),) = tree.items()
    if key == "model":
        return value in reached
    if key == "not":
        return not holds(value, reached)
    return (all if key == "all" else any)(holds(one, reached) for one in value)


def compiled(tree: Any, reached: Callable[[int], Q]) -> Q:
    """The same as a condition on leads; `reached` gives that of one model. `tree` is checked."""
    ((key, value),) = tree.items()
    if key == "model":
        return reached(value)
    if key == "not":
        return ~compiled(value, reached)
    parts = [compiled(one, reached) for one in value]
    found = parts[0]
    for part in parts[1:]:
        found = found & part if key == "all" else found | part
    return found


def in_words(tree: Any, names: Mapping[int, str]) -> str:
    """Such as "Demand and (Fit or not Students)". `tree` is checked, or was once."""
    ((key, value),) = tree.items()
    if key == "model":
        return names.get(value, "a model that was deleted")
    if key == "not":
        return f"not {_inside(value, names)}"
    return JOINED[key].join(_inside(one, names) if len(value) > 1 else in_words(one, names) for one in value)


def _inside(tree: Any, names: Mapping[int, str]) -> str:
    words = in_words(tree, names)
    return f"({words})" if tree.keys() & JOINED.keys() else words


@transaction.atomic
def set_readiness(process_id: int, *, policy: str, expression: Any = None) -> Process:
    """Say when leads of a process are sales ready; its scored leads are looked at again. Raises InvalidExpression."""
    process = Process.objects.select_for_update().get(pk=process_id)
    if policy == ReadinessPolicy.EXPRESSION:
        check(expression, set(ScoringModel.objects.values_list("id", flat=True)))
        process.readiness_expression = expression
    process.readiness_policy = policy
    process.save(update_fields=["readiness_policy", "readiness_expression"])
    return process
