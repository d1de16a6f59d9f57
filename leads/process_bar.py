"""The five stages of one lead as a bar: done and for how long, skipped, now and since when, still to come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from contacts.forms import CUSTOM
from contacts.models import Entity
from leads.models import Lead, StageChange
from leads.stage_fields import Field, catalogue
from leads.stages import ORDER, Stage


@dataclass(frozen=True)
class Shown:
    """A field of a stage's menu as drawn. `where` says who can fill it in: stage, contact, account, or "" by an action.

    `lacks`: the stage requires it, and nothing is there.
    """

    field: Field
    words: str
    required: bool
    lacks: bool

    @property
    def where(self) -> str:
        if self.field.is_edited_here:
            return "stage"
        return "" if self.field.about == Entity.LEAD else self.field.about

    @property
    def input_id(self) -> str:
        """Where the stage's form has it."""
        return "id_" + (f"{CUSTOM}{self.field.key}" if self.field.custom else self.field.key)


@dataclass(frozen=True)
class Menu:
    """The fields of one stage that the process uses."""

    stage: Stage
    name: str
    fields: list[Shown]
    is_now: bool
    is_ahead: bool

    @property
    def lacking(self) -> list[Shown]:
        return [] if self.is_ahead else [shown for shown in self.fields if shown.lacks]

    @property
    def is_edited(self) -> bool:
        return any(shown.where == "stage" for shown in self.fields)


def menus(lead: Lead) -> list[Menu]:
    """The menu of each stage that shows fields, in order. No query, but one where a custom field is shown."""
    used = [one for one in lead.stages.all() if one.used and one.fields]
    fields = catalogue({field.name for one in used for field in one.fields})
    return [
        Menu(
            one.stage,
            one.name,
            [
                Shown(
                    fields[f.name],
                    fields[f.name].words(lead),
                    f.required,
                    f.required and fields[f.name].is_missing(lead),
                )
                for f in one.fields
                if f.name in fields
            ],
            one.stage == lead.stage,
            ORDER.index(one.stage) > ORDER.index(Stage(lead.stage)),
        )
        for one in used
    ]


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
