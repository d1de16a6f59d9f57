"""How a lead was before what followed from a call, and after: kept with the call while it can be taken back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import models
from django.db.models import Max

from contacts.models import User
from leads.models import CallLater, FirstResponse, Lead, LeadEvent, Notice, StageChange, Task

OF_ITS_LIFE = (
    *("stage", "stage_entered_at", "process_state", "process_ended_at", "status", "status_reason_id"),
    *("closed_at", "close_reason", "sales_ready", "sales_ready_at", "ready_hold", "accepted_at", "accepted_by_id"),
    *("owner_id", "respond_by", "responded_at"),
)
"""What a call, and what follows from it, may change on a lead, and nobody else without an event of it."""
ALSO = ("team_id", "territory_id", "priority", "rating", "teleprospecting_ready", "teleprospecting_accepted")
"""What rules and moves change too, and people may as well: put back only where nobody has changed it since."""
OF_TASKS = ("owner_id", "queue", "state", "remind_at", "done_at", "done_by_id", "went_with_lead")
OF_WAITS = ("person_id", "why", "due_at", "reason", "number", "said_by_id")
OF_CLOCKS = tuple(field.attname for field in FirstResponse._meta.concrete_fields if field.attname != "lead_id")

State = dict[str, Any]


def state_of(lead_id: int, by: User) -> State:
    """What a call may change, as JSON: the lead, its clock, its tasks, its waits, and how far its history had come."""
    clock = FirstResponse.objects.filter(lead=lead_id).values(*OF_CLOCKS).first()
    waits = CallLater.objects.filter(models.Q(person=by) | models.Q(person=None), lead=lead_id)
    tasks = Task.objects.filter(lead=lead_id).order_by("pk")
    return {
        "lead": _plain(Lead.objects.filter(pk=lead_id).values(*OF_ITS_LIFE, *ALSO).get()),
        "clock": _plain(clock) if clock else None,
        "tasks": {str(pk): _plain(row) for pk, row in _by_id(tasks.values("pk", *OF_TASKS))},
        "waits": [_plain(row) for row in waits.order_by("pk").values(*OF_WAITS)],
        "last": {
            "event": _last(LeadEvent.objects.filter(lead=lead_id)),
            "move": _last(StageChange.objects.filter(lead=lead_id)),
            "task": _last(tasks),
            "notice": _last(Notice.objects.filter(lead_ids__contains=[lead_id])),
        },
    }


def values_of(model: type[models.Model], kept: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The columns `names` of a kept row, as the database takes them."""
    columns = {field.attname: field for field in model._meta.concrete_fields}
    return {name: columns[name].to_python(kept[name]) for name in names}


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime | date) else value for name, value in row.items()}


def _by_id(rows: Iterable[dict[str, Any]]) -> Iterable[tuple[int, dict[str, Any]]]:
    return ((row.pop("pk"), row) for row in rows)


def _last(rows: Any) -> int:
    return int(rows.aggregate(last=Max("pk"))["last"] or 0)
