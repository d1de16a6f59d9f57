"""The four stages of one opportunity as a bar: been there and for how long, now, still to come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from leads.models import Opportunity, OpportunityEvent
from leads.opportunities.chances import Settings
from leads.opportunities.stages import PIPELINE, OpportunityStage


@dataclass(frozen=True)
class Step:
    """`state` is done, skip, now, closed or todo; `lasted` how long it has been there in all."""

    stage: OpportunityStage
    state: str
    probability: int
    lasted: timedelta | None = None


def steps(one: Opportunity, settings: Settings) -> list[Step]:
    """One step a stage, in order. One query."""
    lasted: dict[str, timedelta] = {}
    left = OpportunityEvent.objects.filter(opportunity=one, entered_at__isnull=False)
    for stage, entered, moved, kind in left.values_list("from_stage", "entered_at", "happened_at", "kind"):
        # The time it was closed is no time in a stage.
        if entered is not None and kind != OpportunityEvent.Kind.REOPENED:
            lasted[stage] = lasted.get(stage, timedelta()) + max(moved - entered, timedelta())
    here = PIPELINE.index(OpportunityStage(one.stage))
    found = []
    for place, stage in enumerate(PIPELINE):
        been = lasted.get(stage)
        if place == here and one.is_open:
            been = (been or timedelta()) + (timezone.now() - one.stage_entered_at)
        state = ("now" if one.is_open else "closed") if place == here else "done" if been else _untouched(place, here)
        found.append(Step(stage, state, settings[stage].probability, been))
    return found


def _untouched(place: int, here: int) -> str:
    return "skip" if place < here else "todo"
