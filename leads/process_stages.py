"""What a process says of each of the five stages, read from the JSON that its row keeps.

Stored: {stage: {"name", "used", "fields": [{"name", "required"}], "hours", "task": {"title", "role", "days"}, "most",
"most_refuses"}}. What is not there is as the stage is in code: used, with its own name, without fields, limits and
task.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from leads.stages import ORDER, Stage

OPTIONAL = frozenset({Stage.TELEPROSPECTING_ACCEPTANCE, Stage.TELEPROSPECTING_QUALIFICATION})
"""The stages that a process may leave out."""


@dataclass(frozen=True)
class StageField:
    """A field of a stage's menu, by its name in leads.stage_fields; a required one is filled before "next"."""

    name: str
    required: bool = False


@dataclass(frozen=True)
class StageTask:
    """The task that entering a stage generates: for the lead's owner or, named, for a role; due after so many days."""

    title: str = ""
    role: str = ""
    days: int = 0


@dataclass(frozen=True)
class StageSettings:
    """One stage in one process. `limit` is how long a lead should be there at most; `most` how many leads should be
    there at once, and `most_refuses` that people move no more into it, instead of being warned.
    """

    stage: Stage
    name: str
    used: bool = True
    fields: tuple[StageField, ...] = ()
    limit: timedelta | None = None
    task: StageTask = StageTask()
    most: int | None = None
    most_refuses: bool = False

    @property
    def required(self) -> list[str]:
        """Nothing, where the stage is not used: its menu is not shown, and a lead left there goes on."""
        return [field.name for field in self.fields if field.required] if self.used else []


class ProcessStages:
    """The five stages as one process has them."""

    def __init__(self, stored: Mapping[str, Any]) -> None:
        self._of = {stage: _read(stage, stored.get(stage.value, {})) for stage in ORDER}

    def of(self, stage: str) -> StageSettings:
        return self._of[Stage(stage)]

    def all(self) -> list[StageSettings]:
        """In order, unused ones too."""
        return list(self._of.values())

    def name_of(self, stage: str) -> str:
        return self.of(stage).name

    def uses(self, stage: str) -> bool:
        return self.of(stage).used

    def following(self, stage: str) -> Stage | None:
        """The stage that comes next, if there is one."""
        later = ORDER[ORDER.index(Stage(stage)) + 1 :]
        return next((each for each in later if self.uses(each)), None)

    def earlier(self, stage: str) -> list[Stage]:
        """The stages a lead may go back to, the nearest first."""
        return [each for each in reversed(ORDER[: ORDER.index(Stage(stage))]) if self.uses(each)]


def _read(stage: Stage, stored: Mapping[str, Any]) -> StageSettings:
    hours = stored.get("hours")
    return StageSettings(
        stage,
        stored.get("name") or stage.label,
        stage not in OPTIONAL or stored.get("used", True),
        tuple(StageField(field["name"], field.get("required", False)) for field in stored.get("fields", [])),
        timedelta(hours=hours) if hours else None,
        StageTask(**stored.get("task", {})),
        stored.get("most") or None,
        stored.get("most_refuses", False),
    )


def to_json(stages: Iterable[StageSettings]) -> dict[str, Any]:
    """What a process's row keeps of these."""
    return {
        one.stage.value: {
            "name": "" if one.name == one.stage.label else one.name,
            "used": one.used,
            "fields": [{"name": field.name, "required": field.required} for field in one.fields],
            "hours": int(one.limit.total_seconds() // 3600) if one.limit else None,
            "task": {"title": one.task.title, "role": one.task.role, "days": one.task.days},
            "most": one.most,
            "most_refuses": one.most_refuses,
        }
        for one in stages
    }
