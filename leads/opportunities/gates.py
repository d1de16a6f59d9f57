"""What a stage of the pipeline asks for before an opportunity enters it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from leads.models import Opportunity, PipelineStage
from leads.opportunities.stages import PIPELINE, REQUIRABLE, Forecast, OpportunityStage


@dataclass(frozen=True)
class StageSettings:
    """A stage as the workspace has it. `required` in the order in which a form asks for it."""

    stage: OpportunityStage
    probability: int
    forecast: Forecast
    required: tuple[str, ...]


def pipeline_settings() -> dict[str, StageSettings]:
    """All four stages by name, in order. One query."""
    stored = {row.stage: row for row in PipelineStage.objects.all()}
    found = {}
    for stage in PIPELINE:
        row = stored[stage]
        required = tuple(name for name in REQUIRABLE if name in row.required)
        found[str(stage)] = StageSettings(stage, row.probability, Forecast(row.forecast), required)
    return found


def missing_before(opportunity: Opportunity, target: str, settings: dict[str, StageSettings]) -> list[tuple[str, str]]:
    """What must still be known before it enters `target`, also for the stages before: (name, label) each."""
    passed = PIPELINE[: PIPELINE.index(OpportunityStage(target)) + 1]
    wanted = {name for stage in passed for name in settings[str(stage)].required}
    return [(name, label) for name, label in REQUIRABLE.items() if name in wanted and is_missing(opportunity, name)]


def is_missing(opportunity: Opportunity, name: str) -> bool:
    """Whether nothing is said under `name`; a value of nothing at all is said."""
    attribute = f"{name}_id" if opportunity._meta.get_field(name).is_relation else name
    value: Any = getattr(opportunity, attribute)
    return value is None or value == ""
