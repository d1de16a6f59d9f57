"""The five stages of one lead as a bar: done and for how long, skipped, now and since when, still to come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from contacts.forms import CUSTOM
from contacts.models import Entity, User
from leads.actions import ACTIONS, Action
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
    back: bool = False
    """Whether its lead may be moved back to here."""

    @property
    def lacking(self) -> list[Shown]:
        return [] if self.is_ahead else [shown for shown in self.fields if shown.lacks]

    @property
    def is_edited(self) -> bool:
        return any(shown.where == "stage" for shown in self.fields)


def menus(lead: Lead) -> list[Menu]:
    """The menu of each stage that the process uses, in order. No query, but one where a custom field is shown."""
    used = [one for one in lead.stages.all() if one.used]
    earlier = set(lead.stages.earlier(lead.stage)) if lead.process_runs else set()
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
            one.stage in earlier,
        )
        for one in used
    ]


@dataclass(frozen=True)
class Box:
    """Something of the process that is ticked or not, and the `action` that turns it; None when that cannot be."""

    label: str
    is_ticked: bool
    action: Action | None


def boxes(lead: Lead, user: User) -> list[Box]:
    """Teleprospecting ready and accepted, as far as the process uses those stages; sales ready; accepted by sales."""
    pairs = [("sales-ready", lead.sales_ready, "ready", "clear-ready")]
    for tick, stage in (("ready", "acceptance"), ("accepted", "qualification")):
        if lead.stages.uses(f"teleprospecting_{stage}"):
            name = f"teleprospecting-{tick}"
            pairs.insert(-1, (name, getattr(lead, f"teleprospecting_{tick}"), name, f"{name}-not"))
    pairs.append(("sales-accepted", lead.accepted_at is not None, "accept", "return"))
    return [
        Box(label.replace("-", " ").capitalize(), ticked, _usable(ACTIONS[off if ticked else on], lead, user))
        for label, ticked, on, off in pairs
    ]


def _usable(action: Action, lead: Lead, user: User) -> Action | None:
    return action if action.may(user, lead) and action.when(lead) else None


def needs(lead: Lead, shown: Sequence[Menu]) -> list[tuple[Menu, list[Shown]]]:
    """What an open lead would still need to reach the last stage step by step: the required fields that are missing,
    stage by stage. Sales ready goes past them all.
    """
    if not lead.process_runs:
        return []
    before = [menu for menu in shown if (menu.is_now or menu.is_ahead) and menu.stage != ORDER[-1]]
    return [(menu, missing) for menu in before if (missing := [one for one in menu.fields if one.lacks])]


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
    changes = StageChange.objects.counted().filter(lead=lead).values_list("from_stage", "entered_at", "moved_at")
    for stage, entered, left in changes:
        lasted[stage] = lasted.get(stage, timedelta()) + max(left - entered, timedelta())
    here = ORDER.index(Stage(lead.stage))
    ended = lead.process_ended_at if lead.is_open else lead.closed_at
    until = ended or timezone.now()
    return [_step(lead, place, here, lasted, until - lead.stage_entered_at) for place in range(len(ORDER))]


def _step(lead: Lead, place: int, here: int, lasted: dict[str, timedelta], now: timedelta) -> Step:
    settings = lead.stages.of(ORDER[place])
    stage, name = settings.stage, settings.name
    if place == here:
        return Step(stage, "now" if lead.process_runs else "closed", now, name, settings.limit)
    if place > here:
        return Step(stage, "todo" if settings.used else "skip", name=name)
    return Step(stage, "done", lasted[stage], name) if stage in lasted else Step(stage, "skip", name=name)
