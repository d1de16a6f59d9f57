"""Scoring models as JSON: the definition that `definition.freeze` gives, read back as a draft."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model

from contacts.models import User
from leads.conditions import InvalidCondition, lead_vocabulary, parse
from leads.conditions.vocabulary import Vocabulary
from scoring.errors import InvalidModel
from scoring.models import Grade, Rule, ScoringModel

MODEL_KEYS = frozenset({"name", "description", "target", "audience", "minimum_consent", "threshold"})
GRADE_KEYS = frozenset({"name", "from_score"})
RULE_KEYS = frozenset(
    {
        "name",
        "points",
        "condition",
        "interaction_type",
        "subject_contains",
        "counting",
        "at_least",
        "window_days",
        "scope",
        "cap",
        "decay",
        "half_life_days",
    }
)


@transaction.atomic
def load_model(definition: object, *, by: User | None = None) -> ScoringModel:
    """A draft of `{"name", "target", "audience", "minimum_consent", "threshold", "grades", "rules"}`; see ModelVersion.

    A model of that name gets this as its draft; what is live stays live. Raises InvalidModel with the position.
    """
    data = _object(definition, "", MODEL_KEYS | {"grades", "rules"})
    name = data.get("name")
    if not isinstance(name, str) or not name.strip():
        raise InvalidModel("name", "a name is needed")
    model = ScoringModel.objects.select_for_update().filter(name=name).first() or ScoringModel(name=name, owner=by)
    for key in MODEL_KEYS & data.keys():
        setattr(model, key, data[key])
    vocabulary = lead_vocabulary(scoring=True)
    _check_condition(model.audience, "audience", vocabulary)
    _check(model, "")
    model.save()
    model.grades.all().delete()
    model.rules.all().delete()
    for index, item in enumerate(_items(data, "grades")):
        grade = Grade(model=model, **_object(item, f"grades.{index}", GRADE_KEYS))
        _check(grade, f"grades.{index}")
        grade.save()
    for index, item in enumerate(_items(data, "rules")):
        path = f"rules.{index}"
        # The id is of the installation the definition came from.
        known = {key: value for key, value in _object(item, path, RULE_KEYS | {"id"}).items() if key != "id"}
        rule = Rule(model=model, position=index, **known)
        _check_condition(rule.condition, f"{path}.condition", vocabulary)
        _check(rule, path)
        rule.save()
    return model


def _object(data: object, path: str, keys: frozenset[str]) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise InvalidModel(path, "an object was expected")
    for key in data:
        if key not in keys:
            raise InvalidModel(f"{path}.{key}".strip("."), f"this key is unknown; known are {', '.join(sorted(keys))}")
    return data


def _items(data: dict[str, Any], key: str) -> list[object]:
    found = data.get(key, [])
    if not isinstance(found, list):
        raise InvalidModel(key, "a list was expected")
    return found


def _check_condition(tree: object, path: str, vocabulary: Vocabulary) -> None:
    try:
        parse(tree, vocabulary)
    except InvalidCondition as error:
        raise InvalidModel(f"{path}.{error.path}".strip("."), f"{error.problem}; expected {error.expected}") from error


def _check(row: Model, path: str) -> None:
    try:
        row.full_clean(exclude={"model"})
    except ValidationError as error:
        field, problems = next(iter(error.message_dict.items()))
        raise InvalidModel(f"{path}.{field}".strip("."), " ".join(problems)) from error
