"""A model as it went live: frozen, and what the engine, the explanation and the checks read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from leads.conditions import InvalidCondition, Vocabulary, parse
from leads.conditions.nodes import Node
from scoring.models import Counting, Decay, ModelVersion, Rule, Scope, ScoringModel

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
    decay: Decay = Decay.NONE  # versions made before there was decay say nothing of it
    half_life_days: int | None = None

    @property
    def is_behaviour(self) -> bool:
        return bool(self.interaction_type)

    @property
    def total_limit(self) -> int:
        """The most this rule may give, in size."""
        return min(self.cap, RULE_TOTAL_LIMIT) if self.cap is not None else RULE_TOTAL_LIMIT


@dataclass(frozen=True)
class GradeSpec:
    name: str
    from_score: int


@dataclass(frozen=True)
class ModelSpec:
    """One live model: `rules[i]` gives `points[i]` of its scores. `grades` begin with the highest."""

    model_id: int
    version_id: int
    name: str
    target: str
    audience: dict[str, Any]
    minimum_consent: int
    threshold: int
    grades: tuple[GradeSpec, ...]
    rules: tuple[RuleSpec, ...]

    def grade_of(self, score: int) -> str:
        """The name of the grade that `score` falls in, "" below the lowest."""
        return next((grade.name for grade in self.grades if score >= grade.from_score), "")


def freeze(model: ScoringModel) -> dict[str, Any]:
    """The definition stored with a version: see `ModelVersion`."""
    return {
        "name": model.name,
        "target": model.target,
        "audience": model.audience,
        "minimum_consent": model.minimum_consent,
        "threshold": model.threshold,
        "grades": [{"name": grade.name, "from_score": grade.from_score} for grade in model.grades.all()],
        "rules": [freeze_rule(rule) for rule in model.rules.all()],
    }


def freeze_rule(rule: Rule) -> dict[str, Any]:
    """One rule as it stands in a definition."""
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
    }


def spec_of(version: ModelVersion) -> ModelSpec:
    """What `version` holds, typed."""
    definition = version.definition
    grades = sorted(
        (GradeSpec(grade["name"], grade["from_score"]) for grade in definition["grades"]),
        key=lambda grade: -grade.from_score,
    )
    return ModelSpec(
        model_id=version.model_id,
        version_id=version.pk,
        name=definition["name"],
        target=definition["target"],
        audience=definition["audience"],
        minimum_consent=definition["minimum_consent"],
        threshold=definition["threshold"],
        grades=tuple(grades),
        rules=tuple(rule_spec(rule) for rule in definition["rules"]),
    )


def rule_spec(rule: dict[str, Any]) -> RuleSpec:
    """One rule of a definition, typed."""
    typed = {"counting": Counting(rule["counting"]), "scope": Scope(rule["scope"])}
    return RuleSpec(**{**rule, **typed, "decay": Decay(rule.get("decay", Decay.NONE))})


def is_edited(model: ScoringModel) -> bool:
    """Whether the draft of a model that was live would score otherwise than its version, or is called otherwise."""
    assert model.version is not None
    draft = ModelVersion(pk=model.version_id, model=model, definition=freeze(model))
    return spec_of(draft) != spec_of(model.version)


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
