"""How a score came to be what it is: each change with the rules, and the caps, that made it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from leads.models import Lead
from scoring.definition import CutKind, ModelSpec, spec_of
from scoring.explain import Part, cut_parts
from scoring.models import ModelVersion, ScoreChange

Line = tuple[int, CutKind | None, str]
"""What a line of an explanation is about, whatever the version: a rule's id, which of its caps, or a group's name."""


@dataclass(frozen=True)
class ScoreStep:
    """One change of a score, for the story: what it became, and the rules and caps that made the difference.

    `version` is that which scored it then, `spec` what it holds.
    """

    changed_at: datetime
    model: str
    previous: int | None
    score: int
    parts: list[Part]
    spec: ModelSpec
    version: ModelVersion


def score_steps(lead: Lead, *, limit: int = 200) -> list[ScoreStep]:
    """The latest changes of a lead's scores, newest first, each with the lines whose points differ from before."""
    changes = list(ScoreChange.objects.filter(lead=lead).order_by("-changed_at", "-id")[: limit + 1])[::-1]
    whole = len(changes) <= limit
    versions = ModelVersion.objects.in_bulk({change.version_id for change in changes})
    specs = {pk: spec_of(version) for pk, version in versions.items()}
    before: dict[int, dict[Line, Part]] = {}
    steps: list[ScoreStep] = []
    for change in changes:
        spec = specs[change.version_id]
        given = _lines(spec, change)
        if not whole and change.model_id not in before:
            # What it was made of before lies further back than we look: nothing to compare with.
            before[change.model_id] = given
            continue
        parts = _differences(before.get(change.model_id, {}), given)
        before[change.model_id] = given
        version = versions[change.version_id]
        steps.append(ScoreStep(change.changed_at, spec.name, change.previous, change.score, parts, spec, version))
    return steps[::-1][:limit]


def _lines(spec: ModelSpec, change: ScoreChange) -> dict[Line, Part]:
    """What a score was made of then."""
    given: dict[Line, Part] = {}
    for rule, points in zip(spec.rules, change.points, strict=True):
        given[rule.id, None, ""] = Part(rule.id, rule.name, points, 0, "")
    for cut, part in cut_parts(spec, change.cuts):
        group = spec.groups[cut.place].name if cut.kind == CutKind.GROUP else ""
        given[part.rule_id, cut.kind, group] = replace(part, words="")
    return given


def _differences(before: dict[Line, Part], given: dict[Line, Part]) -> list[Part]:
    """What each line gives more or less than before, the largest first: the change of the score. What a new version
    no longer has is told too.
    """
    parts = []
    for line, part in (before | given).items():
        now = given[line].points if line in given else 0
        then = before[line].points if line in before else 0
        if now != then:
            parts.append(replace(part, points=now - then))
    return sorted(parts, key=lambda part: -abs(part.points))
