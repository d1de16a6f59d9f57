"""The one way a lead moves from stage to stage."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django_fsm import TransitionNotAllowed

from contacts.models import OutboxEvent, User
from leads.errors import ReasonMissing, RecordGone, StageMoveRefused
from leads.models import Cause, Lead, LeadEvent, StageChange
from leads.services.events import event
from leads.stages import ORDER, Stage, is_forward

CHUNK = 1000
"""Leads per round of statements: lock, update, history, outbox."""

NOT_READY: dict[str, Any] = {
    "sales_ready": False,
    "sales_ready_at": None,
    "ready_hold": True,
    "accepted_at": None,
    "accepted_by": None,
}

NEEDED = ("stage", "stage_entered_at", "status", "sales_ready", "contact_id")


def move_leads(ids: Sequence[int], to: str, *, actor: User | None = None, cause: str, reason: str = "") -> list[int]:
    """Move leads to stage `to`; the ids that moved, in order.

    Locks the rows in id order, asks the machine, and writes stage, history and outbox in one transaction. A person
    moving one lead is told why it cannot (StageMoveRefused, RecordGone, ReasonMissing when going back); of many, and
    for automation, those that cannot move stay without a word: never a closed one, by automation never backwards.
    A sales-ready lead that goes back is no longer sales ready, and scores leave it alone for now.
    """
    target = Stage(to)
    told = cause == Cause.PERSON and len(ids) == 1
    moved: list[int] = []
    with transaction.atomic():
        ordered = sorted(set(ids))
        for start in range(0, len(ordered), CHUNK):
            leads = _lock(ordered[start : start + CHUNK])
            if told and not leads:
                raise RecordGone("lead", ordered[0])
            moved += _move(leads, target, actor=actor, cause=cause, reason=reason.strip(), told=told)
    return moved


def _lock(ids: list[int]) -> list[Lead]:
    locked = Lead.objects.alive().filter(pk__in=ids).select_for_update(no_key=True, of=("self",))
    return list(locked.only(*NEEDED).order_by("pk"))


def _move(leads: list[Lead], target: Stage, *, actor: User | None, cause: str, reason: str, told: bool) -> list[int]:
    now = timezone.now()
    changes = []
    unready = []
    for lead in leads:
        source = lead.stage
        try:
            _step(lead, target, by_person=cause == Cause.PERSON, reason=reason)
        except StageMoveRefused:
            if told:
                raise
            continue
        if lead.sales_ready and not is_forward(source, target):
            unready.append(lead.pk)
        changes.append(
            StageChange(
                lead_id=lead.pk,
                from_stage=source,
                to_stage=target,
                cause=cause,
                actor=actor,
                reason=reason[:300],
                entered_at=lead.stage_entered_at,
                moved_at=now,
            )
        )
    if not changes:
        return []
    moved = [change.lead_id for change in changes]
    # The machine has agreed to every one of these locked rows; they all get the same values, so one statement does.
    Lead.objects.filter(pk__in=moved).update(stage=target, stage_entered_at=now, updated_at=now)
    if unready:
        Lead.objects.filter(pk__in=unready).update(**NOT_READY, version=F("version") + 1)
        LeadEvent.objects.bulk_create([event(pk, LeadEvent.Kind.READY_CLEARED, actor, reason, now) for pk in unready])
    StageChange.objects.bulk_create(changes)
    OutboxEvent.objects.bulk_create([_event(change, now) for change in changes])
    return moved


def _step(lead: Lead, target: Stage, *, by_person: bool, reason: str) -> None:
    """Ask the machine for one move, in memory. Raises StageMoveRefused, or ReasonMissing for a step back."""
    if lead.stage == target:
        raise StageMoveRefused(lead.pk, target, "it is there already")
    if not lead.is_open:
        raise StageMoveRefused(lead.pk, target, "it is closed")
    back = not is_forward(lead.stage, target)
    if back and not by_person:
        raise StageMoveRefused(lead.pk, target, "only a person moves a lead back")
    if back and not reason:
        raise ReasonMissing("send the lead back")
    try:
        if back:
            lead.go_back(target)
        else:
            _forward(lead, target)
    except TransitionNotAllowed:
        raise StageMoveRefused(lead.pk, target, _why_not(lead, target)) from None


def _forward(lead: Lead, target: Stage) -> None:
    step = {
        Stage.MARKETING_QUALIFICATION: lead.begin_qualification,
        Stage.TELEPROSPECTING_ACCEPTANCE: lead.hand_to_teleprospecting,
        Stage.TELEPROSPECTING_QUALIFICATION: lead.accept_for_teleprospecting,
        Stage.SALES_ACCEPTANCE: lead.hand_to_sales,
    }[target]
    step()


def _why_not(lead: Lead, target: Stage) -> str:
    if target == Stage.SALES_ACCEPTANCE and not lead.sales_ready:
        return "it is not sales ready"
    following = ORDER[ORDER.index(Stage(lead.stage)) + 1]
    return f"after {Stage(lead.stage).label} comes {following.label}"


def _event(change: StageChange, now: datetime) -> OutboxEvent:
    return OutboxEvent(
        kind="lead.moved",
        payload={
            "lead_id": change.lead_id,
            "from": change.from_stage,
            "to": str(change.to_stage),
            "cause": change.cause,
            "actor_id": change.actor_id,
            "reason": change.reason,
            "moved_at": now.isoformat(),
        },
    )
