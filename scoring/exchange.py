"""Scoring models as JSON: the definition that `definition.freeze` gives, read back as a draft."""

from __future__ import annotations

from math import isfinite
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.db.models import Model

from contacts.models import User
from leads.conditions import InvalidCondition, lead_vocabulary, parse
from scoring.checks import without_contact_problem
from scoring.errors import InvalidModel
from scoring.models import Axis, Grade, Rule, RuleGroup, ScoringModel, Target

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
        "day_cap",
        "group",
    }
)
GROUP_KEYS = frozenset({"name", "category", "cap"})
GRADES = {"grades": Axis.SCORE, "fit_grades": Axis.FIT, "engagement_grades": Axis.ENGAGEMENT}


@transaction.atomic
def load_model(definition: object, *, by: User | None = None) -> ScoringModel:
    """A draft of a definition, see ModelVersion; what it does not name is as in a new model.

    A model of that name gets this as its draft; what is live stays live. Raises InvalidModel with the position.
    """
    _check_storable(definition, "")
    data = _object(definition, "", MODEL_KEYS | GRADES.keys() | {"groups", "rules"})
    name = data.get("name")
    if not isinstance(name, str) or not name.strip():
        raise InvalidModel("name", "a name is needed")
    model = ScoringModel.objects.select_for_update().filter(name=name).first() or ScoringModel(name=name, owner=by)
    for key in MODEL_KEYS & data.keys():
        setattr(model, key, data[key])
    _check(model, "")
    _check_condition(model, model.audience, "audience")
    if model.target == Target.ACCOUNT and model.minimum_consent:
        raise InvalidModel("minimum_consent", "a lead of an account alone has no contact who could give it")
    model.save()
    replace_parts(model, data)
    return model


def replace_parts(model: ScoringModel, data: dict[str, Any]) -> None:
    """Give a draft the grades, groups and rules of a definition in place of its own. A rule with the id of one that
    the model has keeps its place in history. Raises InvalidModel.
    """
    model.grades.all().delete()
    for key, axis in GRADES.items():
        for index, item in enumerate(_items(data, key)):
            grade = Grade(model=model, axis=axis, **_object(item, f"{key}.{index}", GRADE_KEYS))
            _check(grade, f"{key}.{index}", unique_in=model)
            grade.save()
    own = set(model.rules.values_list("id", flat=True))
    model.rules.all().delete()
    model.groups.all().delete()
    groups: dict[str, RuleGroup] = {}
    for index, item in enumerate(_items(data, "groups")):
        group = RuleGroup(model=model, position=index, **_object(item, f"groups.{index}", GROUP_KEYS))
        _check(group, f"groups.{index}", unique_in=model)
        group.save()
        groups[group.name] = group
    for index, item in enumerate(_items(data, "rules")):
        rule = _rule(model, _object(item, f"rules.{index}", RULE_KEYS | {"id"}), index, groups)
        known_id = item.get("id") if isinstance(item, dict) else None
        if type(known_id) is int and known_id in own:
            own.remove(known_id)
            rule.pk = known_id
        rule.save(force_insert=True)


def _rule(model: ScoringModel, item: dict[str, Any], index: int, groups: dict[str, RuleGroup]) -> Rule:
    path = f"rules.{index}"
    # An id may be of the installation the definition came from.
    values = {key: value for key, value in item.items() if key not in ("id", "group")}
    name = item.get("group")
    if name is not None and (not isinstance(name, str) or name not in groups):
        raise InvalidModel(f"{path}.group", f"there is no group of that name; there are {', '.join(groups) or 'none'}")
    rule = Rule(model=model, position=index, group=groups[name] if name is not None else None, **values)
    _check_condition(model, rule.condition, f"{path}.condition")
    _check(rule, path)
    return rule


def _object(data: object, path: str, keys: frozenset[str]) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise InvalidModel(path, "an object was expected")
    for key in data:
        if key not in keys:
            raise InvalidModel(f"{path}.{key}".strip("."), f"this key is unknown; known are {', '.join(sorted(keys))}")
    return data


def _check_storable(value: object, path: str) -> None:
    """Refuse what no column holds, wherever it stands; conditions say the same of themselves, by their own places."""
    if isinstance(value, dict):
        for key, each in value.items():
            if key not in ("condition", "audience"):
                _check_storable(each, f"{path}.{key}".strip("."))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            _check_storable(each, f"{path}.{index}".strip("."))
    elif isinstance(value, str) and any(each == "\0" or "\ud800" <= each <= "\udfff" for each in value):
        raise InvalidModel(path, "it holds a character that cannot be stored")
    elif isinstance(value, float) and not isfinite(value):
        raise InvalidModel(path, "a number that can be counted with was expected")


def _items(data: dict[str, Any], key: str) -> list[object]:
    found = data.get(key, [])
    if not isinstance(found, list):
        raise InvalidModel(key, "a list was expected")
    return found


def _check_condition(model: ScoringModel, tree: object, path: str) -> None:
    vocabulary = lead_vocabulary(scoring=True)
    try:
        parse(tree, vocabulary)
    except InvalidCondition as error:
        raise InvalidModel(f"{path}.{error.path}".strip("."), f"{error.problem}; expected {error.expected}") from error
    problem = without_contact_problem(tree, vocabulary) if model.target == Target.ACCOUNT else None
    if problem:
        raise InvalidModel(f"{path}.{problem[0]}".strip("."), problem[1])


def _check(row: Model, path: str, *, unique_in: ScoringModel | None = None) -> None:
    try:
        row.full_clean(exclude=None if unique_in else {"model", "group"})
    except ValidationError as error:
        field, problems = next(iter(error.message_dict.items()))
        field = "" if field == NON_FIELD_ERRORS else field
        raise InvalidModel(f"{path}.{field}".strip("."), " ".join(problems)) from error
