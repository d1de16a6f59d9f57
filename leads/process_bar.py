"""The five stages of one lead as a bar: done and for how long, skipped, now and since when, still to come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from leads.models import Lead, StageChange
from leads.stages import ORDER, Stage


@dataclass(frozen=True)
class Step:
    """`state` is done, skip, now, closed or todo; `lasted` how long it has been there in all."""

    stage: Stage
    state: str
    lasted: timedelta | None = None
    name: str = ""
    limit: timedelta | None = None

    @property
    def is_late(self) -> bool:
        """Whether an open lead is here for longer than the process allows."""
        return bool(self.state == "now" and self.limit and self.lasted and self.lasted > self.limit)


def steps(lead: Lead) -> list[Step]:
    """One step a stage, in order. One query."""
    lasted: dict[str, timedelta] = {}
    changes = StageChange.objects.filter(lead=lead).values_list("from_stage", "entered_at", "moved_at")
    for stage, entered, left in changes:
        lasted[stage] = lasted.get(stage, timedelta()) + max(left - entered, timedelta())
    here = ORDER.index(Stage(lead.stage))
    until = lead.closed_at if lead.closed_at and not lead.is_open else timezone.now()
    return [_step(lead, place, here, lasted, until - lead.stage_entered_at) for place in range(len(ORDER))]


def _step(lead: Lead, place: int, here: int, lasted: dict[str, timedelta], now: timedelta) -> Step:
    settings = lead.stages.of(ORDER[place])
    stage, name = settings.stage, settings.name
    if place == here:
        return Step(stage, "now" if lead.is_open else "closed", now, name, settings.limit)
    if place > here:
        return Step(stage, "todo" if settings.used else "skip", name=name)
    return Step(stage, "done", lasted[stage], name) if stage in lasted else Step(stage, "skip", name=name)
