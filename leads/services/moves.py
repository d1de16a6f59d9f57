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
from leads.assignment.occasions import offer
from leads.assignment.responses import answered, stop
from leads.assignment.rules import occasion_of_stage
from leads.errors import FieldsMissing, ReasonMissing, RecordGone, StageIsFull, StageMoveRefused
from leads.models import Cause, Lead, LeadEvent, StageChange
from leads.process_stages import ProcessStages
from leads.services.entering import entered
from leads.services.events import event
from leads.services.gates import missing_in, processes_of
from leads.services.room import room_in, take_room
from leads.stage_fields import Field
from leads.stages import Stage, is_forward

CHUNK = 1000
"""Leads per round of statements: lock, update, history, outbox."""

NOT_READY: dict[str, Any] = {
    "sales_ready": False,
    "sales_ready_at": None,
    "ready_hold": True,
    "accepted_at": None,
    "accepted_by": None,
}

NEEDED = (
    *("stage", "stage_entered_at", "status", "process_state", "sales_ready", "contact_id", "process_id"),
    *("teleprospecting_ready", "teleprospecting_accepted"),
)
PAST_GATES = frozenset({Cause.SALES_READY_BY_SCORE, Cause.SALES_READY_BY_HAND})
"""What is sales ready goes to Sales acceptance whatever the stages before it require."""


BY_PEOPLE = frozenset({Cause.PERSON, Cause.TICKED, Cause.SALES_READY_BY_HAND})
"""What a person may have done: then stages that are full refuse it."""

AS_IN_CODE = ProcessStages({})


def move_leads(ids: Sequence[int], to: str, *, actor: User | None = None, cause: str, reason: str = "") -> list[int]:
    """Move leads to stage `to`; the ids that moved, in order.

    Locks the rows in id order, asks the machine, and writes stage, history and outbox in one transaction. A person
    moving one lead is told why it cannot (StageMoveRefused, RecordGone, ReasonMissing when going back); of many, and
    for automation, those that cannot move stay without a word: never a closed one, by automation never backwards.
    A move forward needs the fields that the stage requires (FieldsMissing), unless the lead became sales ready.
    A person moves none into a stage that holds as many leads as its process lets it, neither by a tick nor by setting a
    lead sales ready (StageIsFull).
    A sales-ready lead that goes back is no longer sales ready, and scores leave it alone for now; what was ticked to
    send it on from there is ticked no more.
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
        answered(moved, by=actor)
        offer(moved, occasion_of_stage(target))
    return moved


def _lock(ids: list[int]) -> list[Lead]:
    locked = Lead.objects.alive().filter(pk__in=ids).select_for_update(no_key=True, of=("self",))
    return list(locked.only(*NEEDED).order_by("pk"))


def _move(leads: list[Lead], target: Stage, *, actor: User | None, cause: str, reason: str, told: bool) -> list[int]:
    now = timezone.now()
    changes = []
    unready, unticked = [], []
    past_gates = cause in PAST_GATES
    limited = cause == Cause.PERSON or (cause in BY_PEOPLE and actor is not None)
    processes = {} if past_gates and target == Stage.SALES_ACCEPTANCE and not limited else processes_of(leads)
    going_on = [one for one in leads if _goes_on(one, target)]
    lacking = {} if past_gates else missing_in(going_on, processes)
    room = room_in(going_on, processes, target) if limited else {}
    for lead in leads:
        source = lead.stage
        try:
            stages = processes.get(lead.process_id, AS_IN_CODE)
            by_person = cause == Cause.PERSON
            _step(lead, target, stages, lacking.get(lead.pk, []), by_person=by_person, reason=reason)
            if is_forward(source, target):
                take_room(lead, target, stages, room)
        except StageMoveRefused as refused:
            if told or (cause != Cause.PERSON and isinstance(refused, StageIsFull)):
                raise
            continue
        if not is_forward(source, target):
            if lead.sales_ready:
                unready.append(lead.pk)
            if lead.teleprospecting_ready or lead.teleprospecting_accepted:
                unticked.append(lead.pk)
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
        stop(unready, now)
        Lead.objects.filter(pk__in=unready).update(**NOT_READY, version=F("version") + 1)
        LeadEvent.objects.bulk_create([event(pk, LeadEvent.Kind.READY_CLEARED, actor, reason, now) for pk in unready])
    if unticked:
        Lead.objects.filter(pk__in=unticked).update(**_ticks_ahead(target), version=F("version") + 1)
    StageChange.objects.bulk_create(changes)
    OutboxEvent.objects.bulk_create([_event(change, now) for change in changes])
    there = set(moved)
    entered([lead for lead in leads if lead.pk in there], target, by=actor, known=processes)
    return moved


def _ticks_ahead(target: Stage) -> dict[str, bool]:
    """The ticks that would send a lead on again from where it was moved back to."""
    if is_forward(Stage.MARKETING_QUALIFICATION, target):
        return {"teleprospecting_accepted": False} if target == Stage.TELEPROSPECTING_ACCEPTANCE else {}
    return {"teleprospecting_ready": False, "teleprospecting_accepted": False}


def _goes_on(lead: Lead, target: Stage) -> bool:
    return lead.process_runs and lead.stage != target and is_forward(lead.stage, target)


def _step(
    lead: Lead, target: Stage, stages: ProcessStages, lacking: list[Field], *, by_person: bool, reason: str
) -> None:
    """Ask process and machine for one move, in memory. Raises StageMoveRefused, or ReasonMissing for a step back."""
    if lead.stage == target:
        raise StageMoveRefused(lead.pk, target, "it is there already")
    if not lead.is_open:
        raise StageMoveRefused(lead.pk, target, "it is closed")
    if not lead.process_runs:
        state = lead.get_process_state_display().lower()
        raise StageMoveRefused(lead.pk, target, f"its process is {state}; reactivate it first")
    if not stages.uses(target):
        raise StageMoveRefused(lead.pk, target, "its process does not use that stage")
    back = not is_forward(lead.stage, target)
    if back and not by_person:
        raise StageMoveRefused(lead.pk, target, "only a person moves a lead back")
    if back and not reason:
        raise ReasonMissing("send the lead back")
    source = lead.stage
    try:
        if back:
            lead.go_back(target)
        else:
            _forward(lead, target, stages)
    except TransitionNotAllowed:
        raise StageMoveRefused(lead.pk, target, _why_not(lead, target, stages)) from None
    if lacking:
        fields = [(field.name, field.label) for field in lacking]
        raise FieldsMissing(lead.pk, target, stages.name_of(source), fields)


def _forward(lead: Lead, target: Stage, stages: ProcessStages) -> None:
    if target not in {Stage.SALES_ACCEPTANCE, stages.following(lead.stage)}:
        raise StageMoveRefused(lead.pk, target, _why_not(lead, target, stages))
    step = {
        Stage.MARKETING_QUALIFICATION: lead.begin_qualification,
        Stage.TELEPROSPECTING_ACCEPTANCE: lead.hand_to_teleprospecting,
        Stage.TELEPROSPECTING_QUALIFICATION: lead.accept_for_teleprospecting,
        Stage.SALES_ACCEPTANCE: lead.hand_to_sales,
    }[target]
    step()


def _why_not(lead: Lead, target: Stage, stages: ProcessStages) -> str:
    if target == Stage.SALES_ACCEPTANCE and not lead.sales_ready:
        return "it is not sales ready"
    following = stages.following(lead.stage)
    return f"after {stages.name_of(lead.stage)} comes {stages.name_of(following) if following else 'nothing'}"


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
