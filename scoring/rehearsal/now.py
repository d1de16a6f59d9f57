"""Open leads scored by several models at one moment. No score is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from leads.conditions import Vocabulary
from scoring.batch import Range
from scoring.definition import ModelSpec
from scoring.moments import At
from scoring.rehearsal.reading import rows_of
from scoring.rehearsal.tally import Tally

Verdict: TypeAlias = tuple[int, str, bool]
"""(score, grade, whether it reaches the threshold)."""


@dataclass
class Standing:
    """How the open leads stand under one model: by score and by grade, how many reach its threshold."""

    scores: Tally = field(default_factory=Tally)
    grades: dict[str, int] = field(default_factory=dict)
    ready: int = 0

    def add(self, verdict: Verdict) -> None:
        score, grade, reached = verdict
        self.scores.add(score)
        self.grades[grade] = self.grades.get(grade, 0) + 1
        self.ready += reached

    def as_json(self) -> dict[str, Any]:
        return {"scores": self.scores.as_json(), "grades": self.grades, "ready": self.ready}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Standing:
        return cls(Tally.from_json(data["scores"]), dict(data["grades"]), data["ready"])


def verdicts(
    specs: Sequence[ModelSpec], batch: Range, vocabulary: Vocabulary, now: datetime
) -> dict[int, list[Verdict | None]]:
    """What each of `specs` says of each lead that any of them scores, in the order of `specs`."""
    place = {spec.version_id: number for number, spec in enumerate(specs)}
    found: dict[int, list[Verdict | None]] = {}
    rows = rows_of(specs, batch, vocabulary, "lead_id, version_id, score, grade, reached", now=At(now))
    for lead_id, version_id, score, grade, reached in rows:
        found.setdefault(lead_id, [None] * len(specs))[place[version_id]] = (score, grade, reached)
    return found
