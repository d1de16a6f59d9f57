"""A model as it went live: frozen, and what the engine, the explanation and the checks read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from leads.conditions import InvalidCondition, Vocabulary, parse
from leads.conditions.nodes import Node
from scoring.models import Axis, Category, Counting, Decay, ModelVersion, Rule, Scope, ScoringModel

RULE_LIMIT = 200
POINTS_LIMIT = 10_000
COUNT_LIMIT = 1_000_000
WINDOW_LIMIT = 3_650
"""Days. Ten years; much longer windows would reach back before dates can be told."""
SCORE_LIMIT = 500_000_000
"""The largest threshold or grade, in size: its distance from any score still fits a column."""
RULE_TOTAL_LIMIT = 1_000_000
"""No rule gives more than this, in size, however often it counts: a score always fits its column."""


@dataclass(frozen=True)
class RuleSpec:
    """One rule. A behaviour rule has an `interaction_type`; `condition` is the raw tree ({}: always)."""

    id: int
    name: str
    points: int
    condition: dict[str, Any]
    interaction_type: str
    subject_contains: str
    counting: Counting
    at_least: int
    window_days: int | None
    scope: Scope
    cap: int | None
    decay: Decay = Decay.NONE  # versions made before there was decay say nothing of it, nor of what follows
    half_life_days: int | None = None
    day_cap: int | None = None
    group: str | None = None

    @property
    def is_behaviour(self) -> bool:
        return bool(self.interaction_type)

    @property
    def total_limit(self) -> int:
        """The most this rule may give, in size."""
        return min(self.cap, RULE_TOTAL_LIMIT) if self.cap is not None else RULE_TOTAL_LIMIT


@dataclass(frozen=True)
class GroupSpec:
    """Rules under one name, of one half of the score, with the most they give together in size (None: no limit)."""

    name: str
    category: Category
    cap: int | None


class CutKind(StrEnum):
    """What a cap bounds: a rule on one day, a rule, a group of rules. Each is applied to what the one before left."""

    DAY = "day"
    RULE = "rule"
    GROUP = "group"


@dataclass(frozen=True)
class CutSpec:
    """One cap of a model. `place` is that of its rule or group in the model."""

    kind: CutKind
    place: int
    limit: int


@dataclass(frozen=True)
class GradeSpec:
    name: str
    from_score: int


@dataclass(frozen=True)
class ModelSpec:
    """One live model: `rules[i]` gives `points[i]` of its scores, of which `cuts[i]` takes some. Grades begin with the
    highest; those of fit and of engagement make the matrix.
    """

    model_id: int
    version_id: int
    name: str
    target: str
    audience: dict[str, Any]
    minimum_consent: int
    threshold: int
    grades: tuple[GradeSpec, ...]
    rules: tuple[RuleSpec, ...]
    groups: tuple[GroupSpec, ...] = ()
    fit_grades: tuple[GradeSpec, ...] = ()
    engagement_grades: tuple[GradeSpec, ...] = ()

    def grade_of(self, score: int) -> str:
        """The name of the grade that `score` falls in, "" below the lowest."""
        return next((grade.name for grade in self.grades if score >= grade.from_score), "")

    @property
    def has_matrix(self) -> bool:
        return bool(self.fit_grades and self.engagement_grades)

    @cached_property
    def cuts(self) -> tuple[CutSpec, ...]:
        """The caps, in the order in which scores keep what each took: those of each rule, then those of groups."""
        found = []
        for place, rule in enumerate(self.rules):
            if rule.day_cap is not None:
                found.append(CutSpec(CutKind.DAY, place, rule.day_cap))
            if rule.cap is not None:
                found.append(CutSpec(CutKind.RULE, place, rule.cap))
        groups = enumerate(self.groups)
        return (*found, *(CutSpec(CutKind.GROUP, at, group.cap) for at, group in groups if group.cap is not None))

    def category_of(self, rule: RuleSpec) -> Category:
        """The half of the score that a rule belongs to: its group's; without one, by what it looks at."""
        for group in self.groups:
            if group.name == rule.group:
                return group.category
        return Category.ENGAGEMENT if rule.is_behaviour else Category.FIT

    def group_members(self, group: GroupSpec) -> list[int]:
        """The places of a group's rules."""
        return [place for place, rule in enumerate(self.rules) if rule.group == group.name]


def freeze(model: ScoringModel) -> dict[str, Any]:
    """The definition stored with a version: see `ModelVersion`. No query when grades, groups and rules are there."""
    groups = {group.pk: group.name for group in model.groups.all()}
    return {
        "name": model.name,
        "target": model.target,
        "audience": model.audience,
        "minimum_consent": model.minimum_consent,
        "threshold": model.threshold,
        "grades": _freeze_grades(model, Axis.SCORE),
        "fit_grades": _freeze_grades(model, Axis.FIT),
        "engagement_grades": _freeze_grades(model, Axis.ENGAGEMENT),
        "groups": [{"name": group.name, "category": group.category, "cap": group.cap} for group in model.groups.all()],
        "rules": [freeze_rule(rule, groups) for rule in model.rules.all()],
    }


def _freeze_grades(model: ScoringModel, axis: Axis) -> list[dict[str, Any]]:
    return [{"name": grade.name, "from_score": grade.from_score} for grade in model.grades.all() if grade.axis == axis]


def freeze_rule(rule: Rule, groups: Mapping[int, str] | None = None) -> dict[str, Any]:
    """One rule as it stands in a definition. `groups`: names by id, where they are known already."""
    group = groups.get(rule.group_id) if groups is not None and rule.group_id else rule.group and rule.group.name
    return {
        "id": rule.pk,
        "name": rule.name,
        "points": rule.points,
        "condition": rule.condition,
        "interaction_type": rule.interaction_type,
        "subject_contains": rule.subject_contains,
        "counting": rule.counting,
        "at_least": rule.at_least,
        "window_days": rule.window_days,
        "scope": rule.scope,
        "cap": rule.cap,
        "decay": rule.decay,
        "half_life_days": rule.half_life_days,
        "day_cap": rule.day_cap,
        "group": group,
    }


def spec_of(version: ModelVersion) -> ModelSpec:
    """What `version` holds, typed."""
    definition = version.definition
    groups = definition.get("groups", [])
    return ModelSpec(
        model_id=version.model_id,
        version_id=version.pk,
        name=definition["name"],
        target=definition["target"],
        audience=definition["audience"],
        minimum_consent=definition["minimum_consent"],
        threshold=definition["threshold"],
        grades=_grades(definition, "grades"),
        rules=tuple(rule_spec(rule) for rule in definition["rules"]),
        groups=tuple(GroupSpec(group["name"], Category(group["category"]), group["cap"]) for group in groups),
        fit_grades=_grades(definition, "fit_grades"),
        engagement_grades=_grades(definition, "engagement_grades"),
    )


def _grades(definition: dict[str, Any], key: str) -> tuple[GradeSpec, ...]:
    grades = [GradeSpec(grade["name"], grade["from_score"]) for grade in definition.get(key, [])]
    return tuple(sorted(grades, key=lambda grade: -grade.from_score))


def rule_spec(rule: dict[str, Any]) -> RuleSpec:
    """One rule of a definition, typed."""
    typed = {"counting": Counting(rule["counting"]), "scope": Scope(rule["scope"])}
    return RuleSpec(**{**rule, **typed, "decay": Decay(rule.get("decay", Decay.NONE))})


def draft_spec(model: ScoringModel) -> ModelSpec:
    """The draft as it would score."""
    return spec_of(ModelVersion(pk=model.version_id, model=model, definition=freeze(model)))


def is_edited(model: ScoringModel) -> bool:
    """Whether the draft of a model that was live would score otherwise than its version, or is called otherwise."""
    assert model.version is not None
    return draft_spec(model) != spec_of(model.version)


def live_models() -> list[ModelSpec]:
    """Every live model, in the order of their ids."""
    versions = ModelVersion.objects.filter(pk__in=ScoringModel.objects.live().values("version_id")).order_by("model_id")
    return [spec_of(version) for version in versions]


def parse_or_none(tree: dict[str, Any], vocabulary: Vocabulary) -> Node | None:
    """The parsed condition; None when it no longer makes sense (its custom field was removed since)."""
    try:
        return parse(tree, vocabulary, stored=True)
    except InvalidCondition:
        return None
